"""Trains the matcher: how well a passage of policies, or a line of a listing, answers a question; and how alike two questions are.

A text is words with vectors e and weights a = softplus(α), and hashed pairs of words with vectors g. Pooled,

    h = normalise( Σ a·e / Σ a + mean g )        z = normalise( h + B₂ gelu(B₁ h) )

with one pair (B₁, B₂) for questions and one for texts. The score of a text with a heading is

    s₁ (2 z_q·z_text + z_q·z_heading) + s₂ near(q, text) + s₃ near(q, heading)
    near(q, t) = Σ_{w in q} a_w max_{v in t} cos(M e_w, M e_v) / Σ a_w

the last as in ColBERT (Khattab & Zaharia 2020, arXiv:2004.12832), the pooling as in fastText (Joulin et al. 2016, arXiv:1607.01759).
and the score of there being no answer is u·z_q + b. Trained by softmax over the texts of one shop or product and no answer, words of
questions dropped at random, word vectors kept near where they began. What it learned from: questions.py, word_vectors.py. Twin of src/domain/matcher.

`python -m pipeline.matcher` writes ../matcher.bin and prints how often the first choice is right on what was left out, and how well no answer is told; with `--all` nothing
is left out, which is what ships.
"""

import argparse
import json
import random
import struct
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from .linear import fnv1a
from .questions import Source, chat, listings, sample_shop, shops
from .segment import tokens
from .word_vectors import WIDTH, drawn_vectors, word_vectors

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parents[1]
BUCKETS, HIDDEN, LEFT_OUT = 2**14, 96, 5


class Bag:
    """Texts as one list of words and one of hashed pairs, each with the text that it belongs to."""

    def __init__(self, texts: list[tuple[list[int], list[int]]]):
        self.count = len(texts)
        self.words = torch.tensor([word for words, _ in texts for word in words], dtype=torch.long)
        self.of = torch.tensor([place for place, (words, _) in enumerate(texts) for _ in words], dtype=torch.long)
        self.pairs = torch.tensor([pair for _, pairs in texts for pair in pairs], dtype=torch.long)
        self.pairs_of = torch.tensor([place for place, (_, pairs) in enumerate(texts) for _ in pairs], dtype=torch.long)


class Reader:
    """Turns texts into places of words and buckets of pairs."""

    def __init__(self, words: list[str], ranks: np.ndarray):
        self.places = {word: place for place, word in enumerate(words)}
        self.ranks = {word: int(rank) for word, rank in zip(words, ranks) if "\u4e00" <= word[0] <= "\u9fff"}

    def read(self, text: str) -> tuple[list[int], list[int]]:
        found = tokens(text, self.ranks)
        words = [self.places[word] for word in found if word in self.places]
        keys = {word for word in found if word not in self.places} | {f"{one} {other}" for one, other in zip(found, found[1:])}
        return words, sorted({fnv1a(key.encode()) % BUCKETS for key in keys})

    def bag(self, texts: list[str]) -> Bag:
        return Bag([self.read(text) for text in texts])


