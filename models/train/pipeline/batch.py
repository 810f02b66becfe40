"""Batches of few fixed shapes: many shapes make memory grow and `torch.compile` slow (both measured).

Examples are drawn in chunks and sorted by length within one; the same seed and chunk give the same batches. Only answer tokens are scored.
"""

import random
from dataclasses import dataclass

import numpy as np
import torch

from .generate import Generator
from .tokenizer import Tokenizer, example_tokens

LENGTHS = (28, 40, 56, 88)  # tokens in a row after the shared prefix; longer examples are left out
CHUNK = 1_536  # examples drawn together


@dataclass
class Batch:
    """Inputs (rows, length) after a prefix (1, …), and the flat places in it whose next token is scored, with that token."""

    prefix: torch.Tensor
    tokens: torch.Tensor
    places: torch.Tensor
    targets: torch.Tensor


class Batches:
    """Draws chunks of examples as batches of about `tokens` tokens."""

    def __init__(self, generator: Generator, tokenizer: Tokenizer, prompts, seed: int, tokens: int):
        self.generator, self.tokenizer, self.prompts, self.seed, self.tokens = generator, tokenizer, prompts, seed, tokens
        self.prefix = shared_prefix(tokenizer, prompts)
        self.examples = CHUNK * max(1, tokens // 4_096)

    def rows(self, length: int) -> int:
        return max(1, self.tokens // length // 8 * 8)

    def chunk(self, number: int, echo: float) -> list[Batch]:
        """The batches of one chunk in random order; a length's last batch is filled up from its own examples."""
        rng = random.Random(f"{self.seed}:{number}")
        waiting: dict[int, list] = {length: [] for length in LENGTHS}
        for _ in range(self.examples):
            _, drawn = self.generator.draw(rng, echo)
            prompt, answer = example_tokens(self.tokenizer, self.prompts, drawn)
            prompt = prompt[len(self.prefix):]
            size = len(prompt) + len(answer) - 1
            if length := next((length for length in LENGTHS if size <= length), None):
                waiting[length].append((prompt, answer))
        batches = []
        for length, pairs in waiting.items():
            rows = self.rows(length)
            for start in range(0, len(pairs), rows):
                part = pairs[start:start + rows]
                if len(part) < rows // 2:
                    continue
                batches.append(collate(self.prefix, part + pairs[:rows - len(part)], length, self.tokenizer.end))
        rng.shuffle(batches)
        return batches


def shared_prefix(tokenizer: Tokenizer, prompts) -> list[int]:
    """The tokens that every prompt of the parse job begins with."""
    one, other = (tokenizer.prompt(*prompts.parse(context, "")) for context in ("-", "鞋"))
    length = next(place for place, (a, b) in enumerate(zip(one, other)) if a != b)
    return one[:length]


def collate(prefix: list[int], pairs, length: int, padding: int) -> Batch:
    """One batch of (prompt after the prefix, answer) pairs."""
    tokens = np.full((len(pairs), length), padding, np.int64)
    places, targets = [], []
    for row, (prompt, answer) in enumerate(pairs):
        whole = prompt + answer
        tokens[row, : len(whole) - 1] = whole[:-1]
        first = len(prompt) - 1
        places.extend(row * length + first + i for i in range(len(answer)))
        targets.extend(answer)
    return Batch(torch.tensor([prefix]), torch.from_numpy(tokens), torch.tensor(places), torch.tensor(targets))
