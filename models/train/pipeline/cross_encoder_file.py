"""Writes the cross-encoder as a GGUF as encoder_file.py writes the encoder; `daogou.odds` are the weights, then the bias, that turn the mean of the
last layer into log-odds.

`python -m pipeline.cross_encoder_file --out OUT` reads OUT/checkpoint.pt and writes ../daogou-cross-encoder.gguf with its manifest, and odds for the
test of the Rust reader.
"""

import argparse
import json
import random
from pathlib import Path

import torch

from .cross_encoder import CrossEncoder, load
from .encoder import HERE, ROOT, spoken
from .encoder_file import write
from .questions import listings, shops

NAME = "daogou-cross-encoder"
DESCRIPTION = "Reads a question and a text together and tells whether the text answers; begun from daogou-encoder, trained by models/train"


@torch.no_grad()
def parity(model: CrossEncoder, path: Path, seed: int) -> None:
    """Questions with texts of the project's own, and their odds."""
    rng = random.Random(seed)
    sources = rng.sample(shops(HERE / "shops"), 6) + rng.sample(listings(HERE / "listings"), 18)
    pairs = [(rng.choice(source.questions)[0], spoken(rng.choice(source.texts))) for source in sources]
    pairs += [("", "七天无理由"), ("😀", "…"), ("Don’t you ship to ＵＳＡ? " * 40, pairs[0][1] * 8), ("  七天  无理由 ", "e\u0301clair ½ ﬁt")]
    odds = model([model.pieces(*pair) for pair in pairs])
    lines = [json.dumps({"question": question, "text": text, "odds": round(value, 3)}, ensure_ascii=False) for (question, text), value in zip(pairs, odds.tolist())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, default=HERE / "out/cross_encoder", help="folder of the checkpoint")
    options.add_argument("--gguf", type=Path, default=HERE.parent / f"{NAME}.gguf")
    options.add_argument("--parity", type=Path, default=ROOT / "tests/data/cross_encoder_parity.jsonl")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    model, base = load(chosen.out)
    write(model, base, chosen.gguf, NAME, DESCRIPTION, {"odds": [*model.odds.weight[0].tolist(), model.odds.bias.item()]})
    parity(model, chosen.parity, chosen.seed)


if __name__ == "__main__":
    main()