class Matcher(torch.nn.Module):
    def __init__(self, vectors: np.ndarray, ranks: np.ndarray):
        super().__init__()
        self.began = torch.tensor(vectors)
        self.vectors = torch.nn.Parameter(self.began.clone())
        self.weights = torch.nn.Parameter(0.35 * torch.log1p(torch.tensor(ranks).float()) - 2)
        self.pairs = torch.nn.Parameter(torch.zeros(BUCKETS, WIDTH))
        self.near = torch.nn.Parameter(torch.eye(WIDTH))
        self.inner = torch.nn.ModuleDict({side: torch.nn.Linear(WIDTH, HIDDEN) for side in ("question", "text")})
        self.outer = torch.nn.ModuleDict({side: torch.nn.Linear(HIDDEN, WIDTH) for side in ("question", "text")})
        for layer in self.outer.values():
            torch.nn.init.zeros_(layer.weight)
            torch.nn.init.zeros_(layer.bias)
        self.scales = torch.nn.Parameter(torch.tensor([4.0, 6.0, 2.0]))
        self.none = torch.nn.Linear(WIDTH, 1)
        torch.nn.init.zeros_(self.none.weight)

    def pooled(self, bag: Bag, side: str, drop: float = 0.0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        vectors, weights = self.vectors[bag.words], functional.softplus(self.weights[bag.words])
        if drop > 0:
            weights = weights * (torch.rand(len(weights)) > drop) + 1e-4
        sums = torch.zeros(bag.count, WIDTH).index_add(0, bag.of, vectors * weights[:, None])
        totals = torch.zeros(bag.count).index_add(0, bag.of, weights).clamp_min(1e-6)
        pairs = torch.zeros(bag.count, WIDTH).index_add(0, bag.pairs_of, self.pairs[bag.pairs])
        counts = torch.zeros(bag.count).index_add(0, bag.pairs_of, torch.ones(len(bag.pairs))).clamp_min(1)
        h = functional.normalize(sums / totals[:, None] + pairs / counts[:, None], dim=-1)
        h = h + self.outer[side](functional.gelu(self.inner[side](h), approximate="tanh"))
        return functional.normalize(h, dim=-1), vectors, weights

    def forward(self, questions: Bag, texts: Bag, headings: Bag, drop: float = 0.0) -> torch.Tensor:
        """A row of scores for each question, the last that of there being no answer."""
        asked, words, weights = self.pooled(questions, "question", drop)
        words = functional.normalize(words @ self.near, dim=-1)
        totals = torch.zeros(questions.count).index_add(0, questions.of, weights).clamp_min(1e-6)

        def nearest(bag: Bag, vectors: torch.Tensor) -> torch.Tensor:
            cosines = words @ functional.normalize(vectors @ self.near, dim=-1).T
            best = torch.zeros(len(words), bag.count).scatter_reduce(1, bag.of[None].expand(len(words), -1), cosines, "amax")
            return torch.zeros(questions.count, bag.count).index_add(0, questions.of, best * weights[:, None]) / totals[:, None]

        (said, text_words, _), (headed, heading_words, _) = self.pooled(texts, "text"), self.pooled(headings, "text")
        headed = headed * (torch.zeros(headings.count).index_add(0, headings.of, torch.ones(len(headings.of))) > 0)[:, None]
        scales = functional.softplus(self.scales)
        scores = (scales[0] * (2 * asked @ said.T + asked @ headed.T) + scales[1] * nearest(texts, text_words)
                  + scales[2] * nearest(headings, heading_words))
        return torch.cat([scores, self.none(asked)], dim=1)


class Set:
    """A source, read once."""

    def __init__(self, source: Source, reader: Reader):
        self.name, self.raw = source.name, source
        self.texts = reader.bag([f"{heading} {text}" for heading, text in source.texts])
        self.headings = reader.bag([heading for heading, _ in source.texts])
        self.questions = [reader.read(question) for question, _ in source.questions]
        self.right = torch.zeros(len(self.questions), len(source.texts) + 1, dtype=torch.bool)
        for row, (_, right) in enumerate(source.questions):
            self.right[row, list(right) or [-1]] = True


@torch.no_grad()
def accuracy(model: Matcher, sets: list[Set]) -> tuple[float, float]:
    """How often the best text is right, of the questions that have an answer; and the chance that one of these has a lower probability of no
    answer than one without (area under the curve)."""
    hits, chances = [], {True: [], False: []}
    for one in sets:
        scores = model(Bag(one.questions), one.texts, one.headings)
        none = torch.log_softmax(scores, dim=1)[:, -1]
        for row, best in enumerate(scores[:, :-1].argmax(dim=1).tolist()):
            answered = not one.right[row, -1]
            chances[answered].append(float(none[row]))
            if answered:
                hits.append(bool(one.right[row, best]))
    below = np.searchsorted(np.sort(chances[True]), chances[False]) / max(len(chances[True]), 1)
    return float(np.mean(hits)), float(below.mean())


def train(model: Matcher, sets: list[Set], chosen, report) -> None:
    """Adam with a rate that falls to a tenth."""
    slow = [model.vectors, model.weights, model.pairs]
    fast = [value for value in model.parameters() if not any(value is other for other in slow)]
    optimiser = torch.optim.Adam([{"params": fast, "lr": 2e-3}, {"params": slow, "lr": 1e-3}])
    peaks, rng, step = [2e-3, 1e-3], random.Random(chosen.seed), 0
    size = 48
    total = chosen.epochs * sum(-(-len(one.questions) // size) for one in sets)
    for epoch in range(chosen.epochs):
        batches = [(one, rows[start:start + size]) for one in sets
                   for rows in [rng.sample(range(len(one.questions)), len(one.questions))] for start in range(0, len(rows), size)]
        rng.shuffle(batches)
        losses = []
        for one, rows in batches:
            for group, peak in zip(optimiser.param_groups, peaks):
                group["lr"] = peak * (1 - 0.9 * step / total)
            step += 1
            asked = Bag([one.questions[row] for row in rows])
            chances = torch.log_softmax(model(asked, one.texts, one.headings, chosen.drop), dim=1)
            loss = -torch.logsumexp(chances.masked_fill(~one.right[rows], -1e9), dim=1).mean()
            moved = (model.vectors[asked.words] - model.began[asked.words]).square().sum(dim=1).mean()
            optimiser.zero_grad()
            (loss + chosen.keep * moved).backward()
            optimiser.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}; {report()}", flush=True)


def steps(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows as bytes and the scale of each."""
    scales = np.abs(rows).max(axis=1) / 127
    return np.round(rows / np.maximum(scales, 1e-12)[:, None]).astype(np.int8), scales.astype("<f4")


@torch.no_grad()
def quantise(model: Matcher) -> None:
    for table in (model.vectors, model.pairs):
        rounded, scales = steps(table.numpy())
        table.copy_(torch.tensor(rounded.astype(np.float32) * scales[:, None]))


@torch.no_grad()
def write(model: Matcher, words: list[str], path: Path) -> None:
    """Writes the file: see ../README.md, "The matcher's file"."""
    names = "\n".join(words).encode()
    vectors, vector_scales = steps(model.vectors.numpy())
    pairs, pair_scales = steps(model.pairs.numpy())
    english = sum(word[0] < "\u4e00" for word in words)
    plain = lambda value: value.detach().numpy().astype("<f4").tobytes()  # noqa: E731
    body = [struct.pack("<4sIIIIIII", b"DGMT", 1, WIDTH, HIDDEN, BUCKETS, len(words), english, len(names)), names,
            plain(functional.softplus(model.weights)), vector_scales.tobytes(), vectors.tobytes(), pair_scales.tobytes(), pairs.tobytes(),
            plain(model.near)]
    for side in ("question", "text"):
        for layer in (model.inner[side], model.outer[side]):
            body.extend([plain(layer.weight), plain(layer.bias)])
    body.extend([plain(functional.softplus(model.scales)), plain(model.none.weight), plain(model.none.bias)])
    path.write_bytes(b"".join(body))


@torch.no_grad()
def parity(model: Matcher, reader: Reader, sets: list[Set], path: Path, seed: int) -> None:
    """Questions and texts with their scores, for the test of the Rust reader; the model must be quantised."""
    rng, lines = random.Random(seed), []
    odd = [("", ("", "")), ("😀", ("?", "!")), ("Don’t you ship to ＵＳＡ, can't you?", ("Abroad", "We do not ship abroad, not even to the U.S.A.")),
           ("zzyzx 奭奭 12.5", ("奭", "zzyzx 12.5"))]
    cases = odd + [(rng.choice(one.raw.questions)[0], rng.choice(one.raw.texts)) for one in rng.sample(sets, min(len(sets), 60))]
    for question, (heading, text) in cases:
        score, none = model(reader.bag([question]), reader.bag([f"{heading} {text}"]), reader.bag([heading]))[0].tolist()
        asked, _, _ = model.pooled(reader.bag([question, text]), "question")
        lines.append(json.dumps({"question": question, "heading": heading, "text": text, "score": round(score, 4), "none": round(none, 4),
                                 "likeness": round(float(asked[0] @ asked[1]), 4)}, ensure_ascii=False))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, default=HERE.parent / "matcher.bin")
    options.add_argument("--cache", type=Path, default=HERE / "out/packages", help="where the packages with word vectors are kept")
    options.add_argument("--parity", type=Path, default=ROOT / "tests/data/matcher_parity.jsonl")
    options.add_argument("--english", type=int, default=30_000, help="words")
    options.add_argument("--chinese", type=int, default=40_000, help="words")
    options.add_argument("--epochs", type=int, default=3)
    options.add_argument("--drop", type=float, default=0.4, help="share of a question's words that is dropped while training")
    options.add_argument("--keep", type=float, default=0.05, help="how strongly word vectors are kept where they began")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--smoke", action="store_true", help="few texts, and vectors drawn by chance instead of the published ones")
    options.add_argument("--all", action="store_true", help="leave nothing out")
    options.add_argument("--sample", type=Path, default=ROOT / "catalog/policies", help="a shop's policies with example questions")
    chosen = options.parse_args()
    torch.manual_seed(chosen.seed)
    started = time.monotonic()
    asked = [(shops(HERE / "shops"), 30), (listings(HERE / "listings"), 0), (sample_shop(chosen.sample), 600)]
    if chosen.smoke:
        asked = [(sources[:LEFT_OUT + 1] + sources[-LEFT_OUT:], 1) for sources, _ in asked[:2]] + [([], 0)]
        plain = " ".join(text for sources, _ in asked for source in sources for pair in source.texts for text in pair)
        words, vectors, ranks = drawn_vectors(tokens(plain, {}), chosen.seed)
    else:
        words, vectors, ranks = word_vectors(chosen.cache, chosen.english, chosen.chinese)
    reader = Reader(words, ranks)
    rng = random.Random(chosen.seed)
    talk = {language: chat(HERE / "corpus", language) for language in ("en", "zh")}

    def with_chat(sources: list[Source], count: int) -> list[Source]:
        """Also what asks nothing of the shop."""
        for source in sources:
            language = "zh" if source.name.startswith(("zh", "sample zh")) else "en"
            source.questions.extend((message, set()) for message in rng.sample(talk[language], count))
        return sources

    policies, products, sample = ([Set(source, reader) for source in with_chat(*found)] for found in asked)
    out = lambda sets: [one for place, one in enumerate(sets) if place % LEFT_OUT == 0 and not chosen.all]  # noqa: E731
    kept = lambda sets: [one for place, one in enumerate(sets) if place % LEFT_OUT != 0 or chosen.all]  # noqa: E731
    model = Matcher(vectors, ranks)

    def report() -> str:
        parts = {"policies en": [s for s in out(policies) if s.name.startswith("en")], "policies zh": [s for s in out(policies) if s.name.startswith("zh")],
                 "listings en": [s for s in out(products) if s.name.startswith("en")], "listings zh": [s for s in out(products) if s.name.startswith("zh")]}
        return ", ".join(f"{name} {right:.3f} ({apart:.3f})" for name, sets in parts.items() if sets for right, apart in [accuracy(model, sets)])

    print(f"read in {time.monotonic() - started:.0f} s; at the start: {report()}", flush=True)
    train(model, [*kept(policies), *kept(products), *sample], chosen, report)
    quantise(model)
    print(f"as written: {report()}; {time.monotonic() - started:.0f} s")
    write(model, words, chosen.out)
    parity(model, reader, [*policies, *products], chosen.parity, chosen.seed)


if __name__ == "__main__":
    main()
