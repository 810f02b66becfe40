"""Checks that llama.cpp, through the `daogou` binary, tokenizes and answers as the PyTorch model does.

`python -m pipeline.parity --out OUT --daogou PATH` sends held-out and generated messages to `daogou model probe`.
"""

import argparse
import json
import random
import subprocess
from pathlib import Path

import torch

from .generate import Echo, Generator
from .prompts import Prompts
from .tokenizer import Tokenizer
from .train import PUBLIC, load_model
from .transformer import greedy

HERE = Path(__file__).resolve().parent.parent
ODD = ["", "  two  spaces ", "emoji 😀🧦 and ｆｕｌｌ　ｗｉｄｔｈ", "引号\"和{花括号}，\",\"", "<|im_end|> <s> <unk>", "line\nbreak\ttab", "Ünïcödé ñ ß 한국어"]


def probe(daogou: Path, gguf: Path, prompts: list[tuple[str, str]]) -> list[dict]:
    lines = "".join(json.dumps({"system": system, "user": user}, ensure_ascii=False) + "\n" for system, user in prompts)
    done = subprocess.run([daogou, "model", "probe", gguf], input=lines, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"daogou model probe failed:\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare(model, tokenizer: Tokenizer, daogou: Path, gguf: Path, prompts: list[tuple[str, str]], greedily: int) -> dict:
    """Counts of differing prompts, and of differing answers among the first `greedily`."""
    found = probe(daogou, gguf, prompts)
    mine = [tokenizer.prompt(system, user) for system, user in prompts]
    differing = [pair for pair, ids, theirs in zip(prompts, mine, found) if ids != theirs["tokens"]]
    answers = [tokenizer.text(greedy(model, ids, tokenizer.end)) for ids in mine[:greedily]]
    others = [(pair, text, theirs["text"]) for pair, text, theirs in zip(prompts, answers, found) if text != theirs["text"]]
    for pair in differing[:5]:
        print("tokenized differently:", pair)
    for pair, text, theirs in others[:5]:
        print("answered differently:", pair[1], text, theirs)
    return {"prompts": len(prompts), "tokenized_differently": len(differing), "answers": greedily,
            "answered_differently": len(others)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=HERE / "out")
    options.add_argument("--gguf", type=Path, action="append", help="may be given several times")
    options.add_argument("--daogou", type=Path, default=HERE.parents[1] / "target/debug/daogou")
    options.add_argument("--public", type=Path, default=PUBLIC)
    options.add_argument("--prompts", type=int, default=1500)
    options.add_argument("--greedy", type=int, default=60)
    chosen = options.parse_args()
    torch.set_num_threads(1)
    generator = Generator(HERE, chosen.public)
    tokenizer, prompts = Tokenizer(chosen.out / "tokenizer.model"), Prompts()
    model = load_model(chosen.out / "checkpoint.pt").eval()
    rng = random.Random(99)
    examples = [e for _, e in rng.sample(generator.held_out, min(len(generator.held_out), chosen.greedy))]
    while len(examples) < chosen.prompts:
        drawn = generator.draw(rng, echo=0)[1]
        if not isinstance(drawn, Echo):
            examples.append(drawn)
    asked = [prompts.parse(e.context, e.text) for e in examples] + [prompts.parse("-", text) for text in ODD]
    report = {}
    for gguf in chosen.gguf or [chosen.out / "daogou-compact-f32.gguf", HERE.parent / "daogou-compact.gguf"]:
        report[gguf.name] = compare(model, tokenizer, chosen.daogou, gguf, asked, chosen.greedy)
    (chosen.out / "parity.json").write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1))
    if any(part["tokenized_differently"] for part in report.values()):
        raise SystemExit("llama.cpp tokenizes differently")


if __name__ == "__main__":
    main()
