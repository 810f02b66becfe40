"""Runs the stages in order, each in a process of its own: `models/train/run`.

Prior → sentiment → matcher → encoder → cross-encoder → tokenizer and training → export → parity → evaluation → card. A stage reads what the one before left in
the output folder; a stopped run continues from the last checkpoint when started again with the same folder.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parents[1]


def stages(chosen) -> list[tuple[str, list]]:
    """The stages with their arguments."""
    out: Path = chosen.out
    models = out if chosen.smoke else HERE.parent
    data = chosen.data
    public = ["--public", data / "utterances"]
    parity_files = out if chosen.smoke else ROOT / "tests/data"
    small = chosen.smoke
    found = [
        ("prior", [*public, "--out", models / "intent-prior.bin", "--parity", parity_files / "intent_prior_parity.jsonl",
                   "--report", out / "prior.json", "--drawn", 500 if small else 60_000]),
        ("sentiment", ["--data", out if small else data, "--out", models / "sentiment.bin",
                       "--parity", parity_files / "sentiment_parity.jsonl", "--report", out / "sentiment.json",
                       "--joined", 500 if small else 30_000]),
        ("matcher", ["--out", models / "matcher.bin", "--parity", parity_files / "matcher_parity.jsonl",
                     *(["--smoke", "--epochs", 1] if small else ["--all", "--cache", out / "packages"])]),
        ("encoder", ["--data", out if small else data, "--out", out / "encoder", *(["--smoke", "--epochs", 1] if small else ["--cache", out / "packages"])]),
        ("encoder_file", ["--out", out / "encoder", "--gguf", models / "daogou-encoder.gguf", "--parity", parity_files / "encoder_parity.jsonl",
                          *(["--smoke"] if small else [])]),
        ("cross_encoder", ["--encoder", out / "encoder", "--out", out / "cross_encoder", *(["--smoke", "--epochs", 1] if small else [])]),
        ("cross_encoder_file", ["--out", out / "cross_encoder", "--gguf", models / "daogou-cross-encoder.gguf",
                                "--parity", parity_files / "cross_encoder_parity.jsonl"]),
        ("train", [*public, "--out", out, "--minutes", 0.25 if small else chosen.minutes, "--size", "tiny" if small else chosen.size,
                   "--tokenizer-lines", 5_000 if small else 60_000]),
        ("export", ["--out", out, "--gguf", models / "daogou-compact.gguf"]),
    ]
    if chosen.start:
        found[-2][1].extend(["--start", chosen.start])
    if small:  # a GGUF is also a beginning
        found.append(("train", ["--out", out / "continued", "--start", models / "daogou-compact.gguf", "--size", "tiny",
                                "--minutes", 0.02]))
    if chosen.daogou.exists():
        found.append(("parity", ["--out", out, "--gguf", models / "daogou-compact.gguf", "--gguf", out / "daogou-compact-f32.gguf",
                                 "--daogou", chosen.daogou, *public, "--prompts", 60 if small else 1500, "--greedy", 5 if small else 60]))
    else:
        print(f"{chosen.daogou} is not built: parity with llama.cpp is not checked", file=sys.stderr)
    found.append(("evaluate", ["--out", out, "--most", 40 if small else 10_000]))
    found.append(("card", ["--out", out, "--card", models / "README.md"]))
    return found


def main() -> None:
    options = argparse.ArgumentParser(prog="models/train/run", description=__doc__)
    options.add_argument("--smoke", action="store_true", help="all of it, tiny, into the output folder only; minutes")
    options.add_argument("--out", type=Path, default=HERE / "out", help="checkpoints and reports")
    options.add_argument("--data", type=Path, default=ROOT.parent / "shared/data", help="public data; may be absent")
    options.add_argument("--minutes", type=float, default=80, help="of training the language model")
    options.add_argument("--size", choices=["auto", "small", "large"], default="auto", help="large by itself on a GPU")
    options.add_argument("--start", type=Path, help="a checkpoint or a GGUF whose weights training begins with, such as the shipped one")
    options.add_argument("--daogou", type=Path, default=ROOT / "target/debug/daogou", help="the program, for parity")
    chosen = options.parse_args()
    chosen.out, chosen.data, chosen.daogou = (path.absolute() for path in (chosen.out, chosen.data, chosen.daogou))
    chosen.start = chosen.start and chosen.start.absolute()
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name, arguments in stages(chosen):
        started = time.monotonic()
        print(f"== {name}", file=sys.stderr, flush=True)
        # The encoders are twelve wide layers: they get every core.
        own = {**os.environ, "OMP_NUM_THREADS": str(os.cpu_count())} if name in ("encoder", "cross_encoder") else None
        done = subprocess.run([sys.executable, "-m", f"pipeline.{name}", *map(str, arguments)], cwd=HERE, check=False, env=own)
        if done.returncode != 0:
            raise SystemExit(f"{name} failed with exit code {done.returncode}")
        print(f"== {name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
