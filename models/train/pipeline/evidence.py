"""Fits the weights of `src/assistant/select`: which line of a listing answers a question, and whether it does.

    DAOGOU_FEATURES=/tmp/features.jsonl cargo test --lib what_the_weights_are_fitted_on -- --ignored
    python -m pipeline.evidence /tmp/features.jsonl

Every fifth product of `../listings`, which the matcher must not have learned from (`pipeline.matcher` without `--all`), and every second of
ePQA's and hetPQA's development questions (CDLA-Sharing-1.0); the others of these are only measured. First a softmax over the lines, then a
logistic regression on whether the best of them answers, on the listings alone, whose questions without an answer are known.
Prints the two arrays as Rust wants them, and what a threshold gives in a fit without each half of the products.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from .policies import fit_deciding, fit_ranking, softmax

LEFT_OUT = 5


def read(path: Path) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {"epqa fit": [], "epqa": [], "hetpqa fit": [], "hetpqa": [], "listings": []}
    counts: dict[str, int] = {}
    for line in path.open(encoding="utf-8"):
        row = json.loads(line)
        row = {"set": row["set"], "right": np.array(row["labels"]) == 2, "ranking": np.array(row["ranking"]), "deciding": np.array(row["deciding"])}
        name = row["set"].partition("_dev")[0]
        if name in ("epqa", "hetpqa"):
            counts[name] = counts.get(name, 0) + 1
            found[f"{name} fit" if counts[name] % 2 else name].append(row)
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


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("features", type=Path)
    options.add_argument("--l2", type=float, default=0.002)
    chosen = options.parse_args()
    found = read(chosen.features)
    parts = [found["epqa fit"], found["hetpqa fit"], found["listings"]]
    weights = rank(parts, chosen.l2)
    for name, rows in found.items():
        if rows:
            print(f"{name}: P@1 {accuracy(rows, weights):.3f} of {sum(row['right'].any() for row in rows)}")
    rows = found["listings"]
    halves = [[row for row in rows if int(row["set"].split()[-1]) // LEFT_OUT % 2 == half] for half in (0, 1)]
    for kept, left in (halves, halves[::-1]):
        own = rank([found["epqa fit"], found["hetpqa fit"], kept], chosen.l2)
        values, right, _ = decisions(kept, own)
        decided = fit_deciding(values, right, 0.001)
        values, right, any_right = decisions(left, own)
        confidence = 1 / (1 + np.exp(-np.c_[values, np.ones(len(values))] @ decided))
        print(f"the other half: P@1 {accuracy(left, own):.3f};", "; ".join(
            f"from {least}: right {((confidence >= least) & right)[any_right].mean():.3f}, none recognised {(confidence < least)[~any_right].mean():.3f}"
            for least in (0.3, 0.4, 0.45, 0.5, 0.55, 0.6)))
    values, right, _ = decisions(rows, weights)
    print("ranking", [round(float(weight), 2) for weight in weights])
    print("deciding", [round(float(weight), 2) for weight in fit_deciding(values, right, 0.001)])


if __name__ == "__main__":
    main()
