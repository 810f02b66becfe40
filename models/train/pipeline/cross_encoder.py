"""Trains the cross-encoder: whether a line of a listing, or a passage of policies, answers a question, both read together.

Begun from the trained sentence encoder (encoder.py), whose vectors of question and text never see each other; here every piece of one attends to every
piece of the other (Nogueira and Cho 2019, "Passage Re-ranking with BERT", arXiv:1901.04085), as `<s> query: QUESTION </s> </s> TEXT </s>`. A linear layer
over the mean of the last layer gives the log-odds against there being no answer: trained by softmax over the right texts, those that the encoder takes for
the likeliest wrong ones, a few others, and no answer. Word vectors stay as they are.

`python -m pipeline.cross_encoder` leaves out what the encoder left out, prints how often the first choice is right there by the encoder and by both, and
writes a checkpoint to --out, from which a stopped run goes on; cross_encoder_file.py writes the GGUF.
"""

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from .encoder import EXAMPLES_LEFT_OUT, HERE, LEFT_OUT, QUESTION, ROOT, TEXT, Encoder, checkpoint, means, resume, save, spoken
from .encoder import load as load_encoder
from .encoder_base import END, LONGEST, Base, empty, filled, shipped, tokenizer
from .linear import fnv1a
from .questions import Source, listings, sample_shop, shops

RIGHT = 2
LINES, PASSAGES = (4, 1), (3, 0)  # of the likeliest others and of the rest that each question is read with
TOKENS = 3000
KEPT_EVERY = 100
MEASURED = {"listings": 300, "policies": 120}


@dataclass
class Asked:
    """A question with texts; the first `right` of them answer."""
    question: str
    texts: list[str]
    right: int


class CrossEncoder(torch.nn.Module):
    def __init__(self, model, tokenizer):
        super().__init__()
        self.model, self.tokenizer = model, tokenizer
        self.odds = torch.nn.Linear(model.config.hidden_size, 1)
        torch.nn.init.normal_(self.odds.weight, std=0.02)
        torch.nn.init.zeros_(self.odds.bias)
        model.embeddings.word_embeddings.weight.requires_grad = False

    def pieces(self, question: str, text: str) -> list[int]:
        """The question whole, as far as half of what can be read goes, then the text, cut at its end."""
        asked, said = self.tokenizer.encode(QUESTION + question).ids, self.tokenizer.encode(text).ids
        asked = asked if len(asked) <= LONGEST // 2 else [*asked[:LONGEST // 2 - 1], END]
        said = [END, *said[1:]]
        return [*asked, *(said if len(asked) + len(said) <= LONGEST else [*said[:LONGEST - len(asked) - 1], END])]

    def forward(self, pairs: list[list[int]]) -> torch.Tensor:
        """The log-odds of each pair."""
        return self.odds(means(self.model, pairs))[:, 0]


def begun(encoder: Encoder, base: Base) -> CrossEncoder:
    model = CrossEncoder(empty(base), tokenizer(base.pieces, base.scores))
    model.model.load_state_dict(encoder.model.state_dict())
    return model


def load(path: Path) -> tuple[CrossEncoder, Base]:
    """A checkpoint in a folder, or a GGUF of cross_encoder_file.py, with what describes it."""
    if path.suffix == ".gguf":
        base, layers = shipped(path)
        model = CrossEncoder(filled(base), tokenizer(base.pieces, base.scores))
        *weights, bias = layers["odds"]
        with torch.no_grad():
            model.odds.weight.copy_(torch.tensor([weights]))
            model.odds.bias.fill_(bias)
        return model.eval(), base
    state, base = checkpoint(path)
    model = CrossEncoder(empty(base), tokenizer(base.pieces, base.scores))
    model.load_state_dict(state)
    return model.eval(), base


@torch.no_grad()
def likely(encoder: Encoder, source: Source) -> np.ndarray:
    """The encoder's scores: questions by texts."""
    read = lambda prefix, texts: torch.cat([encoder(prefix, texts[start:start + 256]) for start in range(0, len(texts), 256)])
    return (encoder.scale * read(QUESTION, [question for question, _ in source.questions]) @ read(TEXT, [spoken(text) for text in source.texts]).T).numpy()


