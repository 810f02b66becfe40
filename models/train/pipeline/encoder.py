"""Trains the sentence encoder: how well a passage of policies, or a line of a listing, answers a question; how alike two questions are; and
whether a review praises.

Begun from a published encoder (encoder_base.py). A text's vector z is the mean of the last layer, of unit length; questions are read after
"query: ", texts after "passage: ", as the published one was trained. The score of a text is s·(z_q·z_text), that of there being no answer b;
trained by softmax over the texts of one shop or product and no answer. Example questions of one passage are drawn together, away from others
(supervised contrastive loss, Khosla et al. 2020, arXiv:2004.11362). A linear layer over z tells praise from complaint. Word vectors stay as they are.

`python -m pipeline.encoder` leaves every fifth shop and product and a tenth of the example questions out, prints how often the first choice is right
on them after each pass, and writes a checkpoint to --out, from which a stopped run goes on; encoder_file.py writes the GGUF.
"""

import argparse
import json
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from tqdm import tqdm

from .encoder_base import PAD, Base, cut_down, drawn, empty, fetch, filled, kept_pieces, shipped, tokenizer, unpack
from .linear import fnv1a
from .questions import Source, chat, listings, sample_shop, shops
from .sentiment import flags, training
from .word_vectors import word_vectors

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parents[1]
LEFT_OUT, EXAMPLES_LEFT_OUT = 5, 10
KEPT_EVERY = 200
# Steps of the sample shop in a pass, about as many passages in each, so many taken together; their vectors are read anew after about so many steps.
SAMPLE_STEPS, SAMPLE_TEXTS, NEAREST, REMEMBERED = 200, 30, 8, 25
QUESTION, TEXT = "query: ", "passage: "


def own_texts() -> list[str]:
    """What the project's files say, which the kept pieces must be able to spell."""
    files = [*ROOT.glob("catalog/**/*"), *HERE.glob("*/**/*.txt"), *ROOT.glob("prompts/**/*"), *ROOT.glob("src/domain/wording/**/*")]
    lines = [line for file in sorted(files) if file.is_file() and "out" not in file.parts for line in file.read_text(encoding="utf-8", errors="ignore").splitlines()]
    return [QUESTION + line[:2000] for line in lines] + [TEXT]


def spelled(cache: Path) -> list[str]:
    """Own texts, and the words most used in either language, as they begin a sentence and within one."""
    words, _, _ = word_vectors(cache, 30_000, 40_000)
    return [*own_texts(), *words, *(word.capitalize() for word in words if word.isascii()), *("我" + word for word in words if not word.isascii())]


class Encoder(torch.nn.Module):
    def __init__(self, model, tokenizer, scale: float = 20.0, none: float = 16.0):
        super().__init__()
        self.model, self.tokenizer = model, tokenizer
        self.scale, self.none = torch.nn.Parameter(torch.tensor(scale)), torch.nn.Parameter(torch.tensor(none))
        self.praise = torch.nn.ModuleDict({language: torch.nn.Linear(model.config.hidden_size, 1) for language in ("zh", "en")})
        model.embeddings.word_embeddings.weight.requires_grad = False

    def forward(self, prefix: str, texts: list[str], most: int = 1 << 30) -> torch.Tensor:
        """A unit vector for each text. At most so many tokens of each."""
        cut = [one.ids if len(one.ids) <= most else one.ids[:most - 1] + one.ids[-1:] for one in self.tokenizer.encode_batch([prefix + text for text in texts])]
        return functional.normalize(means(self.model, cut), dim=-1)


def means(model, pieces: list[list[int]]) -> torch.Tensor:
    """The mean of the last layer for each list of pieces; those of like length are read together, so that little is padded."""
    order = sorted(range(len(pieces)), key=lambda place: len(pieces[place]))
    parts = []
    for places in (order[start:start + 32] for start in range(0, len(order), 32)):
        longest = len(pieces[places[-1]])
        ids = torch.tensor([pieces[place] + [PAD] * (longest - len(pieces[place])) for place in places])
        read = torch.arange(longest)[None] < torch.tensor([len(pieces[place]) for place in places])[:, None]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            last = model(input_ids=ids, attention_mask=read.long()).last_hidden_state
        parts.append((last.float() * read[..., None]).sum(1) / read.sum(1, keepdim=True))
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(parts)[back]


