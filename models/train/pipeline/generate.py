"""The stream of training examples: hand-written lines and what is drawn from them, carrier phrases, public text, echoes.

The same seed and step give the same examples, so that a stopped run continues where it was. The validation part of the
corpus never enters: neither as a line nor as a source of spans.
"""

import random
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from .label import Example, is_held_out, read_corpus
from .lexicon import Lexicon, han, product_name, word
from .noise import with_noise
from .public import read_public
from .template import read_templates

CLAUSES = {
    "zh": [("feature", "，要{}的"), ("feature", "，最好{}"), ("price_max", "，{}以内"), ("price_max", "，别超过{}"), ("exclude", "，不要{}的"),
           ("exclude", "，{}的不要"), ("price_near", "，预算{}左右"), ("colour", "，{}的"), ("size", "，{}"), ("audience", "，给{}用"),
           ("use", "，{}用"), ("season", "，{}用"), ("material", "，{}的"), ("brand", "，{}的"), ("feature", " {}"), ("colour", " {}")],
    "en": [("feature", ", {}"), ("feature", " that's {}"), ("price_max", " under {}"), ("price_max", ", max {}"), ("exclude", ", no {}"),
           ("exclude", " but not {}"), ("price_near", ", around {}"), ("colour", " in {}"), ("size", ", {}"), ("audience", " for {}"),
           ("use", " for {}"), ("material", ", {}"), ("brand", " from {}"), ("season", " for {}"), ("price_max", " below {}")],
}
ORDINAL_ZH, ORDINAL_EN = "一二三四五六", ["first", "second", "third", "fourth", "fifth", "sixth"]
KEPT = {"sort", "topic"}


@dataclass
class Echo:
    """Copy this: the whole of a message, or what stands after the last marker."""

    text: str
    copied: str