def drawn(encoder: Encoder, source: Source, wanted: tuple[int, int], share: Callable[[str, str], float], rng: random.Random) -> list[Asked]:
    """Questions, by the share for the source's name and the question, with the texts that answer, the likeliest others, and some of the rest."""
    asked = [(question, right) for question, right in source.questions if rng.random() < share(source.name, question)]
    if not asked:
        return []
    found = []
    for (question, answering), row in zip(asked, likely(encoder, Source(source.name, source.texts, asked))):
        right = rng.sample(sorted(answering), min(len(answering), RIGHT))
        others = [int(place) for place in np.argsort(-row) if int(place) not in answering]
        likeliest, rest = others[:wanted[0]], others[wanted[0]:]
        wrong = likeliest + rng.sample(rest, min(wanted[1], len(rest)))
        found.append(Asked(question, [spoken(source.texts[place]) for place in right + wrong], len(right)))
    return found


def answers(model: CrossEncoder, asked: list[Asked], pairs: list[list[int]]) -> torch.Tensor:
    """The loss over the texts of each question and no answer."""
    odds, losses, start = model(pairs), [], 0
    for one in asked:
        own = torch.cat([odds[start:start + len(one.texts)], odds.new_zeros(1)])
        losses.append(own.logsumexp(0) - (own[:one.right].logsumexp(0) if one.right else own[-1]))
        start += len(one.texts)
    return torch.stack(losses).mean()


