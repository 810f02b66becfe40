"""Writes what training found: the Hugging Face checkpoint, the GGUF and the manifest beside it.

`python -m pipeline.export --out OUT` reads OUT/checkpoint.pt and OUT/tokenizer.model.
"""

import argparse
import hashlib
from pathlib import Path

from .checkpoint import opens_alike, write_checkpoint
from .gguf_file import write_gguf
from .prompts import Prompts
from .tokenizer import Tokenizer
from .train import load_model

HERE = Path(__file__).resolve().parent.parent
NAME = "daogou-compact"


def manifest(gguf: Path, jobs: list[str]) -> str:
    digest = hashlib.sha256(gguf.read_bytes()).hexdigest()
    listed = ", ".join(f'"{job}"' for job in jobs)
    return "\n".join([
        f'name = "{NAME}"', f'sha256 = "{digest}"', 'prompt_profile = "compact"', f"jobs = [{listed}]",
        'licence = "Apache-2.0"',
        'description = "Understands what a shopper writes, in Chinese and English; trained from scratch by models/train"', ""])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=HERE / "out")
    options.add_argument("--gguf", type=Path, default=HERE.parent / f"{NAME}.gguf")
    options.add_argument("--jobs", nargs="*", default=["parse"])
    chosen = options.parse_args()
    model = load_model(chosen.out / "checkpoint.pt").eval()
    tokenizer = Tokenizer(chosen.out / "tokenizer.model")
    write_checkpoint(model, chosen.out / "tokenizer.model", tokenizer.start, tokenizer.end, chosen.out / "huggingface")
    prompts = Prompts()
    samples = [tokenizer.prompt(*prompts.parse(*pair)) for pair in (("-", "你好"), ("boots; shown 5", "in black, size 42"))]
    difference = opens_alike(model, chosen.out / "huggingface", samples)
    if difference > 1e-3:
        raise SystemExit(f"transformers computes other logits: {difference}")
    print(f"transformers opens the checkpoint; the largest difference of logits is {difference:.1e}")
    write_gguf(model, chosen.out / "tokenizer.model", chosen.out / f"{NAME}-f32.gguf", NAME, quantised=False)
    write_gguf(model, chosen.out / "tokenizer.model", chosen.gguf, NAME)
    chosen.gguf.with_suffix(".toml").write_text(manifest(chosen.gguf, chosen.jobs), encoding="utf-8")
    print(f"{chosen.gguf}: {chosen.gguf.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
