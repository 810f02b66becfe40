"""A decoder-only Transformer in the Llama layout, small enough to read: a checkpoint of it opens as LlamaForCausalLM.

RMSNorm(x) = x / sqrt(mean(x²) + ε) · g                                   (Zhang and Sennrich 2019, arXiv:1910.07467)
Attention(Q, K, V) = softmax(Q Kᵀ / sqrt(d_head) + causal mask) V         (Vaswani et al. 2017, arXiv:1706.03762)
RoPE turns the pair (x_2i, x_2i+1) of a query or key at position p by the angle p · θ^(−2i/d_head): the product of a query
and a key then depends on their distance only                            (Su et al. 2021, arXiv:2104.09864)
SwiGLU(x) = W_down (silu(W_gate x) ⊙ W_up x), silu(z) = z · sigmoid(z)      (Shazeer 2020, arXiv:2002.05202)
A block is x + Attention(RMSNorm(x)), then x + SwiGLU(RMSNorm(x)) (pre-norm; Touvron et al. 2023, arXiv:2302.13971). The
output matrix is the embedding's transpose (Press and Wolf 2017, arXiv:1608.05859).
"""

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Shape:
    """The sizes of a model."""

    vocabulary: int
    width: int = 256
    layers: int = 4
    heads: int = 4
    inner: int = 768
    context: int = 512
    theta: float = 10_000.0
    epsilon: float = 1e-5

    def as_dict(self) -> dict:
        return asdict(self)


class RmsNorm(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(shape.width))
        self.epsilon = shape.epsilon

    def forward(self, x: Tensor) -> Tensor:
        return functional.rms_norm(x, self.weight.shape, self.weight.to(x.dtype), self.epsilon)


def rotation(shape: Shape, length: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines of every position's angles, (length, d_head / 2)."""
    half = shape.width // shape.heads // 2
    frequencies = shape.theta ** (-torch.arange(half, dtype=torch.float32) / half)
    angles = torch.outer(torch.arange(length, dtype=torch.float32), frequencies)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turns interleaved pairs, llama.cpp's NORM layout. x: (batch, heads, length, d_head)."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)


class Attention(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.heads = shape.heads
        self.q, self.k, self.v, self.o = (nn.Linear(shape.width, shape.width, bias=False) for _ in range(4))

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, before=None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """The mix, and keys and values for what follows; `before` are those of a prefix that all rows share."""
        batch, length, width = x.shape
        q, k, v = (part(x).view(batch, length, self.heads, -1).transpose(1, 2) for part in (self.q, self.k, self.v))
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        own = (k, v)
        if before is not None:
            k, v = (torch.cat((old.expand(batch, -1, -1, -1), new), dim=2) for old, new in zip(before, own))
        scores = (q @ k.transpose(-1, -2)) / (width // self.heads) ** 0.5
        hidden = torch.ones(length, k.shape[2], dtype=torch.bool, device=x.device).triu(1 + k.shape[2] - length)
        mixed = scores.masked_fill(hidden, float("-inf")).softmax(-1).to(v.dtype) @ v
        return self.o(mixed.transpose(1, 2).reshape(batch, length, width)), own


class SwiGlu(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.gate, self.up = (nn.Linear(shape.width, shape.inner, bias=False) for _ in range(2))
        self.down = nn.Linear(shape.inner, shape.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(functional.silu(self.gate(x)) * self.up(x))


class Block(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.attention_norm, self.attention = RmsNorm(shape), Attention(shape)
        self.feed_norm, self.feed = RmsNorm(shape), SwiGlu(shape)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, before=None, dropout=0.0) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        mixed, own = self.attention(self.attention_norm(x), cos, sin, before)
        x = x + functional.dropout(mixed, dropout, dropout > 0)
        return x + functional.dropout(self.feed(self.feed_norm(x)), dropout, dropout > 0), own


class Transformer(nn.Module):
    """Tokens (batch, length) to hidden states; `logits` maps chosen states to scores over the vocabulary."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.dropout = 0.0  # of what a block adds, while training (Srivastava et al. 2014)
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = RmsNorm(shape)
        cos, sin = rotation(shape, shape.context)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                last = name.endswith(("attention.o.weight", "feed.down.weight"))
                nn.init.normal_(weight, std=0.02 / ((2 * shape.layers) ** 0.5 if last else 1))

    def forward(self, tokens: Tensor, prefix: Tensor | None = None) -> Tensor:
        """States of `tokens`; a `prefix` (1, length) that every row begins with is computed once for all of them."""
        before = [None] * len(self.blocks) if prefix is None else self.through(prefix, [None] * len(self.blocks), 0)[1]
        start = 0 if prefix is None else prefix.shape[1]
        return self.norm(self.through(tokens, before, start)[0])

    def through(self, tokens: Tensor, before: list, start: int) -> tuple[Tensor, list]:
        x = self.embedding(tokens)
        cos, sin = (part[start:start + tokens.shape[1]].to(x.dtype) for part in (self.cos, self.sin))
        kept = []
        for block, old in zip(self.blocks, before):
            x, own = block(x, cos, sin, old, self.dropout if self.training else 0.0)
            kept.append(own)
        return x, kept

    def logits(self, states: Tensor) -> Tensor:
        return functional.linear(states, self.embedding.weight)


@torch.no_grad()
def greedy(model: Transformer, prompt: list[int], stop: int, limit: int = 96) -> list[int]:
    """The most likely continuation of a prompt, up to and without `stop`."""
    tokens = list(prompt)
    while len(tokens) - len(prompt) < limit and len(tokens) < model.shape.context:
        states = model(torch.tensor([tokens], device=model.cos.device))
        following = int(model.logits(states[0, -1]).argmax())
        if following == stop:
            break
        tokens.append(following)
    return tokens[len(prompt):]
