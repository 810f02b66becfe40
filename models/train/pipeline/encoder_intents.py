"""The layer that tells intents over the encoder's vector of a message: logistic regression on the hand-written lines that are not held out, and on
questions to shops (policy) and about products (detail) by other writers, of which the lines have few and shoppers many; and on questions whether goods are sold (search).

Inputs: the vector z; z again where something was looked for before, else zeros; five flags: nothing looked for before, something, with nothing
shown, with something shown, its words said again. Rust reads the rows from `daogou.intents` of the GGUF (`src/assistant/understand/sense.rs`).
"""

import random
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from .encoder import HERE, QUESTION, ROOT, Encoder
from .label import INTENTS, is_held_out, read_corpus
from .lexicon import read_lexicon
from .prior import context_flags
from .questions import listings, sample_shop, shops

FLAGS = ["none", "context", "shown0", "shown", "repeat"]
STRETCH = np.float32(10.0)  # vectors of unit length have small values
STRENGTH = 0.1
ADDED = 0.3  # what a question beside the corpus counts against one of its lines
# A question to the shop, and a search all the same.
CARRIED = {"zh": ["你们卖{}吗", "你们店有{}吗", "有没有{}卖", "你家有{}吗", "店里有{}么", "卖不卖{}", "你们有{}吗", "请问有{}吗", "这里能买到{}吗", "有{}不"],
           "en": ["do you sell {}", "do you have {}?", "do you guys carry {}", "have you got any {}", "is there any {} in your shop", "do you stock {}?", "any {}?",
                  "can I buy {} here", "got {}?", "does your shop have {}"]}


@torch.no_grad()
def vectors(model: Encoder, texts: list[str]) -> np.ndarray:
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    found = np.zeros((len(texts), model.model.config.hidden_size), np.float32)
    for places in (order[start:start + 128] for start in range(0, len(order), 128)):
        found[places] = model(QUESTION, [texts[place] for place in places]).numpy()
    return found


def inputs(z: np.ndarray, flags: list[list[str]]) -> np.ndarray:
    marked = np.array([[name in own for name in FLAGS] for own in flags], np.float32)
    return np.concatenate([STRETCH * z, STRETCH * z * marked[:, 1:2], 2 * marked], axis=1)


def questions(every: int, seed: int = 3) -> list[tuple[str, str, list[str]]]:
    """Intent, text and flags; of policies, most at the start of a conversation, the others like all about products with something on the screen."""
    rng = random.Random(seed)
    own = [question for source in sample_shop(ROOT / "catalog/policies") for question, _ in source.questions]
    others = [question for source in shops(HERE / "shops") for question, _ in source.questions]
    asked = [question for source in listings(HERE / "listings") for question, _ in source.questions]
    shown = ["context", "shown"]
    policies = rng.sample(own, 4000 // every) + rng.sample(others, 2000 // every)
    found = [("policy", text, ["none"] if rng.random() < 0.6 else shown) for text in policies]
    found += [("detail", text, shown) for text in rng.sample(asked, 6000 // every)]
    for language, forms in CARRIED.items():
        goods = read_lexicon(HERE / f"lexicon/{language}.txt")["query"]
        found += [("search", rng.choice(forms).format(good), shown if rng.random() < 0.3 else ["none"]) for good in goods for _ in range(2)]
    return found


def intents(model: Encoder, corpus: Path, every: int = 1) -> list[float]:
    """For each intent a weight for each input, then the bias. Prints how often it is right on the held-out lines."""
    examples = [(one.intent, one.text, context_flags(one.context, one.text)) for _, one in read_corpus(corpus)]
    kept = [one for one in examples if not is_held_out(one[1])][::every]
    weights = np.ones(len(kept))
    kept += questions(every)
    weights = np.concatenate([weights, np.full(len(kept) - len(weights), ADDED)])
    held = [one for one in examples if is_held_out(one[1])][::every]
    tables = [inputs(vectors(model, [text for _, text, _ in part]), [flags for _, _, flags in part]) for part in (kept, held)]
    labels = [np.array([INTENTS.index(intent) for intent, _, _ in part]) for part in (kept, held)]
    fitted = LogisticRegression(C=STRENGTH, max_iter=300).fit(tables[0], labels[0], sample_weight=weights)
    rows = np.zeros((len(INTENTS), tables[0].shape[1] + 1), np.float32)
    rows[:, -1] = -20.0  # an intent that no line has
    width = model.model.config.hidden_size
    scale = np.array([STRETCH] * 2 * width + [2.0] * len(FLAGS), np.float32)
    rows[fitted.classes_, :-1], rows[fitted.classes_, -1] = fitted.coef_ * scale, fitted.intercept_
    print(f"intents by the encoder alone: {(fitted.predict(tables[1]) == labels[1]).mean():.3f} of {len(held)} held-out lines", flush=True)
    return rows.ravel().tolist()
