"""Layout: sequences with a common beginning as one flat list of positions."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Layout:
    """`count` sequences of `shared + own` tokens: the shared ones once, then each one's own.

    Under causal attention the same beginning gives the same values in every sequence, so a
    network needs to compute it only once.
    """

    count: int
    shared: int
    own: int

    def flat(self, ids: Tensor) -> Tensor:
        """Token ids (count, shared + own) as a list (shared + count * own)."""
        return torch.cat((ids[0, : self.shared], ids[:, self.shared :].reshape(-1)))

    def positions(self, device: torch.device) -> Tensor:
        """Where in its sequence each entry of the list stands."""
        everywhere = torch.arange(self.shared + self.own, device=device)
        return self.flat(everywhere.expand(self.count, -1))

    def index(self, rows: Tensor, columns: Tensor) -> Tensor:
        """The list's entry for each (sequence, position); positions are not shared ones."""
        return self.shared + rows * self.own + columns - self.shared