class Generator:
    """Draws examples; `hand`, `held_out` and `public` are lists of (language, example)."""

    def __init__(self, folder: Path, public_folder: Path | None):
        lines = read_corpus(folder / "corpus")
        self.hand = [pair for pair in lines if not is_held_out(pair[1].text)]
        self.held_out = [pair for pair in lines if is_held_out(pair[1].text)]
        held = {example.text for _, example in self.held_out}
        self.public = [pair for pair in (read_public(public_folder) if public_folder else []) if pair[1].text not in held]
        self.lexicon = Lexicon(folder / "lexicon", self.hand)
        self.hand_by = by_language_and_intent(self.hand)
        self.public_by = by_language_and_intent(self.public)
        templates = read_templates(folder / "templates")
        self.templates = {language: [t for t in templates if t.language == language] for language in ("zh", "en")}
        self.template_weights = {}
        for language, found in self.templates.items():
            counts = defaultdict(int)
            for template in found:
                counts[template.intent] += 1
            self.template_weights[language] = [counts[t.intent] ** -0.5 for t in found]
        self.hand_weights = {language: ([*groups], [len(groups[i]) ** 0.75 for i in groups])
                             for language, groups in self.hand_by.items()}

    def draw(self, rng: random.Random, echo: float = 0.03) -> tuple[str, Example | Echo]:
        """One example with its language; `echo` is the share of the copying task."""
        language = "zh" if rng.random() < 0.52 or not self.templates["en"] else "en"
        if rng.random() < echo:
            return language, self.echo(rng, language)
        source = rng.random()
        if source < 0.06 and self.public_by.get(language):
            group = rng.choice(list(self.public_by[language].values()))
            return language, with_noise(rng, language, self.moved(rng, language, rng.choice(group)), 0.5)
        if source < 0.36 or language not in self.hand_by:
            template = rng.choices(self.templates[language], self.template_weights[language])[0]
            return language, with_noise(rng, language, template.draw(rng, self.lexicon), 0.6)
        intents, weights = self.hand_weights[language]
        example = rng.choice(self.hand_by[language][rng.choices(intents, weights)[0]])
        if rng.random() < 0.3:
            return language, self.moved(rng, language, example) if rng.random() < 0.3 else example
        return language, self.varied(rng, language, example)

    def varied(self, rng: random.Random, language: str, example: Example) -> Example:
        """A hand-written line with other spans, another context, perhaps one clause more, and noise."""
        pieces = [(self.other(rng, language, words, slot), slot) if slot and rng.random() < 0.6 else (words, slot)
                  for words, slot in example.pieces]
        example = Example(example.intent, example.context, pieces, example.fixed)
        if example.intent in ("search", "refine") and rng.random() < 0.15:
            slot, form = rng.choice(CLAUSES[language])
            if slot not in {name for _, name in pieces} and len(example.text) < (30 if language == "zh" else 70):
                front, back = form.split("{}")
                tail = re.sub(r"[。！？.!?~\s]+$", "", pieces[-1][0]) if pieces[-1][1] is None else pieces[-1][0]
                pieces[-1] = (tail, pieces[-1][1])
                pieces += [(front, None), (self.lexicon.draw(rng, language, slot), slot), (back, None)]
                example.pieces = [piece for piece in pieces if piece[0]]
        if rng.random() < 0.6:
            example = self.moved(rng, language, example)
        return with_noise(rng, language, example, 0.7)

    def moved(self, rng: random.Random, language: str, example: Example) -> Example:
        """The same words after another search; where the context decides the meaning only the product changes."""
        context = example.context
        if context != "-":
            shown = re.search(r"shown (\d+)", context)
            fresh = self.lexicon.context(rng, language)
            context = re.sub(r"shown \d+", shown.group(0), fresh) if shown and rng.random() < 0.7 else fresh
        elif example.intent not in ("search", "recommend", "unclear", "detail", "compare", "similar", "reviews") and rng.random() < 0.4:
            context = self.lexicon.context(rng, language)
        elif example.intent in ("search", "recommend") and example.spans("query") and rng.random() < 0.2:
            context = self.lexicon.context(rng, language)
        return Example(example.intent, context, example.pieces, example.fixed)

    def other(self, rng: random.Random, language: str, words: str, slot: str) -> str:
        """Another span of the same kind that fits where this one stood."""
        if slot == "items":
            return other_item(rng, language, words, self.lexicon)
        if slot.startswith("price_") and not re.fullmatch(r"[\d.,kK$¥￥£€]+|[零一二两三四五六七八九十百千万]+(块钱|块|元)?|.*\d.*", words):
            return words
        if slot == "quantity" and len(words) > 8:
            return words
        return self.lexicon.draw(rng, language, slot)

    def echo(self, rng: random.Random, language: str) -> Echo:
        """A text to copy: real, or of characters and syllables at random, so that only copying can get it right."""
        def stretch() -> str:
            kind = rng.random()
            if kind < 0.35:
                return han(rng, rng.randint(1, 6))
            if kind < 0.65:
                return " ".join(word(rng) for _ in range(rng.randint(1, 3)))
            if kind < 0.8:
                return product_name(rng, language)
            return self.lexicon.draw(rng, language, rng.choice(["query", "brand", "feature", "size", "price_max", "order_id"]))

        if rng.random() < 0.3:
            text = stretch()
            return Echo(text, text)
        parts = [stretch() for _ in range(rng.randint(2, 5))]
        marker = rng.choice(["=>", ">>", "：", "->", "##"])
        place = rng.randrange(len(parts))
        joint = rng.choice([" ", "，", ", "])
        text = joint.join(f"{marker}{part}{marker}" if i == place else part for i, part in enumerate(parts))
        return Echo(text, parts[place])


def by_language_and_intent(pairs):
    found: dict = defaultdict(lambda: defaultdict(list))
    for language, example in pairs:
        found[language][example.intent].append(example)
    return found


def other_item(rng: random.Random, language: str, words: str, lexicon: Lexicon) -> str:
    """Another ordinal in the same wording; a name becomes another name; a pointing word stays."""
    if language == "zh" and (found := re.search(r"第([一二三四五六])", words)):
        return words.replace(found.group(0), "第" + rng.choice(ORDINAL_ZH))
    if language == "en":
        for ordinal in ORDINAL_EN:
            if re.search(rf"\b{ordinal}\b", words):
                return words.replace(ordinal, rng.choice(ORDINAL_EN))
    if re.search(r"(?<![\w.])[1-9](?![\w.])|#\d|第\d", words) and len(words) < 12:
        return re.sub(r"\d", str(rng.randint(1, 6)), words, count=1)
    if (language == "en" and re.search(r"[A-Z]", words)) or (language == "zh" and (len(words) > 5 or re.search(r"[A-Za-z]", words))):
        return product_name(rng, language)
    return words
