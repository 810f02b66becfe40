"""Writes the encoder as a GGUF that llama.cpp opens: architecture `bert`, mean pooling, unigram tokenizer, Q8_0 matrices (see `dithered`), Q4_0 word vectors.

The word vectors came in blocks of four bits and were not trained, so Q4_0 holds them as they were. `daogou.scale` and `daogou.none` are the two
numbers that turn a cosine into log-odds against there being no answer, `daogou.praise.LANG` the weights, then the bias, that tell praise,
`daogou.intents` those that tell intents (encoder_intents.py).

`python -m pipeline.encoder_file --out OUT` reads OUT/checkpoint.pt and writes ../daogou-encoder.gguf with its manifest, and vectors for the test of
the Rust reader.
"""

import argparse
import hashlib
import json
import random
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Kind
from gguf import TokenType

from .encoder import QUESTION, TEXT, Encoder, load, spoken
from .encoder_base import END, LAYER, PAD, PLACES, START, UNKNOWN, Base
from .encoder_intents import intents
from .questions import listings, shops

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parents[1]
NAME = "daogou-encoder"
DESCRIPTION = "Tells which text answers a question; multilingual-e5-small (MIT), cut to Chinese and English and trained on by models/train"


def tensors(model: torch.nn.Module) -> dict[str, tuple[np.ndarray, Kind]]:
    own = {name: values.detach().float().numpy() for name, values in model.model.state_dict().items()}
    found = {
        "token_embd.weight": (own["embeddings.word_embeddings.weight"], Kind.Q4_0),
        "position_embd.weight": (own["embeddings.position_embeddings.weight"], Kind.F32),
        "token_types.weight": (own["embeddings.token_type_embeddings.weight"][:1], Kind.F32),
        "token_embd_norm.weight": (own["embeddings.LayerNorm.weight"], Kind.F32),
        "token_embd_norm.bias": (own["embeddings.LayerNorm.bias"], Kind.F32),
    }
    for layer in range(model.model.config.num_hidden_layers):
        for short, name in LAYER.items():
            weight = own[f"encoder.layer.{layer}.{name}.weight"]
            found[f"blk.{layer}.{PLACES[short]}.weight"] = (weight, Kind.Q8_0 if weight.ndim == 2 else Kind.F32)
            found[f"blk.{layer}.{PLACES[short]}.bias"] = (own[f"encoder.layer.{layer}.{name}.bias"], Kind.F32)
    return found


def dithered(values: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    """Each value on one of its two neighbours among the steps of Q8_0, by chance, nearer the likelier. Rounded to the nearer, what is trained on
    from a file of such steps falls back to them wherever it moved by less than half a step: of a cross-encoder's odds 0.4 were lost so, and by chance 0.1."""
    blocks = values.reshape(-1, 32).astype(np.float32)
    step = np.maximum(np.abs(blocks).max(1, keepdims=True) / 127, 1e-12)
    below = np.floor(blocks / step)
    steps = below + (dice.random(blocks.shape) < blocks / step - below)
    return (np.clip(steps, -127, 127) * step).astype(np.float32).reshape(values.shape)


def write(model: torch.nn.Module, base: Base, out: Path, name: str, description: str, layers: dict[str, list[float]]) -> None:
    """The file and its manifest; `layers` are lists of numbers to be told with it."""
    shape = model.model.config
    writer = gguf.GGUFWriter(out, "bert")
    writer.add_name(name)
    writer.add_author("the daogou authors; begun from multilingual-e5-small of Microsoft")
    writer.add_license("MIT")
    writer.add_languages(["zh", "en"])
    writer.add_description(description)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_vocab_size(shape.vocab_size)
    writer.add_context_length(shape.max_position_embeddings)
    writer.add_embedding_length(shape.hidden_size)
    writer.add_block_count(shape.num_hidden_layers)
    writer.add_feed_forward_length(shape.intermediate_size)
    writer.add_head_count(shape.num_attention_heads)
    writer.add_layer_norm_eps(shape.layer_norm_eps)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    kinds = {START: TokenType.CONTROL, PAD: TokenType.CONTROL, END: TokenType.CONTROL, UNKNOWN: TokenType.UNKNOWN}
    writer.add_tokenizer_model("t5")
    writer.add_token_list([piece.encode() for piece in base.pieces])
    writer.add_token_scores([float(score) for score in base.scores])
    writer.add_token_types([kinds.get(at, TokenType.NORMAL) for at in range(len(base.pieces))])
    writer.add_add_space_prefix(True)
    writer.add_remove_extra_whitespaces(True)
    writer.add_token_type_count(1)
    writer.add_bos_token_id(START)
    writer.add_eos_token_id(END)
    writer.add_unk_token_id(UNKNOWN)
    writer.add_pad_token_id(PAD)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(True)
    for key, values in layers.items():
        if len(values) == 1:
            writer.add_float32(f"daogou.{key}", values[0])
        else:
            writer.add_string(f"daogou.{key}", " ".join(f"{value:.4g}" for value in values))
    dice = np.random.default_rng(0)
    for tensor, (values, kind) in tensors(model).items():
        values = dithered(values, dice) if kind == Kind.Q8_0 else values
        writer.add_tensor(tensor, gguf.quants.quantize(np.ascontiguousarray(values), kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    out.with_suffix(".toml").write_text("\n".join([
        f'name = "{name}"', f'sha256 = "{digest}"', 'prompt_profile = "none"', "jobs = []", 'licence = "MIT"', f'description = "{description}"', ""]), encoding="utf-8")
    print(f"{out}: {out.stat().st_size / 2**20:.1f} MiB")


@torch.no_grad()
def parity(model: Encoder, path: Path, seed: int) -> None:
    """Texts of the project's own with their places in the vocabulary and the first of the vector's values."""
    rng = random.Random(seed)
    sources = rng.sample(shops(HERE / "shops"), 8) + rng.sample(listings(HERE / "listings"), 24)
    odd = ["", "😀", "Don’t you ship to ＵＳＡ,  can't you?", "奭奭 zzyzx 12.5㎏", "…", "  七天  无理由 ", "e\u0301clair ½ ﬁt"]
    asked = odd + [rng.choice(source.questions)[0] for source in sources]
    texts = [spoken(rng.choice(source.texts)) for source in sources]
    lines = []
    for prefix, some in ((QUESTION, asked), (TEXT, texts)):
        for text, vector in zip(some, model(prefix, some)):
            tokens = model.tokenizer.encode(prefix + text).ids
            lines.append(json.dumps({"question": prefix == QUESTION, "text": text, "tokens": tokens, "vector": [round(value, 4) for value in vector.tolist()[:48]]}, ensure_ascii=False))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, default=HERE / "out/encoder", help="folder of the checkpoint")
    options.add_argument("--gguf", type=Path, default=HERE.parent / f"{NAME}.gguf")
    options.add_argument("--parity", type=Path, default=ROOT / "tests/data/encoder_parity.jsonl")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--smoke", action="store_true", help="few texts")
    chosen = options.parse_args()
    model, base = load(chosen.out)
    layers = {"scale": [model.scale.item()], "none": [model.none.item()], "intents": intents(model, HERE / "corpus", 20 if chosen.smoke else 1)}
    for language, layer in model.praise.items():
        layers[f"praise.{language}"] = [*(10 * layer.weight[0]).tolist(), layer.bias.item()]
    write(model, base, chosen.gguf, NAME, DESCRIPTION, layers)
    parity(model, chosen.parity, chosen.seed)


if __name__ == "__main__":
    main()
