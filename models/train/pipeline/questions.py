"""Questions with the text that answers each: what the matcher learns from.

`../shops/LANG_NAME.txt`, policies of invented shops: `## heading`, the passage's text, `? question` lines; under `## none` what the
shop leaves open. `../listings/LANG.txt`, invented products: `# title`, lines `[1] attr name: value`, `[2] desc …`, `[3] review …`, then
`? question => 1,3` or `=> none`. And the sample shop's policies with their example questions and those that nothing there answers. All written for this project.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from .label import is_held_out, read_corpus

LINE = re.compile(r"\[(\d+)\] (attr|desc|review) (.+)")
PLAIN_ZH = ["{}是什么", "什么{}", "{}？", "{}呢", "{}是多少", "请问{}"]
PLAIN_EN = ["what is the {}", "what {}", "{}?", "what's the {}", "which {} is it", "tell me the {}"]
HAN = re.compile("[\u4e00-\u9fff]")
COMMON = Path(__file__).resolve().parents[3] / "catalog/not_covered.txt"
QUESTION = re.compile(r"\? (.+?) => (none|\d+(?:,\d+)*)")


@dataclass
class Source:
    """Texts among which a question's answer is sought: of a shop, or of one product."""

    name: str
    texts: list[tuple[str, str]] = field(default_factory=list)  # heading and text
    questions: list[tuple[str, set[int]]] = field(default_factory=list)  # with the places that answer; none for no answer


def shops(folder: Path) -> list[Source]:
    """Those of a folder within come last, so that which are left out stays the same when more are written."""
    found = []
    for path in sorted(folder.glob("*.txt")) + sorted(folder.glob("*/*.txt")):
        source, open_questions = Source(path.stem), False
        for line in filter(None, map(str.strip, path.read_text(encoding="utf-8").splitlines())):
            if line.startswith("## "):
                open_questions = line == "## none"
                if not open_questions:
                    source.texts.append((line[3:].strip(), ""))
            elif line.startswith("? "):
                source.questions.append((line[2:].strip(), set() if open_questions else {len(source.texts) - 1}))
            elif not line.startswith("# "):
                heading, text = source.texts[-1]
                source.texts[-1] = (heading, f"{text} {line}".strip())
        found.append(source)
    return found


def listings(folder: Path) -> list[Source]:
    """Each with two plain questions for attributes by their names beside those that were written. In the order of `shops`."""
    found: list[Source] = []
    for path in sorted(folder.glob("*.txt")) + sorted(folder.glob("*/*.txt")):
        places: dict[str, int] = {}
        for line in filter(None, map(str.strip, path.read_text(encoding="utf-8").splitlines())):
            if line.startswith("# "):
                found.append(Source(f"{path.stem} {line[2:]}"))
                places = {}
            elif stated := LINE.fullmatch(line):
                places[stated[1]] = len(places)
                found[-1].texts.append(("", stated[3]))
            elif asked := QUESTION.fullmatch(line):
                right = set() if asked[2] == "none" else {places[number] for number in asked[2].split(",")}
                found[-1].questions.append((asked[1], right))
            else:
                raise SystemExit(f"{path}: not understood: {line}")
    for source in found:
        source.questions.extend(plain_questions(source.texts))
    return found


def plain_questions(texts: list[tuple[str, str]]) -> list[tuple[str, set[int]]]:
    """Of the first and the last attribute whose name no other line has: "材质是什么", "what is the material"."""
    found = []
    for place, (_, text) in enumerate(texts):
        name, colon, _ = re.sub("（.*?）| \\(.*?\\)", "", text).partition("：") if "：" in text else text.partition(": ")
        if colon and len(name) < 20 and sum(name in other for _, other in texts) == 1:
            forms = PLAIN_ZH if HAN.search(name) else PLAIN_EN
            found.append((forms[(place + len(text)) % len(forms)].format(name), {place}))
    return [found[0], found[-1]] if len(found) > 1 else found


def chat(corpus: Path, language: str) -> list[str]:
    """Messages of the corpus that ask nothing of a shop's service: also these have no answer."""
    kinds = {"off_topic", "smalltalk", "search", "refine", "recommend", "unclear", "more", "greet"}
    lines = (example for _, example in read_corpus(corpus))
    return [example.text for example in lines if example.intent in kinds and not is_held_out(example.text)
            and bool(HAN.search(example.text)) == (language == "zh")]


def sample_shop(folder: Path) -> list[Source]:
    """A source for each language."""
    found = []
    for language in ("en", "zh"):
        source = Source(f"sample {language}")
        for path in sorted(folder.glob(f"*.{language}.md")):
            places: dict[str, int] = {}
            for line in filter(None, map(str.strip, path.read_text(encoding="utf-8").splitlines())):
                heading = re.fullmatch(r"##+ (.+)|\*\*(.+)\*\*", line)
                if heading:
                    name = heading[1] or heading[2]
                    places[name] = len(source.texts)
                    source.texts.append((name, ""))
                elif places:
                    name, text = source.texts[-1]
                    source.texts[-1] = (name, f"{text} {line}".strip())
            beside, at = path.with_name(path.name[:-3] + ".asked.txt"), None
            for line in filter(None, map(str.strip, beside.read_text(encoding="utf-8").splitlines() if beside.exists() else [])):
                if line.startswith("# "):
                    at = places.get(line[2:].strip())
                elif at is not None:
                    source.questions.append((line, {at}))
        source.questions.extend((question, set()) for file in (folder / "not_covered.txt", COMMON) for question in left_open(file, language))
        found.append(source)
    return found


def left_open(path: Path, language: str) -> list[str]:
    """Those of a language, of a file of questions that no passage answers."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#") and bool(HAN.search(line)) == (language == "zh")]