@torch.no_grad()
def accuracy(model: CrossEncoder, sources: list[Source], scores: list[np.ndarray], first: int) -> str:
    """How often the first text is right, and how well questions with an answer are told from the others (area under the curve): by the encoder, by the
    cross-encoder over its first few, and by both."""
    found = {name: ([], []) for name in ("encoder", "cross", "both")}
    has = []
    for source, rows in zip(sources, scores):
        chosen = [np.argsort(-row)[:first] for row in rows]
        together = model([model.pieces(question, spoken(source.texts[place])) for (question, _), places in zip(source.questions, chosen) for place in places]).numpy()
        for (_, answering), row, places in zip(source.questions, rows, chosen):
            odds, together = together[:len(places)], together[len(places):]
            has.append(bool(answering))
            for name, values in (("encoder", row[places]), ("cross", odds), ("both", odds + 0.5 * row[places])):
                found[name][1].append(np.logaddexp.reduce(values))
                if answering:
                    found[name][0].append(int(places[values.argmax()]) in answering)
    has = np.array(has)

    def area(best: list[float]) -> float:
        order = np.argsort(np.argsort(best))
        return float((order[has].mean() - (has.sum() - 1) / 2) / max((~has).sum(), 1))

    return ", ".join(f"{name} {np.mean(right):.3f} ({area(best):.3f})" for name, (right, best) in found.items())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, default=HERE / "out/cross_encoder", help="folder of the checkpoint")
    options.add_argument("--encoder", type=Path, default=HERE / "out/encoder", help="the encoder: a GGUF, or the folder of its checkpoint")
    options.add_argument("--start", type=Path, help="a GGUF, or the folder of an earlier run's checkpoint, to go on from instead of the encoder")
    options.add_argument("--listings", type=float, default=1.0, help="the share of the questions about products that a pass reads")
    options.add_argument("--before", type=Path, help="the folder of listings as it was when --start was trained; what is new since then is read whole")
    options.add_argument("--policies", type=float, default=0.4, help="the share of the questions to the invented shops")
    options.add_argument("--sample", type=float, default=0.15, help="the share of the example questions of the sample shop")
    options.add_argument("--epochs", type=int, default=2)
    options.add_argument("--rate", type=float, default=6e-5)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--smoke", action="store_true", help="few texts")
    chosen = options.parse_args()
    torch.manual_seed(chosen.seed)
    rng = random.Random(chosen.seed)
    encoder, base = load_encoder(chosen.encoder)
    model = load(chosen.start)[0] if chosen.start else begun(encoder, base)
    policies, products = shops(HERE / "shops"), listings(HERE / "listings")
    left = {f"{name} {language}": [s for s in sources[::LEFT_OUT] if language in s.name.split()[0]]
            for name, sources in (("listings", products), ("policies", policies)) for language in ("en", "zh")}
    policies = [source for place, source in enumerate(policies) if place % LEFT_OUT]
    products = [source for place, source in enumerate(products) if place % LEFT_OUT]
    sample = sample_shop(ROOT / "catalog/policies")
    for source in sample:
        source.questions = [(text, right) for text, right in source.questions if not right or fnv1a(text.encode()) % EXAMPLES_LEFT_OUT]
    if chosen.smoke:
        policies, products, sample = policies[:1], products[:6], sample[:1]
        left = {name: sources[:1] for name, sources in left.items()}
        for source in (*sample, *policies):
            source.questions = source.questions[:12]
    started = time.monotonic()
    for name, sources in left.items():
        every = max(sum(len(source.questions) for source in sources) // MEASURED[name.split()[0]], 1)
        for source in sources:
            source.questions = source.questions[::every] if len(source.questions) >= every else source.questions[:1]
    left_scores = {name: [likely(encoder, source) for source in sources] for name, sources in left.items()}
    read_before = {(source.name, question) for source in listings(chosen.before) for question, _ in source.questions} if chosen.before else set()

    def of_products(name: str, question: str) -> float:
        return chosen.listings if not chosen.before or (name, question) in read_before else 1.0

    kinds = ((products, LINES, of_products), (policies, PASSAGES, lambda *_: chosen.policies), (sample, PASSAGES, lambda *_: chosen.sample))
    def one_pass() -> list[list[tuple[Asked, list[list[int]]]]]:
        """Steps of about as many tokens each, questions of all kinds mixed."""
        asked = [one for sources, wanted, share in kinds for source in sources for one in drawn(encoder, source, wanted, share, rng)]
        print(f"{len(asked)} questions with their likeliest texts; {time.monotonic() - started:.0f} s", flush=True)
        rng.shuffle(asked)
        steps, taken = [[]], 0
        for one in asked:
            pairs = [model.pieces(one.question, text) for text in one.texts]
            length = sum(map(len, pairs))
            if steps[-1] and taken + length > TOKENS:
                steps.append([])
                taken = 0
            steps[-1].append((one, pairs))
            taken += length
        return steps

    def report() -> str:
        return "; ".join(f"{name}: {accuracy(model, sources, left_scores[name], 8 if 'listings' in name else 5)}" for name, sources in left.items())

    steps = [step for _ in range(chosen.epochs) for step in one_pass()]
    slow = list(filter(lambda parameter: parameter.requires_grad, model.model.parameters()))
    optimiser = torch.optim.AdamW([{"params": slow, "lr": chosen.rate}, {"params": list(model.odds.parameters()), "lr": 1e-3}], weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda at: min((at + 1) / 60, max(1 - at / len(steps), 0.02)))
    path = chosen.out / "checkpoint.pt"
    chosen.out.mkdir(parents=True, exist_ok=True)
    done = resume(path, model, optimiser, schedule, len(steps))
    model.train()
    losses = []
    for at, step in enumerate(tqdm(steps, mininterval=60)):
        if at < done:
            continue
        loss = answers(model, [one for one, _ in step], [pair for _, pairs in step for pair in pairs])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(slow, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        schedule.step()
        losses.append(loss.item())
        last = at + 1 == len(steps)
        if (at + 1) % KEPT_EVERY == 0 or last:
            save(model, base, path, None if last else (optimiser, schedule), (at + 1, len(steps)))
        if (at + 1) % max(len(steps) // 2, 1) == 0 or last:
            model.eval()
            print(f"step {at + 1} of {len(steps)}: loss {np.mean(losses):.3f}; {report()}; {time.monotonic() - started:.0f} s", flush=True)
            model.train()
            losses = []


if __name__ == "__main__":
    main()
