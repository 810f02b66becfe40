"""The linear prior over intents: trained on the hand-written lines and on generated text, calibrated on the validation part.

`python -m pipeline.prior` writes ../intent-prior.bin and the parity file of the Rust reader.
"""

import argparse
import json
import random
from collections import defaultdict
from pathlib import Path

import numpy as np

from .generate import Echo, Generator
from .label import INTENTS
from .linear import Hasher, LinearText, calibrate, calibration_error, fit

BUCKETS, LONGEST = 65_536, 3
HERE = Path(__file__).resolve().parent.parent


def context_flags(context: str, text: str) -> list[str]:
    """What the prior is told of the conversation: nothing searched, something shown, nothing shown; the query repeated."""
    if context == "-":
        return ["none"]
    query, _, shown = context.rpartition("; shown ")
    flags = ["context", "shown0" if shown == "0" else "shown"]
    if query and query.lower() in text.lower():
        flags.append("repeat")
    return flags


def matrix(hasher: Hasher, pairs):
    return hasher.rows([e.text for _, e in pairs], [context_flags(e.context, e.text) for _, e in pairs])


def train(generator: Generator, drawn: int, seed: int) -> LinearText:
    """Fits on every hand-written line (three times the weight), and on `drawn` generated examples."""
    rng = random.Random(seed)
    pairs = list(generator.hand)
    weights = [3.0] * len(pairs)
    while len(pairs) < len(generator.hand) + drawn:
        language, example = generator.draw(rng, echo=0)
        if not isinstance(example, Echo):
            pairs.append((language, example))
            weights.append(1.0)
    hasher = Hasher(BUCKETS, LONGEST, fold_digits=True)
    targets = np.array([INTENTS.index(e.intent) for _, e in pairs])
    model = fit(hasher, INTENTS, matrix(hasher, pairs), targets, np.array(weights), c=50.0)
    held = matrix(hasher, generator.held_out)
    calibrate(model, held, np.array([INTENTS.index(e.intent) for _, e in generator.held_out]))
    return model


def evaluate(model: LinearText, pairs) -> dict:
    """Accuracy, macro-F1 and calibration by language."""
    report = {}
    for language in ("zh", "en", "all"):
        part = [pair for pair in pairs if language in (pair[0], "all")]
        if not part:
            continue
        targets = np.array([INTENTS.index(e.intent) for _, e in part])
        found = model.probabilities(matrix(model.hasher, part))
        guesses = found.argmax(axis=1)
        report[language] = {"messages": len(part), "accuracy": round(float((guesses == targets).mean()), 4),
                            "macro_f1": round(macro_f1(guesses, targets), 4),
                            "ece": round(calibration_error(found, targets), 4)}
    return report


def macro_f1(guesses: np.ndarray, targets: np.ndarray) -> float:
    scores = []
    for label in np.unique(targets):
        right = ((guesses == label) & (targets == label)).sum()
        scores.append(2 * right / ((guesses == label).sum() + (targets == label).sum()))
    return float(np.mean(scores))


def parity(model: LinearText, pairs, path: Path, count: int = 200) -> None:
    """Texts with their probabilities, for the test of the Rust reader."""
    chosen = random.Random(7).sample(pairs, min(count, len(pairs)))
    found = model.quantised().probabilities(matrix(model.hasher, chosen))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as out:
        for (_, example), row in zip(chosen, found):
            query, _, shown = example.context.rpartition("; shown ")
            line = {"text": example.text, "query": query or None, "shown": int(shown) if query else None,
                    "probabilities": [round(float(p), 6) for p in row]}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--drawn", type=int, default=60_000, help="generated examples beside the hand-written ones")
    options.add_argument("--public", type=Path, default=HERE.parents[2] / "shared/data/utterances")
    options.add_argument("--out", type=Path, default=HERE.parent / "intent-prior.bin")
    options.add_argument("--parity", type=Path, default=HERE.parent.parent / "tests/data/intent_prior_parity.jsonl")
    options.add_argument("--report", type=Path, help="writes the scores there")
    options.add_argument("--seed", type=int, default=11)
    chosen = options.parse_args()
    generator = Generator(HERE, chosen.public)
    model = train(generator, chosen.drawn, chosen.seed)
    model.write(chosen.out)
    extra = [generator.draw(random.Random(5 + i), echo=0) for i in range(100)]
    parity(model, generator.held_out[:150] + extra, chosen.parity)
    report = {"held_out": evaluate(model.quantised(), generator.held_out), "temperature": round(model.temperature, 3),
              "hand_written": len(generator.hand)}
    print(json.dumps(report, indent=1))
    if chosen.report:
        chosen.report.write_text(json.dumps(report, indent=1))
    confused = defaultdict(int)
    guesses = model.probabilities(matrix(model.hasher, generator.held_out)).argmax(axis=1)
    for (_, example), guess in zip(generator.held_out, guesses):
        if INTENTS[guess] != example.intent:
            confused[f"{example.intent} taken for {INTENTS[guess]}"] += 1
    for name, count in sorted(confused.items(), key=lambda item: -item[1])[:12]:
        print(f"{count:4} {name}")


if __name__ == "__main__":
    main()
