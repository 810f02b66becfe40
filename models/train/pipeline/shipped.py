"""Turns a GGUF of this pipeline back into weights and a tokenizer, so that training can begin from the shipped model.

`python -m pipeline.train --start ../daogou-compact.gguf` uses it: the weights are those of the 8-bit file (the rounding is of no
matter to training), the tokenizer is the file's own, piece for piece, so that old and new models spell alike.
"""

from pathlib import Path

import gguf
import sentencepiece
import torch
from sentencepiece import sentencepiece_model_pb2

from .gguf_file import parameters
from .transformer import Shape, Transformer


def read_model(path: Path) -> Transformer:
    """The weights of a GGUF; raises ValueError when it is not one of this pipeline."""
    reader = gguf.GGUFReader(path)
    number = lambda key: reader.fields[f"llama.{key}"].contents()  # noqa: E731
    if reader.fields["general.architecture"].contents() != "llama":
        raise ValueError(f"{path} is not of the architecture llama")
    model = Transformer(Shape(
        vocabulary=len(reader.fields["tokenizer.ggml.tokens"].data), width=number("embedding_length"), layers=number("block_count"),
        heads=number("attention.head_count"), inner=number("feed_forward_length"), context=number("context_length"),
        theta=number("rope.freq_base"), epsilon=number("attention.layer_norm_rms_epsilon")))
    found = {tensor.name: gguf.quants.dequantize(tensor.data, tensor.tensor_type) for tensor in reader.tensors}
    wanted = parameters(model)
    if found.keys() != wanted.keys():
        raise ValueError(f"{path} has other tensors: {sorted(found.keys() ^ wanted.keys())[:4]}")
    with torch.no_grad():
        for name, weight in wanted.items():
            weight.copy_(torch.from_numpy(found[name].copy()).reshape(weight.shape))
    return model


def write_tokenizer(path: Path, out: Path) -> None:
    """The SentencePiece model of a GGUF: its pieces, scores and types, and the settings of tokenizer.py."""
    reader = gguf.GGUFReader(path)
    kinds = sentencepiece_model_pb2.ModelProto.SentencePiece
    proto = sentencepiece_model_pb2.ModelProto()
    texts, scores, types = (reader.fields[f"tokenizer.ggml.{key}"].contents() for key in ("tokens", "scores", "token_type"))
    for text, score, kind in zip(texts, scores, types):
        proto.pieces.append(kinds(piece=text, score=score, type=kind))
    trainer, normaliser = proto.trainer_spec, proto.normalizer_spec
    trainer.model_type, trainer.vocab_size, trainer.byte_fallback = trainer.BPE, len(texts), True
    trainer.split_digits, trainer.split_by_whitespace = True, True
    trainer.unk_id, trainer.bos_id, trainer.eos_id, trainer.pad_id = 0, 1, 2, -1
    normaliser.name, normaliser.add_dummy_prefix, normaliser.remove_extra_whitespaces = "identity", False, False
    normaliser.escape_whitespaces = True
    out.write_bytes(proto.SerializeToString())
    sentencepiece.SentencePieceProcessor(model_file=str(out))
