"""The optimisers: Muon for the matrices of the blocks, AdamW for the embedding and the norms.

Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/): the momentum of a matrix is replaced by the nearest
semi-orthogonal one, found by five Newton–Schulz steps X ← aX + (bA + cA²)X with A = XXᵀ. AdamW: Loshchilov and Hutter
2019, arXiv:1711.05101.
"""

import torch
from torch import Tensor, nn


def orthogonal(matrix: Tensor, steps: int = 5) -> Tensor:
    """A matrix with about the same row and column space whose singular values are near 1."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.bfloat16()
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.T if tall else x).float()


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised; the step is scaled to the matrix so that one learning rate suits all."""

    def __init__(self, parameters, lr: float, momentum: float = 0.95, decay: float = 0.0):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(weight)
                momentum = state["momentum"].mul_(group["momentum"]).add_(weight.grad)
                update = orthogonal(weight.grad.add(momentum, alpha=group["momentum"]))
                scale = max(1.0, weight.shape[0] / weight.shape[1]) ** 0.5
                weight.mul_(1 - group["lr"] * group["decay"]).add_(update, alpha=-group["lr"] * scale)


def optimisers(model: nn.Module, matrix_rate: float, other_rate: float) -> list[torch.optim.Optimizer]:
    """Both, each over its own parameters."""
    matrices = [weight for name, weight in model.named_parameters() if weight.dim() == 2 and "embedding" not in name]
    others = [weight for name, weight in model.named_parameters() if weight.dim() != 2 or "embedding" in name]
    return [Muon(matrices, matrix_rate, decay=0.05), torch.optim.AdamW(others, other_rate, betas=(0.9, 0.98), weight_decay=0.01)]
