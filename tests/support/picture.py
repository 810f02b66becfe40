#!/usr/bin/env python3
"""Draws a terminal conversation as an SVG picture, from the program's own output.

usage: picture.py DAOGOU OUT.svg MESSAGE...

Runs `DAOGOU chat` on the messages (one turn each, a conversation of its own) and sets what it printed in monospace, a Han character taking two columns.
"""
import html
import subprocess
import sys
import tempfile
import unicodedata

CELL, LINE, PAD = 8.4, 20, 18


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def converse(program, messages):
    lines = []
    with tempfile.TemporaryDirectory() as data:
        for message in messages:
            answer = subprocess.run(
                [program, "chat", "--data-dir", data, "--once", message],
                capture_output=True, text=True, check=True, env={"COLUMNS": "92", "PATH": "/usr/bin:/bin"},
            ).stdout
            lines += [("said", "› " + message)] + [("reply", line) for line in answer.rstrip().split("\n")] + [("reply", "")]
    return lines


def draw(lines):
    width = max(columns(text) for _, text in lines) * CELL + 2 * PAD
    height = len(lines) * LINE + 2 * PAD
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}">',
        "<style>text{font:14px ui-monospace,'DejaVu Sans Mono','Noto Sans Mono CJK SC',monospace;white-space:pre;fill:#d8dee9}"
        ".said{fill:#8fd694;font-weight:bold}</style>",
        f'<rect width="100%" height="100%" rx="10" fill="#1f2430"/>',
    ]
    for row, (kind, text) in enumerate(lines):
        if text:
            y = PAD + (row + 0.75) * LINE
            out.append(
                f'<text class="{kind}" x="{PAD}" y="{y:.0f}" textLength="{columns(text) * CELL:.0f}" '
                f'lengthAdjust="spacingAndGlyphs" xml:space="preserve">{html.escape(text)}</text>'
            )
    return "\n".join(out + ["</svg>\n"])


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(draw(converse(sys.argv[1], sys.argv[3:])))
