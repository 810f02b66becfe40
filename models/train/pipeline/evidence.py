"""Fits the weights of `src/assistant/select`: which line of a listing answers a question, and whether it does.

    DAOGOU_FEATURES=/tmp/features.jsonl DAOGOU_ASKED=/tmp/asked cargo test --lib what_the_weights_are_fitted_on -- --ignored
    python -m pipeline.evidence /tmp/features.jsonl

(`DAOGOU_ENCODER` and `DAOGOU_CROSS_ENCODER` name GGUFs for the rows with these.) `python -m pipeline.evidence --asked /tmp/asked` writes the questions of
`tests/eval/product_weights.jsonl` there in the form of the listings.

Those questions, by writers who know none of the training text and with every line that answers, three times; every fifth product of `../listings`, which the matcher must not have learned from (`pipeline.matcher` without `--all`), and every second of
ePQA's and hetPQA's development questions (CDLA-Sharing-1.0); the others of these are only measured. First a softmax over the lines, then a
logistic regression on whether the best of them answers, on the listings alone, whose questions without an answer are known.
`--without-cross` fits the weights for where there is no cross-encoder, from the same rows.
Prints the two arrays as Rust wants them, and what a threshold gives in a fit without each half of the products.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from .policies import fit_deciding, fit_ranking, softmax
from .questions import HAN

HERE = Path(__file__).resolve().parent.parent
LEFT_OUT = 5


def read(path: Path, with_cross: bool = True) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {"epqa fit": [], "epqa": [], "hetpqa fit": [], "hetpqa": [], "listings": [], "asked": []}
    counts: dict[str, int] = {}
    for line in path.open(encoding="utf-8"):
        row = json.loads(line)
        row = {"set": row["set"], "right": np.array(row["labels"]) == 2, "ranking": np.array(row["ranking"]), "deciding": np.array(row["deciding"])}
        if not with_cross:
            row["ranking"][:, -2:] = 0
            row["deciding"][:, -3:] = 0
        name = row["set"].partition("_dev")[0]
        if name in ("epqa", "hetpqa"):
            counts[name] = counts.get(name, 0) + 1
            found[f"{name} fit" if counts[name] % 2 else name].append(row)
        elif name.startswith("asked "):
            found["asked"].append(row)
        elif int(row["set"].split()[-1]) % LEFT_OUT == 0:
            found["listings"].append(row)
    return found


def accuracy(rows: list[dict], weights: np.ndarray) -> float:
    return float(np.mean([row["right"][int((row["ranking"] @ weights).argmax())] for row in rows if row["right"].any()]))


def rank(parts: list[list[dict]], l2: float) -> np.ndarray:
    """Each part weighs the same: its questions are drawn again and again up to the largest part."""
    most = max(map(len, parts))
    drawn = [part[place % len(part)] for part in parts if part for place in range(most)]
    return fit_ranking([(row["ranking"], row["right"]) for row in drawn], l2)


def decisions(rows: list[dict], weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the best line: what speaks for its being an answer, whether it is one, whether there is any."""
    values, right, any_right = [], [], []
    for row in rows:
        shares = softmax(row["ranking"] @ weights)
        best = int(shares.argmax())
        values.append([shares[best], *row["deciding"][best][1:]])
        right.append(bool(row["right"][best]))
        any_right.append(bool(row["right"].any()))
    return np.array(values), np.array(right), np.array(any_right)


def confident(rows: list[dict], weights: np.ndarray, decided: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values, right, any_right = decisions(rows, weights)
    return 1 / (1 + np.exp(-np.c_[values, np.ones(len(values))] @ decided)), right, any_right


def decide(found: list[list[dict]], weights: np.ndarray) -> np.ndarray:
    """On listings, and on what was asked three times over."""
    values, right, _ = decisions(found[0] + 3 * found[1], weights)
    return fit_deciding(values, right, 0.001)


def write_asked(out: Path) -> None:
    """The questions with the sample shop's lines as `../listings/sample_LANG.txt` has them; a line answers that has a piece of what is wanted."""
    root = HERE.parents[1]
    title = {product["id"]: product["title"] for product in map(json.loads, (root / "catalog/products.jsonl").open(encoding="utf-8"))}
    asked = [json.loads(line) for line in (root / "tests/eval/product_weights.jsonl").open(encoding="utf-8")]
    out.mkdir(parents=True, exist_ok=True)
    for language in ("zh", "en"):
        blocks = {block.split("\n")[0][2:]: [line for line in block.split("\n") if line.startswith("[")]
                  for block in (HERE / f"listings/sample_{language}.txt").read_text(encoding="utf-8").strip("\n").split("\n\n")}
        found: dict[str, list[str]] = {}
        for question in asked:
            if bool(HAN.search(question["text"])) != (language == "zh"):
                continue
            name, wanted = title[question["sku"]][language], question["must_contain"]
            pieces = [piece.lower().strip(" .。，,;；") for piece in ([wanted] if isinstance(wanted, str) else wanted or [])]
            right = [str(place + 1) for place, line in enumerate(blocks[name]) if any(piece in line.lower() for piece in pieces)]
            found.setdefault(name, []).append(f"? {question['text']} => {','.join(right) or 'none'}")
        (out / f"{language}.txt").write_text("\n\n".join("\n".join([f"# {name}", *blocks[name], *own]) for name, own in found.items()) + "\n", encoding="utf-8")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("features", type=Path, nargs="?")
    options.add_argument("--asked", type=Path, help="write the questions of tests/eval/product_weights.jsonl there, and fit nothing")
    options.add_argument("--without-cross", action="store_true", help="leave out what the cross-encoder says")
    options.add_argument("--l2", type=float, default=0.002)
    chosen = options.parse_args()
    if chosen.asked:
        return write_asked(chosen.asked)
    found = read(chosen.features, not chosen.without_cross)
    public = [found["epqa fit"], found["hetpqa fit"]]
    own = [found["listings"], found["asked"]]
    weights = rank([*public, *own], chosen.l2)
    for name, rows in found.items():
        if rows:
            print(f"{name}: P@1 {accuracy(rows, weights):.3f} of {sum(row['right'].any() for row in rows)}")
    halves = [[[row for row in rows if int(row["set"].split()[-1]) // LEFT_OUT % 2 == half] for rows in own] for half in (0, 1)]
    for kept, left in (halves, halves[::-1]):
        fitted = rank([*public, *kept], chosen.l2)
        decided = decide(kept, fitted)
        for name, rows in zip(("listings", "asked"), left):
            if rows:
                confidence, right, any_right = confident(rows, fitted, decided)
                print(f"the other half of {name}: P@1 {accuracy(rows, fitted):.3f};", "; ".join(
                    f"from {least}: right {((confidence >= least) & right)[any_right].mean():.3f}, none recognised {(confidence < least)[~any_right].mean():.3f}"
                    for least in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)))
    print("ranking", [round(float(weight), 2) for weight in weights])
    print("deciding", [round(float(weight), 2) for weight in decide(own, weights)])


if __name__ == "__main__":
    main()
