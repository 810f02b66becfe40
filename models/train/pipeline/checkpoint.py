"""Writes the trained weights as a Hugging Face checkpoint: LlamaForCausalLM, LlamaTokenizer, safetensors.

Hugging Face turns the halves of a head where this model turns neighbours (see transformer.py): the rows of the query and
key matrices are put into its order, which changes nothing else.
"""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file

from .transformer import Shape, Transformer

CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def by_halves(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """Rows (…, 2i, 2i+1, …) of each head reordered to all even ones, then all odd ones."""
    rows, columns = weight.shape
    return weight.view(heads, rows // heads // 2, 2, columns).transpose(1, 2).reshape(rows, columns)


def config(shape: Shape, start: int, end: int) -> dict:
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": shape.vocabulary,
        "hidden_size": shape.width, "intermediate_size": shape.inner, "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads, "num_key_value_heads": shape.heads, "head_dim": shape.width // shape.heads,
        "max_position_embeddings": shape.context, "rms_norm_eps": shape.epsilon, "rope_theta": shape.theta,
        "rope_parameters": {"rope_type": "default", "rope_theta": shape.theta}, "hidden_act": "silu",
        "tie_word_embeddings": True, "attention_bias": False, "mlp_bias": False, "bos_token_id": start,
        "eos_token_id": end, "dtype": "float32",
    }


def write_checkpoint(model: Transformer, tokenizer_file: Path, start: int, end: int, folder: Path) -> None:
    """Writes the folder; `start` and `end` are the ids of the ChatML markers."""
    folder.mkdir(parents=True, exist_ok=True)
    heads = model.shape.heads
    tensors = {"model.embed_tokens.weight": model.embedding.weight, "model.norm.weight": model.norm.weight}
    for index, block in enumerate(model.blocks):
        at = f"model.layers.{index}."
        tensors |= {
            at + "self_attn.q_proj.weight": by_halves(block.attention.q.weight, heads),
            at + "self_attn.k_proj.weight": by_halves(block.attention.k.weight, heads),
            at + "self_attn.v_proj.weight": block.attention.v.weight,
            at + "self_attn.o_proj.weight": block.attention.o.weight,
            at + "mlp.gate_proj.weight": block.feed.gate.weight, at + "mlp.up_proj.weight": block.feed.up.weight,
            at + "mlp.down_proj.weight": block.feed.down.weight,
            at + "input_layernorm.weight": block.attention_norm.weight,
            at + "post_attention_layernorm.weight": block.feed_norm.weight,
        }
    save_file({name: tensor.detach().float().contiguous().cpu() for name, tensor in tensors.items()},
              folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(config(model.shape, start, end), indent=1))
    shutil.copyfile(tokenizer_file, folder / "tokenizer.model")
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "LlamaTokenizer", "add_bos_token": False, "add_eos_token": False, "add_prefix_space": False,
        "legacy": False, "eos_token": "<|im_end|>", "bos_token": "<|im_start|>", "unk_token": "<unk>",
        "chat_template": CHAT_TEMPLATE}, indent=1))


def opens_alike(model: Transformer, folder: Path, prompts: list[list[int]]) -> float:
    """The largest difference of logits between this model and `transformers` reading the checkpoint."""
    from transformers import LlamaForCausalLM

    theirs = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    worst = 0.0
    with torch.no_grad():
        for prompt in prompts:
            tokens = torch.tensor([prompt])
            mine = model.logits(model(tokens))
            worst = max(worst, float((mine - theirs(tokens).logits).abs().max()))
    return worst
