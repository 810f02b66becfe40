"""Renders the product's own prompt files (prompts/compact/*.md), so that training and runtime cannot differ.

A file has a line `# system` and a line `# user`, each followed by its text with `{{placeholders}}`; other sections are left.
"""

import re
from pathlib import Path

PROMPTS = Path(__file__).resolve().parents[3] / "prompts" / "compact"


class Prompts:
    """The compact profile's prompts."""

    def __init__(self, folder: Path = PROMPTS):
        self._parse = read_prompt(folder / "parse.md")

    def parse(self, context: str, text: str) -> tuple[str, str]:
        """(system, user) of the parse job."""
        return tuple(fill(part, {"context": context, "message": text}) for part in self._parse)


def read_prompt(path: Path) -> tuple[str, str]:
    sections = re.split(r"^# (\w+)\s*$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = dict(zip(sections[1::2], (body.strip() for body in sections[2::2])))
    if not {"system", "user"} <= set(found):
        raise ValueError(f"{path} needs the sections system and user")
    return found["system"], found["user"]


def fill(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda name: values[name.group(1)], text)
