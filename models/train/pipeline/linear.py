"""A linear model over hashed character n-grams and words, and its file: the twin of src/domain/linear_text.rs.

Features (the same, byte for byte, in Rust): the text is NFKC, lower-cased, whitespace runs become one space, trimmed;
with `fold_digits` every ASCII digit becomes 0. Group 1: all distinct n-grams of 1…N characters of the text between two
spaces, key `c` + n-gram. Group 2: words (runs of ASCII letters, digits and apostrophes), key `w` + word, and neighbours,
key `b` + word + space + word. Group 3: flags given by the caller, key `x` + flag. Group 4, only
under the flag `context`: the n-grams of group 1 again, key `k` + n-gram. A key's bucket is FNV-1a 32 of its
UTF-8 bytes modulo the number of buckets; a group's buckets are a set, each worth 1/sqrt(size of the set), and 1 in
group 3. Scores are (bias + sum of value · weight) / temperature, probabilities their softmax.
FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/. Calibration by one temperature: Guo et al. 2017, arXiv:1706.04599.
"""

import re
import struct
import unicodedata
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

MAGIC = b"DGLT"
CROSSED = "context"  # the flag under which n-grams are counted once more, apart
WORD = re.compile(r"[a-z0-9']+")


def normalise(text: str, fold_digits: bool) -> str:
    text = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    return re.sub(r"[0-9]", "0", text) if fold_digits else text


def fnv1a(key: bytes) -> int:
    """FNV-1a, 32 bits."""
    value = 0x811C9DC5
    for byte in key:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


class Hasher:
    """Turns texts into sparse rows."""

    def __init__(self, buckets: int, longest: int, fold_digits: bool):
        self.buckets, self.longest, self.fold_digits = buckets, longest, fold_digits
        self._known: dict[str, int] = {}

    def bucket(self, key: str) -> int:
        found = self._known.get(key)
        if found is None:
            found = fnv1a(key.encode("utf-8")) % self.buckets
            self._known[key] = found
        return found

    def groups(self, text: str, flags=()) -> list[tuple[set[int], float]]:
        text = normalise(text, self.fold_digits)
        grams = self.grams("c", text)
        words = WORD.findall(text)
        terms = {self.bucket("w" + word) for word in words}
        terms |= {self.bucket(f"b{a} {b}") for a, b in zip(words, words[1:])}
        crossed = self.grams("k", text) if CROSSED in flags else set()
        shared = [(group, 1 / max(len(group), 1) ** 0.5) for group in (grams, terms, crossed)]
        return [*shared, ({self.bucket("x" + flag) for flag in flags}, 1.0)]

    def grams(self, kind: str, text: str) -> set[int]:
        padded = f" {text} "
        return {self.bucket(kind + padded[i:i + n])
                for n in range(1, self.longest + 1) for i in range(len(padded) - n + 1)}

    def rows(self, texts, flags=None) -> csr_matrix:
        """One row a text; buckets that groups share are summed."""
        data, columns, starts = [], [], [0]
        for index, text in enumerate(texts):
            for group, value in self.groups(text, flags[index] if flags else ()):
                columns.extend(sorted(group))
                data.extend([value] * len(group))
            starts.append(len(columns))
        shape = (len(starts) - 1, self.buckets)
        rows = csr_matrix((np.array(data, np.float32), np.array(columns, np.int32), np.array(starts)), shape=shape)
        rows.sum_duplicates()
        return rows


class LinearText:
    """Weights, biases, temperature and the names of the classes."""

    def __init__(self, hasher: Hasher, labels: list[str], weights: np.ndarray, bias: np.ndarray, temperature=1.0):
        self.hasher, self.labels, self.temperature = hasher, labels, float(temperature)
        self.weights, self.bias = weights.astype(np.float32), bias.astype(np.float32)

    def scores(self, rows: csr_matrix) -> np.ndarray:
        return (rows @ self.weights.T + self.bias) / self.temperature

    def probabilities(self, rows: csr_matrix) -> np.ndarray:
        scores = self.scores(rows)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def quantised(self) -> "LinearText":
        """The same with each class's weights as steps of 1/127 of its largest, as the file keeps them."""
        scales = np.abs(self.weights).max(axis=1) / 127
        scales[scales == 0] = 1
        steps = np.round(self.weights / scales[:, None]).clip(-127, 127)
        found = LinearText(self.hasher, self.labels, steps * scales[:, None], self.bias, self.temperature)
        found.scales, found.steps = scales.astype(np.float32), steps.astype(np.int8)
        return found

    def write(self, path: Path) -> None:
        """Writes the file: see ../README.md, "A linear model's file"."""
        model = self.quantised()
        names = "\n".join(self.labels).encode("utf-8")
        head = struct.pack("<4sIIIBBHf", MAGIC, 1, self.hasher.buckets, len(self.labels), self.hasher.longest,
                           int(self.hasher.fold_digits), len(names), self.temperature)
        body = [head, names, model.bias.astype("<f4").tobytes(), model.scales.astype("<f4").tobytes(),
                np.ascontiguousarray(model.steps.T).tobytes()]
        path.write_bytes(b"".join(body))


def fit(hasher: Hasher, labels: list[str], rows: csr_matrix, targets: np.ndarray, weights=None, c=8.0) -> LinearText:
    """Multinomial logistic regression with an L2 penalty; features weighted by log inverse document frequency, which is
    then folded into the weights, so that the reader needs no table of frequencies."""
    counts = np.asarray((rows > 0).sum(axis=0)).ravel()
    rarity = np.log((1 + rows.shape[0]) / (1 + counts)) / np.log(1 + rows.shape[0])
    rarity = np.where(counts > 0, np.clip(rarity * 2, 0.2, None), 0).astype(np.float32)
    seen = np.flatnonzero(counts >= 2)
    scaled = rows.multiply(rarity[None, :]).tocsr()[:, seen]
    found = LogisticRegression(C=c, max_iter=200, tol=1e-3).fit(scaled, targets, sample_weight=weights)
    coefficients, bias = found.coef_, found.intercept_
    if len(labels) == 2:
        coefficients, bias = np.vstack([-coefficients, coefficients]) / 2, np.concatenate([-bias, bias]) / 2
    full = np.zeros((len(labels), hasher.buckets), np.float32)
    full[:, seen] = coefficients * rarity[seen]
    return LinearText(hasher, labels, full, bias)


def calibrate(model: LinearText, rows: csr_matrix, targets: np.ndarray) -> None:
    """Sets the temperature that makes the held-out targets most likely."""
    model.temperature = 1.0
    scores = model.scores(rows)

    def loss(temperature: float) -> float:
        scaled = scores / temperature
        top = scaled.max(axis=1)
        return float(np.mean(np.log(np.exp(scaled - top[:, None]).sum(axis=1)) + top
                             - scaled[np.arange(len(targets)), targets]))

    model.temperature = float(minimize_scalar(loss, bounds=(0.1, 5), method="bounded").x)


def calibration_error(probabilities: np.ndarray, targets: np.ndarray, bins=10) -> float:
    """Expected calibration error over equal-width bins of the top probability (Guo et al. 2017)."""
    top, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    places = np.minimum((top * bins).astype(int), bins - 1)
    return float(sum(abs(right[places == b].mean() - top[places == b].mean()) * (places == b).mean()
                     for b in range(bins) if (places == b).any()))
