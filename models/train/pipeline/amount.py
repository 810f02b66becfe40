"""Amounts of money in the forms that shoppers write: 300, 三百, 1k, $50, fifty bucks, 两千五."""

import random

DIGITS = "零一二三四五六七八九"
ONES = "zero one two three four five six seven eight nine ten".split()
TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety"}


def value(rng: random.Random) -> int:
    """A plausible price: round more often than not."""
    return rng.choice([
        rng.randrange(10, 100, 10), rng.randrange(5, 100), rng.randrange(100, 1000, 100), rng.randrange(100, 1000, 50),
        rng.randrange(100, 1000), rng.randrange(1000, 10000, 500), rng.randrange(1000, 20000, 1000), rng.randrange(1, 13) * 99,
    ])


def spoken_zh(number: int) -> str:
    """A number below 100,000 in Chinese numerals, as spoken (两百, 一千五, 三万)."""
    if number < 10:
        return DIGITS[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")
    for unit, name in ((10000, "万"), (1000, "千"), (100, "百")):
        if number >= unit:
            head, rest = divmod(number, unit)
            lead = ("两" if head == 2 else spoken_zh(head)) + name
            if rest == 0:
                return lead
            if rest % (unit // 10) == 0:
                return lead + DIGITS[rest // (unit // 10)]
            return lead + ("零" if rest < unit // 10 else "") + spoken_zh(rest)
    return str(number)


def spoken_en(number: int) -> str:
    if number <= 10:
        return ONES[number]
    if number in TENS:
        return TENS[number]
    if number % 100 == 0 and number <= 900:
        return f"{ONES[number // 100]} hundred"
    if number % 1000 == 0 and number <= 10000:
        return f"{ONES[number // 1000]} thousand" if number < 10000 else "ten thousand"
    return str(number)


def amount(rng: random.Random, language: str) -> str:
    """One amount in one of its forms."""
    number = value(rng)
    if language == "zh":
        plain = rng.choice([str(number), str(number), spoken_zh(number)])
        if number >= 1000 and number % 500 == 0 and rng.random() < 0.25:
            plain = rng.choice([f"{number / 1000:g}k", f"{number / 1000:g}千", f"{number / 1000:g}K"])
        if number >= 10000 and number % 1000 == 0 and rng.random() < 0.4:
            plain = f"{number / 10000:g}万"
        form = rng.random()
        if form < 0.45:
            return plain
        if form < 0.85:
            return plain + rng.choice(["块", "块", "元", "元", "块钱", "rmb", "人民币", "美元", "刀"] if plain[0] not in "$¥" else [""])
        return rng.choice(["¥", "￥", "$"]) + str(number)
    if number >= 1000 and number % 500 == 0 and rng.random() < 0.3:
        plain = f"{number / 1000:g}k"
        return rng.choice([plain, "$" + plain, plain.upper()])
    form = rng.random()
    if form < 0.35:
        return f"{rng.choice('$$$£€')}{number}" + (rng.choice([".99", ".50"]) if number < 200 and rng.random() < 0.15 else "")
    if form < 0.6:
        return str(number)
    if form < 0.65 and number >= 1000:
        return f"${number:,}"
    unit = rng.choice(["dollars", "bucks", "usd", "euros", "pounds", "quid", "USD", "eur", "dollars", "yuan"])
    return f"{rng.choice([str(number), spoken_en(number)])} {unit}"
