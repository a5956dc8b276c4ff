"""The obvious way, for comparison: transformers and PEFT, float32, padded batches, full logits.

    python -m tests.bench.plain_peft STEPS < JOB

Reads a training job as the trainer does, takes STEPS steps of it (0: one round) and prints tokens a
second and a second of processor time, padding not counted, and peak memory in MB. `layers` of its
recipe is heeded, and it runs with the trainer's low priority.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model

from learner import wire
from learner.__main__ import _be_modest, _peak_memory_mb
from tests.learner import hugging_face

_BATCH = 6
_TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def main() -> None:
    """Train and print."""
    job = wire.decode_job(sys.stdin.buffer.read())
    assert isinstance(job, wire.Job)
    torch.set_num_threads(job.n_threads)
    _be_modest()
    network = _adapted(job)
    optimizer = torch.optim.AdamW(
        [weight for weight in network.parameters() if weight.requires_grad], lr=job.recipe.lr
    )
    n_tokens, started, worked = 0, time.monotonic(), time.process_time()
    for batch in _batches(job.examples, int(sys.argv[1])):
        network(**_tensors(batch)).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        n_tokens += sum(len(example.tokens) for example in batch)
    clock, processor = time.monotonic() - started, time.process_time() - worked
    print(n_tokens / clock, n_tokens / processor, _peak_memory_mb())


def _adapted(job: wire.Job) -> Any:
    network = hugging_face.load(Path(job.model))
    n_layers, recipe = network.config.num_hidden_layers, job.recipe
    chosen = range(n_layers - recipe.layers, n_layers) if recipe.layers else range(n_layers)
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        target_modules=_TARGETS,
        layers_to_transform=list(chosen),
        layers_pattern="layers",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(network, config)


def _batches(examples: tuple[wire.Example, ...], steps: int) -> Iterator[list[wire.Example]]:
    shuffled = random.Random(0).sample(examples, len(examples))
    starts = range(0, len(shuffled), _BATCH)
    for start in starts[: steps or len(starts)]:
        yield shuffled[start : start + _BATCH]


def _tensors(batch: list[wire.Example]) -> dict[str, torch.Tensor]:
    longest = max(len(example.tokens) for example in batch)
    rows: dict[str, list[list[int]]] = {"input_ids": [], "attention_mask": [], "labels": []}
    for example in batch:
        tokens, missing = list(example.tokens), longest - len(example.tokens)
        unasked = [-100] * example.target_start
        rows["input_ids"].append(tokens + [0] * missing)
        rows["attention_mask"].append([1] * len(tokens) + [0] * missing)
        rows["labels"].append(unasked + tokens[example.target_start :] + [-100] * missing)
    return {name: torch.tensor(values) for name, values in rows.items()}


if __name__ == "__main__":
    main()
