"""How the next token is picked: greedily, or by llama.cpp's own sampler chain with a seed."""

from __future__ import annotations

from dataclasses import dataclass

import llama_cpp as llama
import numpy as np

from app.engine_context import Context

_PENALTY_SPAN = 64
_MAX_SEED = 0x7FFFFFFF  # llama.cpp takes 0xFFFFFFFF for "choose one at random"


@dataclass(frozen=True)
class Sampling:
    """At temperature 0 the likeliest token; `repeat` above 1 makes the last 64 a little less so."""

    temperature: float
    seed: int
    top_p: float = 0.95
    top_k: int = 40
    min_p: float = 0.05
    repeat: float = 1.0


class Sampler:
    """Picks one token after another of one reply; `close` it."""

    def __init__(self, sampling: Sampling, n_vocab: int) -> None:
        plain = sampling.temperature <= 0 and sampling.repeat == 1.0
        self._chain = None if plain else _chain(sampling, n_vocab)

    def pick(self, context: Context, row: int) -> int:
        """The next token after a row of the last batch."""
        if self._chain is None:
            return int(np.argmax(context.logits(row)))
        return int(llama.llama_sampler_sample(self._chain, context.handle, row))

    def close(self) -> None:
        if self._chain is not None:
            llama.llama_sampler_free(self._chain)


def _chain(sampling: Sampling, n_vocab: int) -> llama.llama_sampler_p:
    params = llama.llama_sampler_chain_default_params()
    params.no_perf = True
    chain = llama.llama_sampler_chain_init(params)
    parts = []
    if sampling.repeat != 1.0:
        span, repeat = _PENALTY_SPAN, sampling.repeat
        parts.append(llama.llama_sampler_init_penalties(n_vocab, span, repeat, 0.0, 0.0))
    if sampling.temperature <= 0:
        parts.append(llama.llama_sampler_init_greedy())
    else:
        parts += [
            llama.llama_sampler_init_top_k(sampling.top_k),
            llama.llama_sampler_init_top_p(sampling.top_p, 1),
            llama.llama_sampler_init_min_p(sampling.min_p, 1),
            llama.llama_sampler_init_temp(sampling.temperature),
            llama.llama_sampler_init_dist(sampling.seed & _MAX_SEED),
        ]
    for part in parts:
        llama.llama_sampler_chain_add(chain, part)
    return chain
