#!/usr/bin/env python3
"""Write a randomly initialised GGUF of a large model's shape, to try the whole path without a download.

What it says is nonsense; vocabulary, chat template, layers and quantization are real. Needs PyPI's `gguf` and `numpy`:

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install gguf numpy
    /tmp/venv/bin/python tests/support/random_gguf.py /tmp/random.gguf --vocabulary 32000 --width 512 --layers 8

Small test models need no Python: tests/it/tiny_gguf.rs writes them.
"""

import argparse
import itertools

import gguf
import numpy as np

CHATML = (
    "{%- if messages[0]['role'] != 'system' %}{{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}"
    "{%- endif %}{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content"
    " + '<|im_end|>' + '\\n' }}{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def byte_characters() -> list[str]:
    """GPT-2's printable stand-ins for the 256 bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = itertools.count(256)
    return [chr(byte if byte in printable else next(spare)) for byte in range(256)]


def byte_pairs(size: int) -> tuple[list[str], list[str]]:
    """A byte-level BPE vocabulary of about `size` tokens: merges of letters, then of Han characters' bytes, then of words."""
    characters = byte_characters()
    tokens, merges, known = list(characters), [], set(characters)

    def merge(left: str, right: str) -> str:
        if left + right not in known and len(tokens) < size - len(CONTROL):
            known.add(left + right)
            tokens.append(left + right)
            merges.append(f"{left} {right}")
        return left + right

    for code in range(0x4E00, 0x4E00 + 6000):
        first, second, third = (characters[byte] for byte in chr(code).encode())
        if len(tokens) < size // 2:
            merge(merge(first, second), third)
    letters = [characters[ord(letter)] for letter in "etaoinsrhldcumfpgwybvkxjqz"]
    stock = list(letters)
    for left, right in itertools.product(letters, letters):
        stock.append(merge(left, right))
    for left, right in itertools.product([characters[32], *letters], stock):
        merge(left, right)
    for left, right in itertools.product(stock[26:], stock[26:]):
        if len(tokens) >= size - len(CONTROL):
            break
        merge(left, right)
    return tokens, merges


def sentence_pieces(size: int) -> list[tuple[str, float, int]]:
    """SentencePiece-like pieces: control tokens, byte fallback, ASCII, then Han characters."""
    kinds = gguf.TokenType
    pieces = [("<unk>", 0.0, kinds.UNKNOWN), ("<s>", 0.0, kinds.CONTROL), ("</s>", 0.0, kinds.CONTROL)]
    pieces += [(text, 0.0, kinds.CONTROL) for text in CONTROL[1:]]
    pieces += [(f"<0x{byte:02X}>", 0.0, kinds.BYTE) for byte in range(256)]
    texts = ["▁", *map(chr, range(33, 127)), *map(chr, range(0x4E00, 0x4E00 + max(0, size - len(pieces) - 95)))]
    pieces += [(text, -float(index), kinds.NORMAL) for index, text in enumerate(texts)]
    return pieces


def main() -> None:
    """Read the arguments and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path")
    parser.add_argument("--shape", choices=["qwen2", "llama"], default="qwen2")
    parser.add_argument("--vocabulary", type=int, default=2048)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--kv-heads", type=int, default=2)
    parser.add_argument("--feed-forward", type=int, default=0, help="0: three times the width")
    parser.add_argument("--context", type=int, default=4096)
    parser.add_argument("--type", choices=["F32", "Q8_0"], default="Q8_0")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    feed_forward = options.feed_forward or 3 * options.width
    kv_width = options.width // options.heads * options.kv_heads
    random = np.random.default_rng(options.seed)
    writer = gguf.GGUFWriter(options.path, options.shape)
    writer.add_name(f"random {options.shape}")
    writer.add_context_length(options.context)
    writer.add_embedding_length(options.width)
    writer.add_block_count(options.layers)
    writer.add_feed_forward_length(feed_forward)
    writer.add_head_count(options.heads)
    writer.add_head_count_kv(options.kv_heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1_000_000.0)
    writer.add_chat_template(CHATML)
    writer.add_add_bos_token(False)
    if options.shape == "qwen2":
        tokens, merges = byte_pairs(options.vocabulary)
        types = [gguf.TokenType.NORMAL] * len(tokens) + [gguf.TokenType.CONTROL] * len(CONTROL)
        tokens += CONTROL
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre("qwen2")
        writer.add_token_merges(merges)
    else:
        pieces = sentence_pieces(options.vocabulary)
        tokens, types = [piece[0] for piece in pieces], [piece[2] for piece in pieces]
        writer.add_tokenizer_model("llama")
        writer.add_token_scores([piece[1] for piece in pieces])
        writer.add_add_space_prefix(False)
        writer.add_bos_token_id(1)
        writer.add_unk_token_id(0)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_eos_token_id(tokens.index("<|im_end|>"))

    def tensor(name: str, *shape: int, spread: float | None = None) -> None:
        if spread is None:
            writer.add_tensor(name, np.ones(shape, dtype=np.float32))
            return
        data = random.standard_normal(shape, dtype=np.float32) * spread
        if options.type == "F32" or len(shape) == 1:
            writer.add_tensor(name, data)
        else:
            kind = gguf.GGMLQuantizationType[options.type]
            writer.add_tensor(name, gguf.quants.quantize(data, kind), raw_dtype=kind)

    width = options.width
    usual = width**-0.5
    tensor("token_embd.weight", len(tokens), width, spread=1.0)
    tensor("output_norm.weight", width)
    tensor("output.weight", len(tokens), width, spread=2 * usual)
    for layer in range(options.layers):
        block = f"blk.{layer}."
        tensor(block + "attn_norm.weight", width)
        tensor(block + "attn_q.weight", width, width, spread=usual)
        tensor(block + "attn_k.weight", kv_width, width, spread=usual)
        tensor(block + "attn_v.weight", kv_width, width, spread=usual)
        tensor(block + "attn_output.weight", width, width, spread=usual)
        if options.shape == "qwen2":
            tensor(block + "attn_q.bias", width, spread=0.1)
            tensor(block + "attn_k.bias", kv_width, spread=0.1)
            tensor(block + "attn_v.bias", kv_width, spread=0.1)
        tensor(block + "ffn_norm.weight", width)
        tensor(block + "ffn_gate.weight", feed_forward, width, spread=usual)
        tensor(block + "ffn_up.weight", feed_forward, width, spread=usual)
        tensor(block + "ffn_down.weight", width, feed_forward, spread=feed_forward**-0.5)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file(progress=False)
    writer.close()
    print(f"{options.path}: {options.shape}, {len(tokens)} tokens")


if __name__ == "__main__":
    main()
