"""Fits the weights of `src/knowledge/evidence.rs` on questions whose passages are known.

    daogou ask --explain < tests/eval/service_tuning.jsonl > /tmp/explained.jsonl
    python -m pipeline.policies tests/eval/service_tuning.jsonl /tmp/explained.jsonl

Leave the questions themselves out of the example questions and of `not_covered.txt` (which is built in) while fitting, or every
question meets itself; for shops without example questions, fit with `--policies` a copy without `*.asked.txt`. First a softmax over the passages considered, then a logistic regression on whether the best of them answers.
With the encoder, those of shops with examples are fitted on `service_weights.jsonl`, and those of shops without on the invented shops that matcher and
encoder were not trained on (a matcher trained without `--all` must be built in):

    python -m pipeline.policies --shops /tmp/shops          # writes /tmp/shops/NAME/ and /tmp/shops/NAME.jsonl
    for q in /tmp/shops/*.jsonl; do daogou ask --explain --policies "${q%.jsonl}" < "$q" > "${q%.jsonl}.explained"; done
    python -m pipeline.policies $(for q in /tmp/shops/*.jsonl; do echo "$q" "${q%.jsonl}.explained"; done)

Those of shops with examples, with the encoder, are fitted on `service_weights.jsonl` and on the 4,309 harder questions that came last to the sample shop's examples and to
its `not_covered.txt` (`git diff 023fa39 -- catalog/policies` shows them): each half asked of a copy of the policies that has the other half alone, those without an answer
counted three times, so that they are a quarter. What follow-ups are judged by keeps its older weights, for none of these questions follows another.

Prints the two arrays as Rust wants them, and what a threshold gives. Needs numpy only.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from .questions import shops

LEFT_OUT = 5


def read(questions: Path, explained: Path) -> list[dict]:
    """Questions with what was considered for each."""
    asked = [json.loads(line) for line in questions.read_text().splitlines() if line.strip()]
    answers = [json.loads(line) for line in explained.read_text().splitlines()]
    assert [q["id"] for q in asked] == [a["id"] for a in answers], "the two files are of different questions"
    return [{**question, "considered": answer.get("considered", [])} for question, answer in zip(asked, answers)]


def table(considered: list[dict], kind: str, names: list[str]) -> np.ndarray:
    return np.array([[candidate[kind][name] for name in names] for candidate in considered])


def adam(weights: np.ndarray, gradient, steps: int, rate: float) -> np.ndarray:
    """Minimises by Adam."""
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        slope = gradient(weights)
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        weights = weights - rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return weights


def fit_ranking(rows: list[tuple[np.ndarray, np.ndarray]], l2: float) -> np.ndarray:
    """Weights under which the right passage has the highest share."""
    rows = [(features, right) for features, right in rows if right.any()]

    def gradient(weights: np.ndarray) -> np.ndarray:
        total = l2 * weights
        for features, right in rows:
            share = softmax(features @ weights)
            wanted = share * right
            total = total + features.T @ (share - wanted / wanted.sum()) / len(rows)
        return total

    return adam(np.zeros(rows[0][0].shape[1]), gradient, 400, 0.1)


def fit_deciding(features: np.ndarray, answers: np.ndarray, l2: float) -> np.ndarray:
    """Weights and a last bias under which the best passage's probability of answering is calibrated."""
    features = np.c_[features, np.ones(len(features))]

    def gradient(weights: np.ndarray) -> np.ndarray:
        missed = 1 / (1 + np.exp(-features @ weights)) - answers
        penalty = l2 * weights
        penalty[-1] = 0
        return features.T @ missed / len(features) + penalty

    return adam(np.zeros(features.shape[1]), gradient, 3000, 0.05)


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def write_shops(out: Path) -> None:
    """Every fifth invented shop as a folder of policies, with its questions beside it."""
    for source in shops(Path(__file__).resolve().parent.parent / "shops")[::LEFT_OUT]:
        file = f"rules.{source.name[:2]}.md"
        (out / source.name).mkdir(parents=True, exist_ok=True)
        sections = [f"## {heading}\n\n{text}" for heading, text in source.texts]
        (out / source.name / file).write_text("\n\n".join(["# Rules", *sections]) + "\n", encoding="utf-8")
        asked = [{"id": str(number), "text": text, "passages": [f"{file}#{source.texts[place][0]}" for place in right]}
                 for number, (text, right) in enumerate(source.questions)]
        lines = [json.dumps(question, ensure_ascii=False) for question in asked]
        (out / f"{source.name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*", help="questions, what was considered for them, and so on by pairs")
    parser.add_argument("--shops", type=Path, help="write the left-out invented shops there, and fit nothing")
    args = parser.parse_args()
    if args.shops:
        return write_shops(args.shops)
    rows = [row for pair in zip(args.files[::2], args.files[1::2]) for row in read(*pair) if row["considered"]]
    ranking, deciding = (list(rows[0]["considered"][0][kind]) for kind in ("ranking", "deciding"))
    right = [np.array([c["id"] in row["passages"] for c in row["considered"]]) for row in rows]
    tables = [table(row["considered"], "ranking", ranking) for row in rows]
    answerable = np.array([bool(row["passages"]) for row in rows])
    weights = fit_ranking([(t, r) for t, r, a in zip(tables, right, answerable) if a], 0.0005)

    features, answers = [], []
    for row, scores, own in zip(rows, tables, right):
        share = softmax(scores @ weights)
        best = int(share.argmax())
        values = {**row["considered"][best]["deciding"], "share": share[best]}
        features.append([values[name] for name in deciding])
        answers.append(own[best])
    features, answers = np.array(features), np.array(answers)
    decided = fit_deciding(features, answers, 0.001)
    print("ranking", ranking, [round(float(weight), 2) for weight in weights])
    print("deciding", deciding, [round(float(weight), 2) for weight in decided])
    confidence = 1 / (1 + np.exp(-np.c_[features, np.ones(len(features))] @ decided))
    for least in (0.3, 0.4, 0.45, 0.5, 0.6):
        says = confidence >= least
        kept, refused = (says & answers)[answerable].mean(), (~says)[~answerable].mean()
        print(f"from {least}: right passage {kept:.3f}, unanswerable recognised {refused:.3f}")


if __name__ == "__main__":
    main()
