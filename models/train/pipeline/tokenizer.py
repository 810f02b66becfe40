"""The tokenizer: SentencePiece BPE over the project's own text, and how prompts and answers become tokens.

Byte fallback, identity normalisation, no dummy prefix, digits and spaces are tokens of their own. BPE merges are learned
on Latin words only (a word a line, so that no piece holds a space: a span is then the same tokens wherever it stands);
Han is one character a token, with the characters of GB2312 level 1 always there. Every key and closed value of the answer is one
user-defined token, so that an answer takes about ten. SentencePiece: Kudo and Richardson 2018, arXiv:1808.06226; BPE:
Sennrich et al. 2016, arXiv:1508.07909.
"""

import random
import re
from collections import Counter
from pathlib import Path

import sentencepiece

from .generate import Echo, Generator
from .label import CLOSED, INTENTS, KEYS, Example
from .lexicon import HAN, word

SIZE = 5_888
CONTROL = ["<|im_start|>", "<|im_end|>"]
PUNCTUATION = "，。、！？；：…（）“”《》~·￥$£€%#&*+-=/\\_@'\"()[]{}<>:;,.!?|^`™°×’–—℃㎡①②③🙏😊😂👍❤"
OPEN = [key for key in KEYS if key not in CLOSED]
ANSWER_TOKENS = [
    *(f'{{"intent":"{intent}"' for intent in INTENTS), *(f',"{key}":"' for key in OPEN), *(f',"{key}":["' for key in OPEN),
    *(f',"{key}":"{value}"' for key, values in CLOSED.items() for value in values), '"}', '"]', ',"', '"', "}",
]
PROMPT_WORDS = ["system", "user", "assistant", "parse", "score", "echo", "shown", "ctx", "msg", "query", "product", "yes", "no"]


def train_tokenizer(generator: Generator, out: Path, seed: int, lines: int = 60_000, size: int = SIZE) -> None:
    """Writes `out` (a SentencePiece model)."""
    rng = random.Random(seed)
    latin, other = Counter(), Counter()
    for _ in range(lines):
        _, drawn = generator.draw(rng, echo=0.0)
        if isinstance(drawn, Echo):
            continue
        text = f"{drawn.context} {drawn.text}"
        latin.update(re.findall(r"[A-Za-z]+", text))
        other.update(c for c in text if not c.isascii() and not c.isspace())
    for _ in range(lines // 6):
        latin.update(re.findall(r"[A-Za-z]+", word(rng)))
    for prompt_word in PROMPT_WORDS:
        latin[prompt_word] += 5_000
    required = [*HAN, *PUNCTUATION, *"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"]
    required += [c for c, count in other.items() if count >= 3]
    required = [c for c in dict.fromkeys(required) if c not in ANSWER_TOKENS]
    # Each as a sentence of its own: `required_chars` alone leaves out what no sentence has.
    sentences = [item for found, count in latin.items() for item in [found] * min(count, 3_000)]
    sentences += [c for c in [*required, " "] for _ in range(3)]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_prefix=str(out.with_suffix("")), model_type="bpe", vocab_size=size,
        byte_fallback=True, normalization_rule_name="identity", add_dummy_prefix=False, remove_extra_whitespaces=False,
        split_digits=True, character_coverage=1.0, required_chars="".join(required),
        control_symbols=CONTROL, user_defined_symbols=ANSWER_TOKENS, unk_id=0, bos_id=1, eos_id=2, pad_id=-1,
        num_threads=1, minloglevel=2, hard_vocab_limit=True, split_by_whitespace=True,
    )


class Tokenizer:
    """Encodes prompts and answers as the runtime does: control tokens from the template, everything else as plain text."""

    def __init__(self, path: Path):
        self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))
        self.start, self.end = (self.pieces.piece_to_id(name) for name in CONTROL)

    def __len__(self) -> int:
        return self.pieces.get_piece_size()

    def plain(self, text: str) -> list[int]:
        return self.pieces.encode(text)

    def prompt(self, system: str, user: str) -> list[int]:
        """ChatML up to where the assistant begins."""
        return [self.start, *self.plain("system\n"), *self.plain(system), self.end, *self.plain("\n"), self.start,
                *self.plain("user\n"), *self.plain(user), self.end, *self.plain("\n"), self.start, *self.plain("assistant\n")]

    def answer(self, answer: dict) -> list[int]:
        """The tokens of an answer, each span by itself, and the end of the turn."""
        token = self.pieces.piece_to_id
        found = [token(f'{{"intent":"{answer["intent"]}"')]
        closing = "}"
        for key in KEYS:
            value = answer.get(key)
            if value is None:
                continue
            if key in CLOSED:
                found.append(token(f',"{key}":"{value}"'))
            elif isinstance(value, str):
                found += [token(f',"{key}":"'), *self.span(value), token('"')]
            else:
                found.append(token(f',"{key}":["'))
                for place, item in enumerate(value):
                    found += ([token(',"')] if place else []) + self.span(item) + ([token('"')] if place < len(value) - 1 else [])
                found.append(token('"]'))
        if found[-1] == token('"'):
            found[-1], closing = token('"}'), ""
        return [*found, *([token(closing)] if closing else []), self.end]

    def span(self, words: str) -> list[int]:
        return self.plain(words.replace("\\", "\\\\").replace('"', '\\"'))

    def text(self, ids: list[int]) -> str:
        return self.pieces.decode([i for i in ids if i not in (self.start, self.end)])


def example_tokens(tokenizer: Tokenizer, prompts, drawn: Example | Echo) -> tuple[list[int], list[int]]:
    """(prompt, answer) of an example; `prompts` renders the product's own prompt files."""
    if isinstance(drawn, Echo):
        # "echo" is a context that no conversation has.
        return tokenizer.prompt(*prompts.parse("echo", drawn.text)), [*tokenizer.plain(drawn.copied), tokenizer.end]
    system, user = prompts.parse(drawn.context, drawn.text)
    return tokenizer.prompt(system, user), tokenizer.answer(drawn.answer())
