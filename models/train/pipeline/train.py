"""Trains the model by the clock: `--minutes` of work, the learning rate falling over the last two fifths of it.

A checkpoint every few minutes; a stopped run continues from it with the same examples it would have seen. `--start`
begins from the weights of another run, or of a GGUF such as the shipped one. One CPU thread by default: several collapse when others use the machine.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from tqdm import tqdm

from .batch import Batches, collate, shared_prefix
from .generate import Generator
from .muon import optimisers
from .prompts import Prompts
from .shipped import read_model, write_tokenizer
from .tokenizer import Tokenizer, example_tokens, train_tokenizer
from .transformer import Shape, Transformer

HERE = Path(__file__).resolve().parent.parent
PUBLIC = HERE.parents[2] / "shared" / "data" / "utterances"
SIZES = {
    "tiny": {"width": 64, "layers": 2, "heads": 2, "inner": 128},  # for the smoke test
    "small": {"width": 256, "layers": 4, "heads": 4, "inner": 768},
    "large": {"width": 320, "layers": 8, "heads": 5, "inner": 1024},  # for a GPU
}


def rate(progress: float, step: int) -> float:
    """A share of the peak learning rate: a warm-up of 100 steps, level, then straight down from three fifths on."""
    return min(1.0, (step + 1) / 100) * min(1.0, max(0.02, (1 - progress) / 0.4))


def echo_share(progress: float, first: float) -> float:
    """The share of the copying task: `first` at the start, falling to 3 % at a quarter of the run."""
    return max(0.03, first * (1 - progress / 0.25))


def make_model(tokenizer: Tokenizer, size: dict) -> Transformer:
    return Transformer(Shape(vocabulary=len(tokenizer), **size))


def loss_of(model, batch, device: str, compiled=None) -> torch.Tensor:
    with torch.autocast("cuda" if device == "cuda" else "cpu", dtype=torch.bfloat16):
        states = (compiled or model)(batch.tokens.to(device), batch.prefix.to(device))
        chosen = states.flatten(0, 1)[batch.places.to(device)]
        logits = model.logits(chosen)
    return functional.cross_entropy(logits.float(), batch.targets.to(device))


@torch.no_grad()
def validation(model, generator, tokenizer, prompts, device: str) -> dict:
    """Loss on the held-out lines with the right answer given, and how often the intent token is the likeliest."""
    model.eval()
    pairs = [example_tokens(tokenizer, prompts, e) for _, e in generator.held_out]
    prefix = shared_prefix(tokenizer, prompts)
    pairs = [(prompt[len(prefix):], answer) for prompt, answer in pairs]
    losses, right, total = [], 0, 0
    for start in range(0, len(pairs), 32):
        part = pairs[start:start + 32]
        batch = collate(prefix, part, max(len(p) + len(a) for p, a in part), tokenizer.end)
        states = model(batch.tokens.to(device), batch.prefix.to(device)).flatten(0, 1)[batch.places.to(device)]
        logits = model.logits(states).float().cpu()
        losses.append(float(functional.cross_entropy(logits, batch.targets, reduction="sum")))
        firsts = np.cumsum([0] + [len(a) for _, a in part[:-1]])
        right += int((logits[firsts].argmax(-1) == batch.targets[firsts]).sum())
        total += len(batch.targets)
    model.train()
    return {"loss": round(sum(losses) / max(total, 1), 4), "intent": round(right / max(len(pairs), 1), 4)}


def save(path: Path, model, optims, state: dict) -> None:
    partial = path.with_suffix(".partial")
    torch.save({"model": model.state_dict(), "optimisers": [o.state_dict() for o in optims], "state": state,
                "shape": model.shape.as_dict()}, partial)
    partial.replace(path)


def load_model(path: Path) -> Transformer:
    kept = torch.load(path, map_location="cpu", weights_only=True)
    model = Transformer(Shape(**kept["shape"]))
    model.load_state_dict(kept["model"])
    return model


def beginning(start: Path) -> dict:
    """From which file training began, and how many tokens the runs since then had seen."""
    if start.suffix == ".gguf":
        return {"from": start.name, "tokens": 0}
    tokens = torch.load(start, map_location="cpu", weights_only=True)["state"]["tokens"]
    earlier = start.parent / "begun.json"
    before = json.loads(earlier.read_text()) if earlier.exists() else {"from": None, "tokens": 0}
    return {"from": before["from"], "tokens": before["tokens"] + tokens}


def train(chosen) -> None:
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(chosen.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    out: Path = chosen.out
    out.mkdir(parents=True, exist_ok=True)
    generator = Generator(HERE, chosen.public)
    prompts = Prompts()
    if not (out / "tokenizer.model").exists() and chosen.start and chosen.start.suffix == ".gguf":
        write_tokenizer(chosen.start, out / "tokenizer.model")
    elif not (out / "tokenizer.model").exists():
        train_tokenizer(generator, out / "tokenizer.model", chosen.seed, lines=chosen.tokenizer_lines)
    tokenizer = Tokenizer(out / "tokenizer.model")
    size = chosen.size if chosen.size != "auto" else ("large" if device == "cuda" else "small")
    model = make_model(tokenizer, SIZES[size]).to(device)
    model.dropout = chosen.dropout
    optims = optimisers(model, chosen.matrix_rate, chosen.other_rate)
    peaks = [group["lr"] for o in optims for group in o.param_groups]
    state = {"step": 0, "chunk": 0, "seconds": 0.0, "tokens": 0}
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        kept = torch.load(checkpoint, map_location=device, weights_only=True)
        model.load_state_dict(kept["model"])
        for optimiser, saved in zip(optims, kept["optimisers"]):
            optimiser.load_state_dict(saved)
        state = kept["state"]
    elif chosen.start:
        found = read_model(chosen.start) if chosen.start.suffix == ".gguf" else load_model(chosen.start)
        model.load_state_dict(found.state_dict())
        (out / "begun.json").write_text(json.dumps(beginning(chosen.start)))
    batches = Batches(generator, tokenizer, prompts, chosen.seed, chosen.tokens if device == "cpu" else chosen.tokens * 16)
    compiled = torch.compile(model, dynamic=False) if chosen.compile else model
    budget, log = chosen.minutes * 60, (out / "log.jsonl").open("a")
    bar = tqdm(total=round(budget), initial=round(state["seconds"]), unit="s", mininterval=5)
    last, saved, recent, waiting = time.monotonic(), state["seconds"], [], []
    while state["seconds"] < budget:
        progress = state["seconds"] / budget
        factor = rate(progress, state["step"])
        for group, peak in zip((g for o in optims for g in o.param_groups), peaks):
            group["lr"] = peak * factor
        if not waiting:
            waiting = batches.chunk(state["chunk"], echo_share(progress, chosen.echo))
            state["chunk"] += 1
        batch = waiting.pop()
        loss = loss_of(model, batch, device, compiled)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser in optims:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        now = time.monotonic()
        state["seconds"] += now - last
        bar.update(round(state["seconds"]) - bar.n)
        last = now
        state["step"] += 1
        state["tokens"] += batch.tokens.numel()
        recent = [*recent[-49:], loss.item()]
        if state["step"] % 50 == 0:
            speed = state["tokens"] / state["seconds"]
            bar.set_postfix(loss=f"{np.mean(recent):.3f}", tokens=f"{state['tokens'] / 1e6:.1f}M", speed=f"{speed:.0f}/s")
        if state["seconds"] - saved > chosen.save_minutes * 60 or state["seconds"] >= budget:
            saved = state["seconds"]
            found = validation(model, generator, tokenizer, prompts, device)
            log.write(json.dumps({**{k: round(v) for k, v in state.items()}, "train": round(float(np.mean(recent)), 4), **found}) + "\n")
            log.flush()
            save(checkpoint, model, optims, state)
            last = time.monotonic()
    bar.close()


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "out")
    parser.add_argument("--public", type=Path, default=PUBLIC, help="folder of public utterances; may be absent")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--save-minutes", type=float, default=3)
    parser.add_argument("--size", choices=["auto", *SIZES], default="auto")
    parser.add_argument("--start", type=Path, help="a checkpoint, or a GGUF of this pipeline, whose weights to begin with")
    parser.add_argument("--dropout", type=float, default=0.1, help="of what a block adds")
    parser.add_argument("--echo", type=float, default=0.5, help="share of the copying task at the start")
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=4_096, help="tokens a batch on a CPU")
    parser.add_argument("--matrix-rate", type=float, default=0.02)
    parser.add_argument("--other-rate", type=float, default=0.004)
    parser.add_argument("--tokenizer-lines", type=int, default=60_000)
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=False,
                        help="worth it on a GPU; on two shared cores each shape took 50 s to compile and was no faster")
    return parser


if __name__ == "__main__":
    train(options().parse_args())
