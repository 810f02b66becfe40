"""What may stand in a marked span: written lists, spans harvested from the corpus, and words that do not exist.

Words that do not exist matter most: a model that only ever copies known words does not learn to copy.
"""

import random
from collections import defaultdict
from pathlib import Path

from .amount import amount
from .label import Example, read_lines

ONSETS = "b br c ch cl d dr f fl g gl gr h j k kl l m n p pl qu r s sh sk sl st t th tr v w y z".split()
CORES = "a e i o u ai ea ee oo ou ar or en in on el".split()
CODAS = "b ck d g l m n nd p r s t x th sh ster ton ly zo ra mo vi ".split(" ")
NOUN_TAILS = {
    "zh": "器 机 灯 包 鞋 垫 架 盒 刷 杯 壶 锅 椅 柜 帽 衣 裤 袋 膜 线 仪 笔 板 贴 棒 球 车 床 枕 毯 膏 油 粉 茶 饼 套 夹 扇 桶 刀".split(),
    "en": "bag lamp holder case cleaner stand cover brush kit mat rack press cutter mixer heater pad board".split(),
}
PEOPLE = {"zh": ["我", "我家", "他", "她"], "en": ["my", "our", "his", "her"]}


def read_lexicon(path: Path) -> dict[str, list[str]]:
    """slot -> items of a lexicon file; Chinese items are split by spaces, others by commas."""
    found = defaultdict(list)
    for line in read_lines(path):
        slot, items = line.split(":", 1)
        found[slot].extend(item.strip() for item in (items.split() if path.stem == "zh" else items.split(",")))
    return {slot: list(dict.fromkeys(items)) for slot, items in found.items()}


def common_han() -> str:
    """The 3,755 characters of GB2312 level 1, in its order."""
    rows = range(0xB0, 0xD8)
    cells = (bytes([row, cell]) for row in rows for cell in range(0xA1, 0xFF))
    return "".join(text for cell in cells if (text := cell.decode("gb2312", errors="ignore")))


HAN = common_han()


class Lexicon:
    """Draws spans for a slot in a language."""

    def __init__(self, folder: Path, examples: list[tuple[str, Example]]):
        self.written = {language: read_lexicon(folder / f"{language}.txt") for language in ("zh", "en")}
        self.harvested: dict[str, dict[str, list[str]]] = {"zh": defaultdict(list), "en": defaultdict(list)}
        for language, example in examples:
            for words, slot in example.pieces:
                if slot:
                    self.harvested[language][slot].append(words)

    def draw(self, rng: random.Random, language: str, slot: str) -> str:
        """A span: of the corpus, of the written list, made up, or of the other language."""
        if slot.startswith("price_"):
            return amount(rng, language)
        if slot == "quantity":
            return rng.choice(QUANTITIES[language])
        if slot == "order_id":
            return order_id(rng)
        if slot == "name":
            return rng.choice(self.written[language]["name"]) if rng.random() < 0.4 else product_name(rng, language)
        if slot == "items" and rng.random() < 0.12:
            return product_name(rng, language)
        if language == "zh" and slot in ("query", "brand", "feature", "colour") and rng.random() < 0.06:
            return rng.choice(self.written["en"][slot])
        made_up = {"query": 0.22, "brand": 0.5, "feature": 0.15, "exclude": 0.18, "material": 0.12, "use": 0.1,
                   "audience": 0.08}.get(slot, 0.0)
        if rng.random() < made_up:
            return nonce(rng, language, slot)
        harvested = self.harvested[language].get(slot)
        if harvested and rng.random() < 0.5:
            return rng.choice(harvested)
        return rng.choice(self.written[language][slot])

    def context(self, rng: random.Random, language: str) -> str:
        """What was looked for before, as the assistant writes it."""
        query = self.draw(rng, language, "query")
        if rng.random() < 0.2:
            extra = self.draw(rng, language, rng.choice(["colour", "feature", "brand", "audience"]))
            query = f"{extra}{'' if language == 'zh' else ' '}{query}"
        shown = rng.choice([0, 1, 2, 3, 3, 4, 4, 5, 5, 5, 5, 5, 6, 8])
        return f"{query}; shown {shown}"


QUANTITIES = {
    "zh": "一个 两个 三个 两件 三件 一件 一双 两双 2个 3个 2件 5件 10个 四个 五个 六个 一套 两套 3份 2盒 一箱 两瓶 4 2 3 1 俩 十个 仨".split(),
    "en": "one,two,three,four,five,six,2,3,1,4,10,a pair,a couple,2x,x3,a dozen,3 pcs,two pairs,half a dozen".split(","),
}


def word(rng: random.Random) -> str:
    """An English-looking word that does not exist."""
    syllables = rng.choice([1, 2, 2, 2, 3])
    return "".join(rng.choice(ONSETS) + rng.choice(CORES) for _ in range(syllables)) + rng.choice(CODAS)


def han(rng: random.Random, length: int) -> str:
    return "".join(rng.choice(HAN) for _ in range(length))


def nonce(rng: random.Random, language: str, slot: str) -> str:
    """A made-up value of a slot."""
    if slot == "brand":
        latin = word(rng)
        latin = rng.choice([latin.capitalize(), latin.capitalize(), latin.upper(), latin, latin.capitalize() + " " + word(rng).capitalize()])
        return latin if language == "en" or rng.random() < 0.4 else han(rng, rng.choice([2, 2, 2, 3]))
    if language == "zh":
        if slot == "query":
            return han(rng, rng.choice([1, 2, 2, 3])) + rng.choice(NOUN_TAILS["zh"])
        if slot == "audience":
            return rng.choice(PEOPLE["zh"]) + han(rng, 2)
        return han(rng, rng.choice([2, 2, 3, 4]))
    if slot == "query":
        return word(rng) if rng.random() < 0.4 else f"{word(rng)} {rng.choice(NOUN_TAILS['en'])}"
    if slot == "audience":
        return f"{rng.choice(PEOPLE['en'])} {word(rng)}"
    return word(rng) if rng.random() < 0.6 else f"{word(rng)} {word(rng)}"


def product_name(rng: random.Random, language: str) -> str:
    """A made-up product's name."""
    tail = rng.choice(["", " Pro", " 2", " 3", " X1", " Max", " Mini", " 40", " S", " Plus", f" {rng.randint(5, 900)}"])
    if language == "zh" and rng.random() < 0.6:
        return han(rng, 2) + rng.choice(["", han(rng, 1)]) + rng.choice(NOUN_TAILS["zh"]) + tail.strip()
    return " ".join(word(rng).capitalize() for _ in range(rng.choice([1, 2, 2]))) + tail


def order_id(rng: random.Random) -> str:
    """An order number as shops write them."""
    digits = "".join(rng.choice("0123456789") for _ in range(rng.choice([6, 8, 10, 11, 12, 14])))
    date = f"2026{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{rng.randint(0, 999):03d}"
    letters = "".join(rng.choice("ABCDEFGHKMNPRSTXYZ") for _ in range(2))
    return rng.choice([f"DG{date}", f"DG{date}", f"DG{digits}", date, digits, f"#{digits[:6]}", f"{letters}{digits}",
                       f"{letters}-{digits[:5]}", f"{letters.lower()}{digits}", f"{digits[:4]}-{digits[4:]}"])
