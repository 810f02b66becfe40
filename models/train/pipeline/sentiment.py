"""The linear sentiment of reviews: two classes, Chinese and English, calibrated; trained on licensed or own text only.

Trained on: four fifths of womens_clothing_en (MIT), aspects_zh and aspects_en (MIT), litemall comments (MIT), the sample shop's
reviews, and reviews joined from ../opinions/*.txt. Never trained on online_shopping_10_zh: it has no licence and is
measured only. One flag tells the languages apart, so that each has its own
balance of praise and blame. The fixed fifth of a set is where FNV-1a 32 of the text's UTF-8 bytes is a multiple of five.

`python -m pipeline.sentiment` writes ../sentiment.bin and prints the scores.
"""

import argparse
import gzip
import json
import random
import re
from collections import defaultdict
from pathlib import Path

import numpy as np

from .linear import Hasher, LinearText, calibrate, calibration_error, fit, fnv1a

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parents[1]
LABELS = ["negative", "positive"]
BUCKETS, LONGEST = 2**19, 4
JOINTS = ["，", "。", "！", " ", "，", "！！", "，", "~", "...", "、"]
TURNS = [("虽然", "，但是"), ("", "，不过"), ("", "，就是"), ("", "，但"), ("", "，可是"), ("除了", "，其他都"), ("", "，只是")]
CUTS = re.compile(r"[，。！？；,!?;~…、.～\s]+")
PLAIN, FIRST, LAST, SCALE = 4.0, 0.25, 0.1, 2.1  # as in src/domain/sentiment.rs, which says what they are
VERY = "很 非常 特别 挺 太 真 超级 超 比较 相当 确实 真的很 实在是 有点 蛮".split()
DENIED_PRAISE = "不 不够 一点都不 一点也不 完全不 根本不 并不 不太 没有想象中那么 没那么 说不上 谈不上".split()
DENIED_BLAME = "不 没有 一点都不 一点也不 完全不 不会 没 完全没有".split()
OPENINGS = ["", "", "", "", "说实话", "刚收到，", "用了几天，", "总的来说", "个人感觉", "老实说", "买了一个月了，", "给爸妈买的，", "帮朋友买的，", "第一次买，", "住了一晚，", "看完了，", "昨天到货，", "真的"]
STRENGTHS = [("很", "非常"), ("很", "特别"), ("太", "实在太"), ("很", "超级"), ("非常", "真的很"), ("很", "比较"), ("很", "相当"), ("太", "真"), ("很", "挺")]


def is_fifth(text: str) -> bool:
    """Whether a text belongs to the fixed fifth that is only measured."""
    return fnv1a(text.encode("utf-8")) % 5 == 0


def flags(text: str) -> list[str]:
    """The language, by whether there is any Han character of the basic block."""
    return ["zh" if any("\u4e00" <= c <= "\u9fff" for c in text) else "en"]


def matrix(hasher: Hasher, texts: list[str]):
    return hasher.rows(texts, [flags(text) for text in texts])