def spoken(text: tuple[str, str]) -> str:
    return f"{text[0]} {text[1]}".strip()


def answers(model: Encoder, sources: list[Source], most: int, rng: random.Random) -> torch.Tensor:
    """The loss of questions over the texts of their own source and no answer."""
    texts = [spoken(text) for source in sources for text in source.texts]
    asked = [(question, right, place) for place, source in enumerate(sources)
             for question, right in (rng.sample(source.questions, most) if len(source.questions) > most else source.questions)]
    places, start = [], 0
    for source in sources:
        places.append(range(start, start + len(source.texts)))
        start += len(source.texts)
    z_text, z_question = model(TEXT, texts), model(QUESTION, [question for question, _, _ in asked])
    scores = torch.cat([model.scale * z_question @ z_text.T, model.none.expand(len(asked), 1)], 1)
    own, right = torch.full_like(scores, -torch.inf), torch.full_like(scores, -torch.inf)
    for row, (_, answering, place) in enumerate(asked):
        own[row, list(places[place])] = 0
        own[row, -1] = 0
        right[row, [places[place][at] for at in answering] if answering else [len(texts)]] = 0
    return ((scores + own).logsumexp(1) - (scores + right).logsumexp(1)).mean()


def alike(model: Encoder, groups: list[list[str]]) -> torch.Tensor:
    """Supervised contrastive loss of questions that one passage answers."""
    of = torch.tensor([place for place, group in enumerate(groups) for _ in group])
    z = model(QUESTION, [question for group in groups for question in group])
    scores = model.scale * z @ z.T - 1e9 * torch.eye(len(z))
    same = (of[:, None] == of[None]) & ~torch.eye(len(z), dtype=torch.bool)
    return -(scores.log_softmax(1) * same).sum(1).div(same.sum(1).clamp(min=1)).mean()


def praises(model: Encoder, reviews: list[tuple[str, int, float]]) -> torch.Tensor:
    z = model(QUESTION, [text for text, _, _ in reviews], most=96)
    odds = torch.stack([model.praise[flags(text)[0]](10 * vector)[0] for vector, (text, _, _) in zip(z, reviews)])
    labels, weights = torch.tensor([float(label) for _, label, _ in reviews]), torch.tensor([weight for _, _, weight in reviews])
    return (functional.binary_cross_entropy_with_logits(odds, labels, reduction="none") * weights).sum() / weights.sum().clamp(min=1)


@torch.no_grad()
def accuracy(model: Encoder, sources: list[Source]) -> tuple[float, float]:
    """How often the first text is right, and how well questions with an answer are told from the others (area under the curve)."""
    right, best, has = [], [], []
    for source in sources:
        scores = model.scale * model(QUESTION, [question for question, _ in source.questions]) @ model(TEXT, [spoken(text) for text in source.texts]).T
        for row, (_, answering) in zip(scores, source.questions):
            best.append(float(row.logsumexp(0)))
            has.append(bool(answering))
            if answering:
                right.append(int(row.argmax()) in answering)
    order, has = np.argsort(np.argsort(best)), np.array(has)
    area = (order[has].mean() - (has.sum() - 1) / 2) / max((~has).sum(), 1)
    return float(np.mean(right)), float(area)


