"""Scores the model on messages that it has never seen: intents, slots, exact answers, by language and by intent.

A span is right when its slot and text are equal (exact), or when the slot is equal and one text contains the other
(relaxed). Slot scores are micro-averaged over all spans. `python -m pipeline.evaluate --out OUT` uses the validation part;
`--set FILE` any labelled file. The model answers freely here; the program's grammar makes it a little better.
"""

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path

import torch

from .generate import Generator
from .label import KEYS, Example, read_lines, parse_line
from .prompts import Prompts
from .tokenizer import Tokenizer
from .train import load_model
from .transformer import Transformer

HERE = Path(__file__).resolve().parent.parent
ROWS = 32


@torch.no_grad()
def answers(model: Transformer, tokenizer: Tokenizer, prompts: Prompts, examples: list[Example], limit: int = 64):
    """The greedy answer and the probability of its intent, for each example."""
    found: list = [None] * len(examples)
    encoded = [tokenizer.prompt(*prompts.parse(e.context, e.text)) for e in examples]
    order = sorted(range(len(examples)), key=lambda index: len(encoded[index]))
    for start in range(0, len(order), ROWS):
        part = order[start:start + ROWS]
        rows = [list(encoded[index]) for index in part]
        confidence = [1.0] * len(rows)
        open_rows = set(range(len(rows)))
        for step in range(limit):
            if not open_rows:
                break
            active = sorted(open_rows)
            longest = max(len(rows[i]) for i in active)
            tokens = torch.full((len(active), longest), tokenizer.end)
            for place, i in enumerate(active):
                tokens[place, : len(rows[i])] = torch.tensor(rows[i])
            states = model(tokens)
            last = states[torch.arange(len(active)), torch.tensor([len(rows[i]) - 1 for i in active])]
            chances = model.logits(last).softmax(-1)
            for place, i in enumerate(active):
                best = int(chances[place].argmax())
                if step == 0:
                    confidence[i] = float(chances[place, best])
                if best == tokenizer.end or len(rows[i]) >= model.shape.context - 1:
                    open_rows.discard(i)
                else:
                    rows[i].append(best)
        for i, index in enumerate(part):
            found[index] = (read_answer(tokenizer.text(rows[i][len(encoded[index]):])), confidence[i])
    return found


def read_answer(text: str) -> dict:
    """The object of an answer; an answer that is none counts as unclear without slots."""
    try:
        found = json.loads(text)
        return found if isinstance(found, dict) and "intent" in found else {"intent": "unclear"}
    except json.JSONDecodeError:
        return {"intent": "unclear", "broken": text}


def pairs(answer: dict) -> list[tuple[str, str]]:
    return [(key, item.strip()) for key in KEYS if key in answer
            for item in (answer[key] if isinstance(answer[key], list) else [answer[key]])]


def score(examples: list[tuple[str, Example]], found: list) -> dict:
    """The report by language."""
    report = {}
    for language in ("zh", "en", "all"):
        part = [(e, guess, p) for (lang, e), (guess, p) in zip(examples, found) if language in (lang, "all")]
        if part:
            report[language] = score_part(part)
    return report


def score_part(part: list) -> dict:
    counts: Counter = Counter()
    intents: dict = defaultdict(Counter)
    bins: dict = defaultdict(list)
    for example, guess, confidence in part:
        wanted, got = example.answer(), guess
        right = wanted["intent"] == got["intent"]
        counts.update(intent=right, exact_answer=wanted == got, broken="broken" in got)
        intents[wanted["intent"]]["wanted"] += 1
        intents[got["intent"]]["got"] += 1
        intents[wanted["intent"]]["right"] += right
        bins[min(int(confidence * 10), 9)].append((confidence, right))
        want, have = pairs(wanted), pairs(got)
        counts.update(wanted=len(want), got=len(have), same=sum((Counter(want) & Counter(have)).values()))
        left = list(want)
        for slot, text in have:
            match = next((w for w in left if w[0] == slot and (w[1] in text or text in w[1])), None)
            if match:
                left.remove(match)
                counts["close"] += 1
    size = len(part)
    f1 = {name: 2 * c["right"] / (c["wanted"] + c["got"]) for name, c in intents.items() if c["wanted"]}
    return {
        "messages": size, "intent": round(counts["intent"] / size, 4), "intent_macro_f1": round(sum(f1.values()) / len(f1), 4),
        "slots_f1": round(2 * counts["same"] / max(counts["wanted"] + counts["got"], 1), 4),
        "slots_f1_relaxed": round(2 * counts["close"] / max(counts["wanted"] + counts["got"], 1), 4),
        "exact_answers": round(counts["exact_answer"] / size, 4), "broken_answers": counts["broken"],
        "calibration_error": round(sum(abs(sum(p - r for p, r in found)) for found in bins.values()) / size, 4),
        "intent_f1": {name: round(value, 3) for name, value in sorted(f1.items())},
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=HERE / "out")
    options.add_argument("--set", type=Path, help="a labelled file instead of the validation part; zh_* or en_*")
    options.add_argument("--wrong", type=int, default=0, help="print so many wrong answers")
    options.add_argument("--most", type=int, default=10_000, help="of so many messages")
    chosen = options.parse_args()
    torch.set_num_threads(1)
    if chosen.set:
        examples = [(chosen.set.name[:2], parse_line(line)) for line in read_lines(chosen.set)]
    else:
        examples = Generator(HERE, None).held_out
    examples = examples[:: max(1, len(examples) // chosen.most)]
    model, tokenizer = load_model(chosen.out / "checkpoint.pt").eval(), Tokenizer(chosen.out / "tokenizer.model")
    found = answers(model, tokenizer, Prompts(), [e for _, e in examples])
    report = score(examples, found)
    (chosen.out / "evaluation.json").write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1))
    shown = 0
    for (_, example), (guess, confidence) in zip(examples, found):
        if guess != example.answer() and shown < chosen.wrong:
            shown += 1
            print(f"{confidence:.2f} {example.line()}\n     {json.dumps(guess, ensure_ascii=False)}")


if __name__ == "__main__":
    main()
