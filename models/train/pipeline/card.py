"""Writes the model card from what the stages reported: `python -m pipeline.card --out OUT --card models/README.md`."""

import argparse
import json
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent


def read(path: Path) -> dict:
    return json.loads(path.read_text()) if path.exists() else {}


def percent(value) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join(["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)])


def scores(evaluation: dict) -> str:
    """By language."""
    return table(["", "messages", "intent", "macro-F1", "slots F1", "relaxed", "exact answers", "ECE"], [
        [language, str(part["messages"]), *(percent(part[key]) for key in (
            "intent", "intent_macro_f1", "slots_f1", "slots_f1_relaxed", "exact_answers", "calibration_error"))]
        for language, part in evaluation.items()])


def by_intent(evaluation: dict) -> str:
    names = sorted({name for part in evaluation.values() for name in part["intent_f1"]})
    return table(["intent F1", *evaluation], [
        [name, *(percent(part["intent_f1"].get(name)) for part in evaluation.values())] for name in names])


def prior(report: dict) -> str:
    return table(["", "messages", "intent", "macro-F1", "ECE"], [
        [language, str(part["messages"]), percent(part["accuracy"]), percent(part["macro_f1"]), percent(part["ece"])]
        for language, part in report.get("held_out", {}).items()])


def sentiment(report: dict) -> str:
    return table(["measured on", "reviews", "accuracy", "recall of complaints", "recall of praise", "ECE"], [
        [name, str(part["reviews"]), *(percent(part[key]) for key in ("accuracy", "negative_recall", "positive_recall", "ece"))]
        for name, part in report.items() if isinstance(part, dict)])


def training(out: Path) -> str:
    lines = (out / "log.jsonl").read_text().splitlines() if (out / "log.jsonl").exists() else []
    if not lines:
        return "no log"
    last = json.loads(lines[-1])
    begun = read(out / "begun.json")
    tokens = (last["tokens"] + begun.get("tokens", 0)) / 1e6
    start = f"Begun with the weights of the {begun['from']} of the release before; since then " if begun.get("from") else ""
    return (f"{start}{tokens:.1f} million tokens after the shared prefix, the last {last['step']:,} steps in "
            f"{last['seconds'] / 60:.0f} minutes; loss on the validation part {last['loss']}")


def parity(report: dict) -> str:
    return table(["GGUF", "prompts", "tokenized differently", "greedy answers", "answered differently"], [
        [name, *(str(part[key]) for key in ("prompts", "tokenized_differently", "answers", "answered_differently"))]
        for name, part in report.items()])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=HERE / "out")
    options.add_argument("--card", type=Path, default=HERE.parent / "README.md")
    chosen = options.parse_args()
    evaluation = read(chosen.out / "evaluation.json")
    values = {
        "training": training(chosen.out), "scores": scores(evaluation), "by_intent": by_intent(evaluation),
        "parity": parity(read(chosen.out / "parity.json")), "prior": prior(read(chosen.out / "prior.json")),
        "sentiment": sentiment(read(chosen.out / "sentiment.json")),
    }
    text = (HERE / "card.md").read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    chosen.card.write_text(text, encoding="utf-8")
    print(f"wrote {chosen.card}")


if __name__ == "__main__":
    main()