@torch.no_grad()
def sentiment(model: Encoder, pairs: list[tuple[str, int]]) -> float:
    right = 0
    for start in range(0, len(pairs), 64):
        part = pairs[start:start + 64]
        z = model(QUESTION, [text for text, _ in part], most=96)
        right += sum(bool(model.praise[flags(text)[0]](10 * vector) > 0) == bool(label) for vector, (text, label) in zip(z, part))
    return right / len(pairs)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, default=HERE / "out/encoder", help="folder of the checkpoint")
    options.add_argument("--cache", type=Path, default=HERE / "out/packages", help="where the packages are kept")
    options.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    options.add_argument("--start", type=Path, help="a GGUF, or the folder of an earlier run's checkpoint, to go on from instead of the published model")
    options.add_argument("--epochs", type=int, default=3)
    options.add_argument("--rate", type=float, default=4e-5)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--smoke", action="store_true", help="few texts")
    chosen = options.parse_args()
    torch.manual_seed(chosen.seed)
    rng = random.Random(chosen.seed)
    if chosen.start:
        model, base = load(chosen.start)
    elif chosen.smoke:
        base = drawn(own_texts()[::50], chosen.seed)
        model = Encoder(filled(base), tokenizer(base.pieces, base.scores))
    else:
        whole = unpack(fetch(chosen.cache))
        base = cut_down(whole, kept_pieces(whole, spelled(chosen.cache)))
        print(f"{len(base.pieces)} of {len(whole.pieces)} pieces kept", flush=True)
        model = Encoder(filled(base), tokenizer(base.pieces, base.scores))
    talk = {language: chat(HERE / "corpus", language) for language in ("en", "zh")}
    policies, products = shops(HERE / "shops"), listings(HERE / "listings")
    left = {"policies en": [s for s in policies[::LEFT_OUT] if s.name.startswith("en")], "policies zh": [s for s in policies[::LEFT_OUT] if s.name.startswith("zh")],
            "listings en": [s for s in products[::LEFT_OUT] if "en" in s.name.split()[0]][::2], "listings zh": [s for s in products[::LEFT_OUT] if "zh" in s.name.split()[0]][::2]}
    policies = [source for place, source in enumerate(policies) if place % LEFT_OUT]
    products = [source for place, source in enumerate(products) if place % LEFT_OUT]
    for source in policies:
        source.questions.extend((message, set()) for message in rng.sample(talk["zh" if source.name.startswith("zh") else "en"], 15))
    sample = sample_shop(ROOT / "catalog/policies")
    for source in sample:
        source.questions = [(text, right) for text, right in source.questions if not right or fnv1a(text.encode()) % EXAMPLES_LEFT_OUT]
    reviews = [example for examples in training(chosen.data, chosen.seed, 6000).values() for example in examples]
    tuned = {"zh": [pair for pair in zh_tuning(chosen.data)]}
    if chosen.smoke:
        policies, products, reviews = policies[:2], products[:6], reviews[:64]
        left = {name: sources[:1] for name, sources in left.items()}

    remembered: dict[str, torch.Tensor] = {}

    @torch.no_grad()
    def remember(source: Source) -> None:
        remembered[source.name] = model(TEXT, [spoken(text) for text in source.texts])

    def sample_step() -> Source:
        """Passages of the sample shop that are taken for each other, with questions of these and some that nothing answers."""
        source = rng.choice(sample)
        if source.name not in remembered or rng.random() < 1 / REMEMBERED:
            remember(source)
        texts: set[int] = set()
        while len(texts) < min(SAMPLE_TEXTS, len(source.texts)):
            z = remembered[source.name]
            texts |= set((z @ z[rng.randrange(len(z))]).topk(NEAREST).indices.tolist())
        of = {place: at for at, place in enumerate(sorted(texts))}
        some = [(text, {of[next(iter(right))]} if right else right) for text, right in source.questions if not right or right <= of.keys()]
        return Source(source.name, [source.texts[place] for place in of], rng.sample(some, min(len(some), 140)))

    def one_pass() -> list:
        steps = [("answers", [source]) for source in policies]
        mixed = rng.sample(products, len(products))
        steps += [("answers", mixed[start:start + 6]) for start in range(0, len(mixed), 6)]
        steps += [("sample", None)] * (2 if chosen.smoke else SAMPLE_STEPS)
        some = rng.sample(reviews, min(len(reviews), 3840))
        steps += [("praise", some[start:start + 24]) for start in range(0, len(some), 24)]
        rng.shuffle(steps)
        return steps

    def report() -> str:
        parts = [f"{name} {right:.3f} ({area:.3f})" for name, sources in left.items() for right, area in [accuracy(model, sources)]]
        return ", ".join([*parts, *(f"sentiment {name} {sentiment(model, pairs):.3f}" for name, pairs in tuned.items() if pairs)])

    steps = [step for _ in range(chosen.epochs) for step in one_pass()]
    slow = [parameter for name, parameter in model.named_parameters() if name.startswith("model.") and parameter.requires_grad]
    fast = [parameter for name, parameter in model.named_parameters() if not name.startswith("model.")]
    optimiser = torch.optim.AdamW([{"params": slow, "lr": chosen.rate}, {"params": fast, "lr": 1e-2}], weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda at: min((at + 1) / 60, max(1 - at / len(steps), 0.02)))
    started, path = time.monotonic(), chosen.out / "checkpoint.pt"
    chosen.out.mkdir(parents=True, exist_ok=True)
    done = resume(path, model, optimiser, schedule, len(steps))
    print(f"{f'{done} of {len(steps)} steps were done' if done else 'at the start'}: {report()}; {time.monotonic() - started:.0f} s", flush=True)
    summed, one_pass_long = {}, len(steps) // chosen.epochs
    for at, (kind, what) in enumerate(tqdm(steps, mininterval=30)):
        if at < done:
            continue
        rng.seed(f"{chosen.seed} {at}")
        if kind == "praise":
            loss = 0.5 * praises(model, what)
        elif kind == "answers":
            loss = answers(model, what, 140, rng)
        else:
            source = sample_step()
            groups: dict[int, list[str]] = {}
            for text, right in source.questions:
                groups.setdefault(next(iter(right)) if right else -1 - len(groups), []).append(text)
            loss = answers(model, [source], 90, rng) + 0.5 * alike(model, [group[:8] for group in groups.values()])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(slow, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        schedule.step()
        summed.setdefault(kind, []).append(loss.item())
        last = at + 1 == len(steps)
        if (at + 1) % KEPT_EVERY == 0 or last:
            save(model, base, path, None if last else (optimiser, schedule), (at + 1, len(steps)))
        if (at + 1) % one_pass_long == 0 or last:
            losses = ", ".join(f"{kind} {np.mean(values):.3f}" for kind, values in sorted(summed.items()))
            summed = {}
            print(f"step {at + 1}: {losses}; {report()}; scale {model.scale.item():.2f}, none {model.none.item():.2f}; {time.monotonic() - started:.0f} s", flush=True)


def save(model: Encoder, base: Base, path: Path, going_on: tuple | None, steps: tuple[int, int]) -> None:
    """With what is needed to go on, unless it is done; a stop while it is written leaves the one before."""
    found = {"model": model.state_dict(), "pieces": base.pieces, "scores": base.scores.tolist(), "steps": list(steps),
             "shape": [base.width, base.layers, base.heads, base.inner, base.longest, base.epsilon]}
    if going_on:
        found |= {"optimiser": going_on[0].state_dict(), "schedule": going_on[1].state_dict()}
    torch.save(found, path.with_suffix(".partial"))
    path.with_suffix(".partial").replace(path)


def resume(path: Path, model: Encoder, optimiser, schedule, steps: int) -> int:
    """How many steps a checkpoint of as long a run has behind it; puts the model where it was."""
    if not path.exists():
        return 0
    saved = torch.load(path, weights_only=True)
    if saved.get("steps", [0, 0])[1] != steps:
        return 0
    model.load_state_dict(saved["model"])
    if "optimiser" in saved:
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
    return saved["steps"][0]


def checkpoint(folder: Path) -> tuple[dict, Base]:
    """The weights of a checkpoint, and what describes them; of the base the tensors are left out."""
    saved = torch.load(folder / "checkpoint.pt", weights_only=True)
    return saved["model"], Base(*saved["shape"], saved["pieces"], np.array(saved["scores"], np.float32), {})


def load(path: Path) -> tuple[Encoder, Base]:
    """A checkpoint in a folder, or a GGUF of encoder_file.py, with what describes it."""
    if path.suffix == ".gguf":
        base, layers = shipped(path)
        model = Encoder(filled(base), tokenizer(base.pieces, base.scores), layers["scale"][0], layers["none"][0])
        with torch.no_grad():
            for language, layer in model.praise.items():
                *weights, bias = layers[f"praise.{language}"]
                layer.weight.copy_(torch.tensor([weights]) / 10)
                layer.bias.fill_(bias)
        return model.eval(), base
    state, base = checkpoint(path)
    model = Encoder(empty(base), tokenizer(base.pieces, base.scores))
    model.load_state_dict(state)
    return model.eval(), base


def zh_tuning(data: Path) -> list[tuple[str, int]]:
    """A part of the Chinese reviews that is neither trained on nor the measured fifth."""
    import gzip

    path = data / "reviews/online_shopping_10_zh.jsonl.gz"
    if not path.exists():
        return []
    rows = [json.loads(line) for line in gzip.open(path, "rt", encoding="utf-8")]
    return [(row["text"], row["label"]) for row in rows if fnv1a(row["text"].encode()) % 5 == 1][::12]


if __name__ == "__main__":
    main()
