"""Carrier phrases with choices and slots, drawn into examples. The format is described in ../templates/*.txt."""

import random
import re
from pathlib import Path

from .label import CLOSED, INTENTS, Example, LabelError, read_lines
from .lexicon import Lexicon

TOKEN = re.compile(r"\((?P<choices>[^()]*)\)|\{(?P<slot>\w+)\}")


class Template:
    """One line of a template file."""

    def __init__(self, line: str, language: str):
        parts = line.split(" | ", 2)
        head = parts[0].split()
        if len(parts) != 3 or head[0] not in INTENTS or parts[1] not in ("-", "?", "{ctx}"):
            raise LabelError(f"not a template: {line!r}")
        self.language, self.intent, self.context, self.body = language, head[0], parts[1], parts[2]
        self.fixed = dict(pair.split("=", 1) for pair in head[1:])
        if any(value not in CLOSED[key] for key, value in self.fixed.items()):
            raise LabelError(f"unknown value: {line!r}")

    def draw(self, rng: random.Random, lexicon: Lexicon) -> Example:
        body = TOKEN.sub(lambda found: choose(rng, found), self.body)
        pieces: list[tuple[str, str | None]] = []
        end = 0
        for found in re.finditer(r"\{(\w+)\}", body):
            pieces.append((body[end:found.start()], None))
            slot = found.group(1)
            pieces.append((lexicon.draw(rng, self.language, slot), "items" if slot == "name" else slot))
            end = found.end()
        pieces.append((body[end:], None))
        pieces = [(words, slot) for words, slot in tidy(pieces) if words]
        context = "-"
        if self.context == "{ctx}" or (self.context == "?" and rng.random() < 0.45):
            context = lexicon.context(rng, self.language)
        return Example(self.intent, context, pieces, dict(self.fixed))


def choose(rng: random.Random, found: re.Match) -> str:
    """One of a choice's alternatives; a slot stays for later."""
    if found.group("choices") is None:
        return found.group(0)
    return rng.choice(found.group("choices").split("|"))


def tidy(pieces):
    """Drops the spaces at both ends and the doubled ones that empty choices leave."""
    found = []
    for words, slot in pieces:
        if slot is None:
            words = re.sub(r" {2,}", " ", words)
            if not found or found[-1][0].endswith(" "):
                words = words.lstrip(" ")
        if words:
            found.append((words, slot))
    if found and found[-1][1] is None:
        found[-1] = (found[-1][0].rstrip(" "), None)
    return found


def read_templates(folder: Path) -> list[Template]:
    return [Template(line, path.stem) for path in sorted(folder.glob("*.txt")) for line in read_lines(path)]