def rows_of(path: Path) -> list[dict]:
    if not path.exists():
        return []
    with (gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")) as lines:
        return [json.loads(line) for line in lines]


def read_parts() -> dict[str, list[str]]:
    """What opinions are built of: ../opinions/zh_parts.txt by its marks."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in (HERE / "opinions" / "zh_parts.txt").read_text(encoding="utf-8").splitlines():
        mark, _, words = line.partition(" ")
        if mark != "#":
            found[mark].extend(words.split())
    return found


def opinion(rng: random.Random, parts: dict[str, list[str]], label: int) -> str:
    """One thing judged: praise or blame that follows it, a quality, or the opposite quality denied."""
    kind = rng.random()
    if kind < 0.45:
        judged = rng.choice(parts["+" if label else "-"])
    elif kind < 0.85:
        judged = (rng.choice(VERY) if kind < 0.7 else "") + rng.choice(parts["+a" if label else "-a"])
    elif label:
        judged = rng.choice(DENIED_BLAME) + rng.choice(parts["-a"])
    else:
        judged = rng.choice(DENIED_PRAISE) + rng.choice(parts["+a"])
    if rng.random() < 0.75:
        judged = rng.choice(parts["o"]) + rng.choice(["", "", "", "也", "还", "都", "真的", "确实", "是", "方面", "："]) + judged
    return judged + rng.choice(["", "", "", "", "的", "了", "啊", "吧"])


def written(rng: random.Random, count: int) -> list[tuple[str, int, float]]:
    """Reviews joined from single opinions: mostly of one mind, sometimes with one turn; the side that has the last word wins.
    Between them stands what says nothing."""
    parts = read_parts()
    sides: dict[int, list[str]] = {0: [], 1: []}
    for line in (HERE / "opinions" / "zh.txt").read_text(encoding="utf-8").splitlines():
        if line[:2] in ("+ ", "- "):
            sides[line[0] == "+"].extend(line[2:].split())

    def one(label: int) -> str:
        return opinion(rng, parts, label) if rng.random() < 0.3 else rng.choice(sides[label])

    found = [(words, label, 1.0) for label, opinions in sides.items() for words in opinions]
    for _ in range(count):
        label = rng.randint(0, 1)
        said = [one(label) for _ in range(rng.choice([1, 2, 2, 3, 3, 4, 5]))]
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            if rng.random() < 0.7:
                said.insert(rng.randint(0, len(said)) if rng.random() < 0.4 else 0, rng.choice(parts["~"]))
        text = rng.choice(OPENINGS) + "".join(words + rng.choice(JOINTS) for words in said)
        if rng.random() < 0.15:
            front, joint = rng.choice(TURNS)
            text = f"{front}{one(1 - label)}{joint}{text}"
        if rng.random() < 0.4:
            old, new = rng.choice(STRENGTHS)
            text = text.replace(old, new, 1)
        found.append((text, label, 0.5))
    return found


def praise(model: LinearText, texts: list[str]) -> np.ndarray:
    """The probability that each text praises, as ReviewSentiment::positive of the program computes it."""
    parted = [[clause for clause in CUTS.split(text) if clause] if flags(text) == ["zh"] else [] for text in texts]
    lines = [clause for clauses in parted for clause in clauses]

    def odds(of: list[str], language: str | None = None) -> np.ndarray:
        if not of:
            return np.zeros(0)
        rows = model.hasher.rows(of, [[language] if language else flags(text) for text in of])
        scores = model.scores(rows)
        return (scores[:, 1] - scores[:, 0]).clip(-16, 16)

    whole, opinions, start = odds(texts), np.tanh(odds(lines, "zh") / PLAIN), 0
    for index, clauses in enumerate(parted):
        if clauses:
            own = opinions[start:start + len(clauses)]
            start += len(clauses)
            whole[index] = SCALE * (whole[index] / PLAIN + own.mean() + FIRST * own[0] + LAST * own[-1])
    return 1 / (1 + np.exp(-whole))


def training(data: Path, seed: int, joined: int) -> dict[str, list[tuple[str, int, float]]]:
    """(text, label, weight) of everything that the model may learn from, by source; what is not there is left out."""
    found: dict[str, list] = defaultdict(list)
    found["written"] = written(random.Random(seed), joined)
    clothing = rows_of(data / "reviews/womens_clothing_en.jsonl.gz")
    found["clothing"] = [(r["text"], r["label"], 1.0) for r in clothing if not is_fifth(r["text"])]
    for name in ("aspects_zh", "aspects_en"):
        sentences = defaultdict(set)
        for row in rows_of(data / f"reviews/{name}.jsonl.gz"):
            sentences[name, row["category"], row["text"]].add(row["label"])
        for (_, category, text), labels in sentences.items():
            if len(labels) == 1 and labels <= {0, 1}:
                found[f"{name} {category}"].append((text, labels.pop(), 1.0))
    # Every litemall comment has the same star, whatever it is worth; nearly all of them praise.
    found["litemall"] = [(r["text"], 1, 0.1) for r in rows_of(data / "shops/litemall_zh/reviews.jsonl")]
    for row in rows_of(ROOT / "catalog/reviews.jsonl"):
        if row["rating"] != 3 and not is_fifth(row["text"]):
            found[f"shop {row['lang']}"].append((row["text"], int(row["rating"] > 3), 1.0))
    return {source: balanced(source, examples) for source, examples in found.items()}


def balanced(source: str, examples: list[tuple[str, int, float]]) -> list[tuple[str, int, float]]:
    """Praise and complaint of a source weigh the same, or its everyday words would lean to one side; the English
    clothing reviews keep their balance, which is that of such shops."""
    totals = [sum(weight for _, label, weight in examples if label == side) for side in (0, 1)]
    if source == "clothing" or min(totals) == 0:
        return examples
    share = sum(totals) / 2 if source == "written" or source.startswith("shop") else min(totals)
    return [(text, label, weight * share / totals[label]) for text, label, weight in examples]


def measured(data: Path) -> dict[str, list[tuple[str, int]]]:
    """The sets that are only measured."""
    shop = [r for r in rows_of(ROOT / "catalog/reviews.jsonl") if r["rating"] != 3 and is_fifth(r["text"])]
    return {
        "online_shopping_10_zh": [(r["text"], r["label"]) for r in rows_of(data / "reviews/online_shopping_10_zh.jsonl.gz") if is_fifth(r["text"])],
        "womens_clothing_en": [(r["text"], r["label"]) for r in rows_of(data / "reviews/womens_clothing_en.jsonl.gz") if is_fifth(r["text"])],
        "sample_shop": [(r["text"], int(r["rating"] > 3)) for r in shop],
    }


def evaluate(model: LinearText, sets: dict) -> dict:
    report = {}
    for name, pairs in sets.items():
        if pairs:
            targets = np.array([label for _, label in pairs])
            chances = praise(model, [text for text, _ in pairs])
            found = np.stack([1 - chances, chances], axis=1)
            right = found.argmax(axis=1) == targets
            report[name] = {"reviews": len(pairs), "accuracy": round(float(right.mean()), 4),
                            "negative_recall": round(float(right[targets == 0].mean()), 4),
                            "positive_recall": round(float(right[targets == 1].mean()), 4),
                            "ece": round(calibration_error(found, targets), 4)}
    return report


def train(examples: list[tuple[str, int, float]], seed: int, c: float) -> LinearText:
    """Fits on nine tenths, finds the temperature on the rest; the weights are those of `training`."""
    random.Random(seed).shuffle(examples)
    hasher = Hasher(BUCKETS, LONGEST, fold_digits=False)
    rows, targets = matrix(hasher, [text for text, _, _ in examples]), np.array([label for _, label, _ in examples])
    weights = np.array([weight for _, _, weight in examples])
    cut = len(examples) * 9 // 10
    model = fit(hasher, LABELS, rows[:cut], targets[:cut], weights[:cut], c=c)
    calibrate(model, rows[cut:], targets[cut:])
    return model


def parity(model: LinearText, path: Path, seed: int) -> None:
    """Own reviews with their probabilities, for the test of the Rust reader."""
    rng = random.Random(seed)
    own = [r["text"] for r in rows_of(ROOT / "catalog/reviews.jsonl")]
    texts = [*rng.sample(own, min(len(own), 150)), *(text for text, _, _ in rng.sample(written(rng, 200), 100))]
    chances = praise(model.quantised(), texts)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"text": text, "positive": round(float(chance), 6)}, ensure_ascii=False) for text, chance in zip(texts, chances)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    options.add_argument("--out", type=Path, default=HERE.parent / "sentiment.bin")
    options.add_argument("--joined", type=int, default=30_000, help="reviews joined from the written opinions")
    options.add_argument("--c", type=float, default=3.0, help="inverse strength of the penalty")
    options.add_argument("--parity", type=Path, default=ROOT / "tests/data/sentiment_parity.jsonl")
    options.add_argument("--report", type=Path, help="writes the scores there")
    options.add_argument("--seed", type=int, default=3)
    options.add_argument("--wrong", type=int, default=0, help="print so many wrong answers of the sample shop")
    chosen = options.parse_args()
    sources = training(chosen.data, chosen.seed, chosen.joined)
    for source, examples in sources.items():
        print(f"{source}: {len(examples)} texts, {sum(weight for _, _, weight in examples):.0f} in weight")
    model = train([example for examples in sources.values() for example in examples], chosen.seed, chosen.c)
    model.write(chosen.out)
    sets = measured(chosen.data)
    report = {**evaluate(model.quantised(), sets), "temperature": round(model.temperature, 3)}
    print(json.dumps(report, indent=1))
    if chosen.report:
        chosen.report.write_text(json.dumps(report, indent=1))
    parity(model, chosen.parity, chosen.seed)
    for text, label in sets["sample_shop"]:
        chance = praise(model, [text])[0]
        if (chance > 0.5) != label and chosen.wrong > 0:
            chosen.wrong -= 1
            print(f"{label} {chance:.2f} {text}")


if __name__ == "__main__":
    main()
