"""Network: the decoder blocks of Llama and Qwen in plain torch, on packed weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from learner.layout import Layout
from learner.packed_linear import PackedLinear

# transformers has these blocks too. Importing it costs four seconds and 200 MB at every study, and
# its attention cannot share a common beginning; the tests hold the two equal.


@dataclass(frozen=True)
class Heads:
    """The attention's sizes: query heads, key and value heads, width of one, norms' epsilon."""

    queries: int
    keys: int
    width: int
    epsilon: float


@dataclass(frozen=True)
class Rotation:
    """Rotary position embedding (Su et al. 2021): cosines and sines, (positions, 1, head width)."""

    cos: Tensor
    sin: Tensor

    @staticmethod
    def at(positions: Tensor, head_width: int, theta: float) -> Rotation:
        """The rotation of each position, in Hugging Face's order: first halves, second halves."""
        steps = torch.arange(0, head_width, 2, device=positions.device).float() / head_width
        angles = positions[:, None].float() * (1.0 / theta**steps)
        angles = torch.cat((angles, angles), dim=-1)[:, None]
        return Rotation(angles.cos(), angles.sin())

    def turn(self, states: Tensor) -> Tensor:
        """(positions, heads, head width), rotated."""
        first, second = states.chunk(2, dim=-1)
        return states * self.cos + torch.cat((-second, first), dim=-1) * self.sin


@dataclass(frozen=True)
class Block:
    """One transformer block; `linear` by the kinds of `learner.wire.ModuleKind`.

    `q_norm` and `k_norm` are there in Qwen 3 alone.
    """

    heads: Heads
    linear: dict[str, PackedLinear]
    attn_norm: Tensor
    ffn_norm: Tensor
    q_norm: Tensor | None
    k_norm: Tensor | None

    def __call__(
        self, hidden: Tensor, layout: Layout, rotation: Rotation, wanted: Tensor | None = None
    ) -> Tensor:
        """(positions, width) to the same, or to the `wanted` positions only."""
        mixed = self._attention(self._norm(hidden, self.attn_norm), layout, rotation)
        if wanted is not None:
            hidden, mixed = hidden[wanted], mixed[wanted]
        hidden = hidden + self.linear["o"](mixed)
        return hidden + self._mlp(self._norm(hidden, self.ffn_norm))

    def unpacked(self) -> Block:
        """The frozen block, its adapters left out, with unpacked weights in memory."""
        linear = {kind: layer.unpacked() for kind, layer in self.linear.items()}
        return replace(self, linear=linear)

    @property
    def unpacked_bytes(self) -> int:
        """The memory its weights take when unpacked."""
        return sum(layer.weight.unpacked_bytes for layer in self.linear.values())

    def _attention(self, states: Tensor, layout: Layout, rotation: Rotation) -> Tensor:
        n, width = states.shape[0], self.heads.width
        q = self.linear["q"](states).view(n, self.heads.queries, width)
        k = self.linear["k"](states).view(n, self.heads.keys, width)
        v = self.linear["v"](states).view(n, self.heads.keys, width)
        if self.q_norm is not None and self.k_norm is not None:
            q, k = self._norm(q, self.q_norm), self._norm(k, self.k_norm)
        return attend(rotation.turn(q), rotation.turn(k), v, layout)

    def _mlp(self, states: Tensor) -> Tensor:
        gate, up = self.linear["gate"](states), self.linear["up"](states)
        gated: Tensor = _SwiGlu.apply(gate, up)  # type: ignore[no-untyped-call]
        return self.linear["down"](gated)

    def _norm(self, states: Tensor, weight: Tensor) -> Tensor:
        return rms_norm(states, weight, self.heads.epsilon)


def rms_norm(states: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    """Root-mean-square normalisation over the last dimension."""
    return functional.rms_norm(states, weight.shape, weight, epsilon)


def attend(q: Tensor, k: Tensor, v: Tensor, layout: Layout) -> Tensor:
    """Causal attention of every sequence to the shared beginning and to itself.

    `q` (positions, query heads, width), `k` and `v` (positions, key heads, width), all in the
    layout's order; gives (positions, query heads * width).
    """
    shared, parts = layout.shared, []
    if shared:
        beginning = (x[:shared][None] for x in (q, k, v))
        parts.append(_causal(*beginning).flatten(0, 1))
    queries = q[shared:].view(layout.count, layout.own, *q.shape[1:])
    keys, values = (_with_beginning(x, layout) for x in (k, v))
    parts.append(_causal(queries, keys, values).flatten(0, 1))
    return torch.cat(parts).flatten(1)


def _with_beginning(states: Tensor, layout: Layout) -> Tensor:
    beginning = states[: layout.shared].expand(layout.count, -1, -1, -1)
    own = states[layout.shared :].view(layout.count, layout.own, *states.shape[1:])
    return torch.cat((beginning, own), dim=1)


def _causal(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention on (sequences, positions, heads, width); the last query stands at the last key."""
    before = k.shape[1] - q.shape[1]
    seen = torch.ones(q.shape[1], k.shape[1], dtype=torch.bool, device=q.device).tril(before)
    mixed = functional.scaled_dot_product_attention(
        q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), attn_mask=seen, enable_gqa=True
    )
    return mixed.transpose(1, 2)


class _SwiGlu(torch.autograd.Function):
    """silu(gate) * up, keeping only the two for the way back: they are a block's widest values."""

    @staticmethod
    def forward(ctx: Any, gate: Tensor, up: Tensor) -> Tensor:
        ctx.save_for_backward(gate, up)
        return functional.silu(gate).mul_(up)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        gate, up = ctx.saved_tensors
        share = torch.sigmoid(gate)
        smooth = gate * share
        # d silu(x) / dx = s + x s (1 - s), s the sigmoid of x
        slope = smooth.addcmul(smooth, share, value=-1.0).add_(share)
        return slope.mul_(up).mul_(gradients[0]), smooth.mul_(gradients[0])
