"""Labelled messages: one line of a corpus read into an example, and an example written as the answer of the model.

The format is ../corpus/GUIDE.md: `INTENT [key=value …] | CONTEXT | MESSAGE with [words](slot) marked`.
An answer is one flat JSON object without spaces, its keys in a fixed order, absent keys absent, values verbatim.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

INTENTS = [
    "search", "refine", "more", "compare", "detail", "similar", "reviews", "recommend", "cart_add", "cart_remove",
    "cart_show", "save", "policy", "order_status", "order_change", "complaint", "human", "privacy", "greet", "thanks",
    "smalltalk", "off_topic", "unclear",
]  # the order of `IntentKind::ALL`
KEYS = [
    "query", "brand", "price_min", "price_max", "price_near", "colour", "size", "material", "season", "use", "audience",
    "feature", "exclude", "sort", "items", "order_id", "topic", "quantity",
]
CLOSED = {
    "sort": ["price_asc", "price_desc", "rating", "newest", "sales", "relevance"],
    "topic": ["shipping", "returns", "exchange", "refund", "warranty", "invoice", "payment", "coupons", "membership",
              "size_guide", "contact", "stores", "price_protection", "installation", "gift_wrap", "other", "cancel",
              "address", "return", "urge"],
}
SPANS = [key for key in KEYS if key not in CLOSED]
MARK = re.compile(r"\[([^\[\]]+)\]\((\w+)\)")


@dataclass
class Example:
    """A message with its context and meaning. `pieces` is the text in order: (words, slot or None)."""

    intent: str
    context: str
    pieces: list[tuple[str, str | None]]
    fixed: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "".join(words for words, _ in self.pieces)

    def spans(self, slot: str) -> list[str]:
        return [words for words, name in self.pieces if name == slot]

    def answer(self) -> dict[str, str | list[str]]:
        """The object that the model writes for this message."""
        found: dict[str, str | list[str]] = {"intent": self.intent}
        for key in KEYS:
            values = [self.fixed[key]] if key in self.fixed else list(dict.fromkeys(self.spans(key)))
            if values:
                found[key] = values[0] if len(values) == 1 else values
        return found

    def line(self) -> str:
        """The example in the format of the corpus."""
        head = " ".join([self.intent, *(f"{key}={value}" for key, value in self.fixed.items())])
        body = "".join(f"[{words}]({slot})" if slot else words for words, slot in self.pieces)
        return f"{head} | {self.context} | {body}"


class LabelError(ValueError):
    """A line that the guide does not allow."""


def split_pieces(body: str) -> list[tuple[str, str | None]]:
    """The marked and unmarked stretches of a message, in order."""
    pieces: list[tuple[str, str | None]] = []
    end = 0
    for mark in MARK.finditer(body):
        if mark.start() > end:
            pieces.append((body[end:mark.start()], None))
        pieces.append((mark.group(1), mark.group(2)))
        end = mark.end()
    if end < len(body):
        pieces.append((body[end:], None))
    return pieces


def parse_line(line: str) -> Example:
    """Reads one line; raises LabelError naming what is wrong."""
    parts = line.split(" | ", 2)
    if len(parts) != 3:
        raise LabelError(f"three parts wanted: {line!r}")
    head, context, body = parts[0].split(), parts[1].strip(), parts[2].strip()
    if not head or head[0] not in INTENTS:
        raise LabelError(f"unknown intent: {line!r}")
    fixed = dict(pair.split("=", 1) for pair in head[1:])
    for key, value in fixed.items():
        if value not in CLOSED.get(key, []):
            raise LabelError(f"unknown {key}={value}: {line!r}")
    pieces = split_pieces(body)
    for words, slot in pieces:
        if slot is not None and slot not in SPANS:
            raise LabelError(f"unknown slot {slot!r}: {line!r}")
        if slot is None and ("[" in words or "](" in words):
            raise LabelError(f"a bracket outside a mark: {line!r}")
    return Example(head[0], context, pieces, fixed)


def read_lines(path: Path) -> list[str]:
    """The lines of a text file that say something, duplicates dropped."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def read_corpus(folder: Path, on_error=None) -> list[tuple[str, Example]]:
    """All examples of a folder as (language by file name, example). A bad line is passed to `on_error`, or raised."""
    found = []
    for path in sorted(folder.glob("*.txt")):
        language = path.name[:2]
        for line in read_lines(path):
            try:
                found.append((language, parse_line(line)))
            except LabelError as error:
                if on_error is None:
                    raise LabelError(f"{path.name}: {error}") from error
                on_error(path, error)
    return found


def is_held_out(text: str) -> bool:
    """Whether a hand-written message belongs to the validation part: about 8 %, chosen by its own hash."""
    return hashlib.sha256(text.encode("utf-8")).digest()[0] < 21


def to_json(answer: dict) -> str:
    """The canonical text of an answer."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
