"""Writes the model as a GGUF that llama.cpp opens: architecture `llama`, SentencePiece tokenizer, Q8_0 matrices.

Key names: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. `output.weight` is left out because it is tied.
"""

from pathlib import Path

import gguf
import numpy as np
import sentencepiece
import torch
from gguf import GGMLQuantizationType, TokenType

from .checkpoint import CHAT_TEMPLATE
from .transformer import Transformer

PROFILE_KEY = "daogou.prompt_profile"


def write_gguf(model: Transformer, tokenizer_file: Path, out: Path, name: str, quantised: bool = True) -> None:
    shape = model.shape
    writer = gguf.GGUFWriter(out, "llama")
    writer.add_name(name)
    writer.add_author("the daogou authors")
    writer.add_license("Apache-2.0")
    writer.add_languages(["zh", "en"])
    writer.add_description("Understands what a shopper writes, in Chinese and English; trained from scratch by models/train")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0 if quantised else gguf.LlamaFileType.ALL_F32)
    writer.add_string(PROFILE_KEY, "compact")
    writer.add_vocab_size(shape.vocabulary)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_rope_freq_base(shape.theta)
    add_tokenizer(writer, tokenizer_file)
    for tensor_name, tensor in tensors(model).items():
        kind = GGMLQuantizationType.Q8_0 if quantised and tensor.ndim == 2 else GGMLQuantizationType.F32
        writer.add_tensor(tensor_name, gguf.quants.quantize(tensor, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def add_tokenizer(writer: gguf.GGUFWriter, tokenizer_file: Path) -> None:
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(tokenizer_file))
    texts, scores, kinds = [], [], []
    for index in range(pieces.get_piece_size()):
        text = pieces.id_to_piece(index)
        if pieces.is_unknown(index):
            kind = TokenType.UNKNOWN
        elif pieces.is_control(index):
            kind = TokenType.CONTROL
        elif pieces.is_byte(index):
            kind = TokenType.BYTE
        elif text.startswith(('{"intent"', ',"', '"')) or text == "}":
            kind = TokenType.USER_DEFINED
        else:
            kind = TokenType.NORMAL
        texts.append(text.encode("utf-8"))
        scores.append(pieces.get_score(index))
        kinds.append(kind)
    start, end = pieces.piece_to_id("<|im_start|>"), pieces.piece_to_id("<|im_end|>")
    writer.add_tokenizer_model("llama")
    writer.add_token_list(texts)
    writer.add_token_scores(scores)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(start)
    writer.add_eos_token_id(end)
    writer.add_eot_token_id(end)
    writer.add_unk_token_id(pieces.unk_id())
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def parameters(model: Transformer) -> dict[str, torch.nn.Parameter]:
    """The parameters by their names in a GGUF."""
    found = {"token_embd.weight": model.embedding.weight, "output_norm.weight": model.norm.weight}
    for index, block in enumerate(model.blocks):
        at = f"blk.{index}."
        found |= {
            at + "attn_norm.weight": block.attention_norm.weight, at + "attn_q.weight": block.attention.q.weight,
            at + "attn_k.weight": block.attention.k.weight, at + "attn_v.weight": block.attention.v.weight,
            at + "attn_output.weight": block.attention.o.weight, at + "ffn_norm.weight": block.feed_norm.weight,
            at + "ffn_gate.weight": block.feed.gate.weight, at + "ffn_up.weight": block.feed.up.weight,
            at + "ffn_down.weight": block.feed.down.weight,
        }
    return found


def tensors(model: Transformer) -> dict[str, np.ndarray]:
    return {name: tensor.detach().float().cpu().numpy() for name, tensor in parameters(model).items()}
