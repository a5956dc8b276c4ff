"""The training loop: its batches, its losses against plain formulas, and that it learns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional

from learner import base_model, head, lora, train
from learner.base_model import TorchModel
from learner.batches import Batch, make_batches
from learner.errors import BadJobError, TrainerDiedError
from learner.layout import Layout
from learner.wire import Example, Recipe
from tests.learner import hugging_face, tiny_models

CPU = torch.device("cpu")


@pytest.fixture
def model(tmp_path: Path) -> TorchModel:
    return base_model.load(tiny_models.write(tmp_path / "tiny.gguf"))


@pytest.fixture
def plain(model: TorchModel, tmp_path: Path) -> Any:
    return hugging_face.load(tmp_path / "tiny.gguf")


@pytest.fixture(autouse=True)
def repeatable() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # several only wait for each other on models this small
    torch.use_deterministic_algorithms(True)
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(False)


def _examples(count: int = 5, length: int = 9) -> tuple[Example, ...]:
    generator = torch.Generator().manual_seed(1)
    return tuple(
        Example(
            tokens=tuple(torch.randint(1, 90, (length + i,), generator=generator).tolist()),
            target_start=4,
        )
        for i in range(count)
    )


def _with_teacher(example: Example, mix: float, top: int) -> Example:
    targets = len(example.tokens) - example.target_start
    generator = torch.Generator().manual_seed(2)
    logits = torch.randn(targets, tiny_models.VOCAB, generator=generator, dtype=torch.float64)
    logprobs, ids = torch.log_softmax(logits, -1).topk(top)
    return Example(
        tokens=example.tokens,
        target_start=example.target_start,
        top_ids=tuple(map(tuple, ids.tolist())),
        top_logprobs=tuple(map(tuple, logprobs.tolist())),
        mix=mix,
    )


def _quiet(step: int, steps: int, loss: float, left: float | None) -> None:
    pass


# ------------------------------------------------------------------ batches


def test_batches_are_sorted_bounded_and_complete() -> None:
    examples = _examples(7)[::-1]
    batches = make_batches(examples, 24, CPU)
    lengths = [batch.layout.shared + batch.layout.own for batch in batches]
    assert lengths == sorted(lengths)
    assert all(batch.ids.numel() <= 24 or batch.layout.count == 1 for batch in batches)
    rows = [
        tuple(token for token in row if token)
        for batch in batches
        for row in batch.ids.view(batch.layout.count, -1).tolist()
    ]
    assert sorted(rows) == sorted(example.tokens for example in examples)
    assert sum(batch.n_tokens for batch in batches) == sum(len(e.tokens) for e in examples)


def test_each_target_token_is_predicted_from_the_one_before_it() -> None:
    (batch,) = make_batches([Example(tokens=(11, 12, 13, 14), target_start=2)], 64, CPU)
    before = batch.ids[batch.places].tolist()
    assert list(zip(before, batch.labels.tolist(), strict=True)) == [(12, 13), (13, 14)]


def test_a_common_beginning_stands_once_and_ends_before_the_first_prediction() -> None:
    examples = [
        Example(tokens=(7, 8, 9, 10, 11), target_start=3),
        Example(tokens=(7, 8, 9, 12), target_start=3),
    ]
    (batch,) = make_batches(examples, 64, CPU)
    assert batch.layout == Layout(count=2, shared=2, own=3)
    assert batch.ids.tolist() == [7, 8, 9, 12, 0, 9, 10, 11]
    assert batch.layout.positions(CPU).tolist() == [0, 1, 2, 3, 4, 2, 3, 4]
    before = batch.ids[batch.places].tolist()
    assert list(zip(before, batch.labels.tolist(), strict=True)) == [(9, 12), (9, 10), (10, 11)]


@pytest.mark.parametrize(
    ("example", "why"),
    [
        (Example(tokens=(1, 2), target_start=2), "no prompt or no target"),
        (Example(tokens=(1, 2), target_start=0), "no prompt or no target"),
        (Example(tokens=(1, 9999), target_start=1), "does not know"),
        (Example(tokens=(1, -2), target_start=1), "does not know"),
        (
            Example(
                tokens=(1, 2), target_start=1, top_ids=((1,), (2,)), top_logprobs=((0.0,), (0.0,))
            ),
            "do not match",
        ),
        (Example(tokens=(1, 2), target_start=1, top_ids=((1, 2),)), "not whole"),
    ],
)
def test_useless_examples_are_refused(model: TorchModel, example: Example, why: str) -> None:
    with pytest.raises(BadJobError, match=why):
        train.train(model, [example], Recipe(), _quiet)


def test_no_examples_are_refused(model: TorchModel) -> None:
    with pytest.raises(BadJobError, match="no example"):
        train.train(model, [], Recipe(), _quiet)


# ------------------------------------------------------------------ the plan


def test_every_round_takes_every_batch_and_the_seed_decides_the_order() -> None:
    order = train.plan(6, Recipe(epochs=3, seed=4))
    assert [sorted(order[i : i + 6]) for i in (0, 6, 12)] == [list(range(6))] * 3
    assert order == train.plan(6, Recipe(epochs=3, seed=4))
    assert order != train.plan(6, Recipe(epochs=3, seed=5))
    assert len(train.plan(6, Recipe(steps=8))) == 8


def test_a_wider_model_learns_at_a_lower_rate() -> None:
    assert train.width_ratio(512, Recipe()) == 1.0
    assert train.width_ratio(896, Recipe(lr_width=896)) == 1.0
    assert 0.7 < train.width_ratio(1536, Recipe(lr_width=896)) < 0.75
    assert 1.9 < train.width_ratio(576, Recipe(lr_width=896)) < 2.0


def test_the_learning_rate_rises_then_falls_to_nothing() -> None:
    recipe = Recipe(lr=1.0, warmup=0.2)
    rates = [train.learning_rate(step, 20, recipe) for step in range(20)]
    assert rates[:4] == [0.25, 0.5, 0.75, 1.0]
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert 0.0 < rates[-1] < 0.02
    assert train.learning_rate(0, 1, recipe) == 1.0


# ------------------------------------------------------------------ the loss


def test_the_first_loss_is_the_cross_entropy_of_the_plain_model(
    model: TorchModel, plain: Any
) -> None:
    example = Example(tokens=(3, 14, 15, 92, 65, 35), target_start=3)
    with torch.no_grad():
        logits = plain(input_ids=torch.tensor([example.tokens]), use_cache=False).logits
        expected = functional.cross_entropy(logits[0, 2:5], torch.tensor(example.tokens[3:]))
    outcome = train.train(model, [example], Recipe(steps=1), _quiet)
    assert outcome.first_loss == pytest.approx(expected.item(), rel=1e-5)


def test_bucketed_kl_over_all_tokens_is_the_kl() -> None:
    generator = torch.Generator().manual_seed(0)
    p = torch.softmax(torch.randn(6, 50, generator=generator, dtype=torch.float64), -1)
    q = torch.log_softmax(torch.randn(6, 50, generator=generator, dtype=torch.float64), -1)
    expected = (p * (p.log() - q)).sum(-1)
    torch.testing.assert_close(head.bucketed_kl(p, q), expected, rtol=1e-6, atol=1e-6)


def test_bucketed_kl_over_some_tokens_lumps_the_others() -> None:
    p = torch.tensor([[0.5, 0.2, 0.0]])  # the last entry is padding
    q = torch.tensor([[0.4, 0.1, 0.3]]).log()
    expected = 0.5 * math.log(0.5 / 0.4) + 0.2 * math.log(0.2 / 0.1) + 0.3 * math.log(0.3 / 0.5)
    assert head.bucketed_kl(p, q).item() == pytest.approx(expected, rel=1e-5)


def test_distillation_towards_the_model_itself_costs_nothing(model: TorchModel, plain: Any) -> None:
    tokens = (3, 14, 15, 92, 65, 35)
    with torch.no_grad():
        logits = plain(input_ids=torch.tensor([tokens]), use_cache=False).logits[0, 2:5]
    logprobs, ids = torch.log_softmax(logits, -1).topk(20)
    example = Example(
        tokens=tokens,
        target_start=3,
        top_ids=tuple(map(tuple, ids.tolist())),
        top_logprobs=tuple(map(tuple, logprobs.tolist())),
        mix=0.0,
    )
    assert abs(train.train(model, [example], Recipe(steps=1), _quiet).first_loss) < 1e-5


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3"])
@pytest.mark.parametrize("kept_bytes", [0, 1 << 30], ids=["computed again", "kept"])
def test_gradients_equal_those_of_the_plain_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, architecture: str, kept_bytes: int
) -> None:
    path = tiny_models.write(tmp_path / "m.gguf", architecture)
    model, plain = base_model.load(path), hugging_face.load(path)
    beginning = (5, 6)
    examples = [
        Example(tokens=beginning + e.tokens, target_start=e.target_start + 2) for e in _examples()
    ]
    examples = [_with_teacher(example, 0.3, 5) for example in examples[:3]] + examples[3:]
    (batch,) = make_batches(examples, 1000, CPU)
    assert batch.layout.shared == 2
    monkeypatch.setattr(train, "_KEPT_BYTES", kept_bytes)
    monkeypatch.setattr(head, "_VOCABULARY", 7)
    monkeypatch.setattr(head, "_TARGETS", 5)
    monkeypatch.setattr(head, "_LOGITS", 5 * tiny_models.VOCAB)
    monkeypatch.setattr(head, "_LIKELY", tiny_models.VOCAB)  # no token is left out
    prepared = train.prepare(model, 0, {0: batch})
    pairs = lora.add_adapter(prepared.model, Recipe(rank=2, alpha=2.0))
    for pair in pairs:
        torch.nn.init.normal_(pair.b, std=0.1)
    # The plain model gets its adapter by merging it into weights that torch differentiates.
    merged = {pair.name: _merge(plain, pair) for pair in pairs}
    loss_there = _plain_loss(plain, examples, batch)
    expected = torch.autograd.grad(loss_there, list(merged.values()))
    loss = prepared.step(0)
    assert loss == pytest.approx(loss_there.item(), rel=1e-5)
    for pair, whole in zip(pairs, expected, strict=True):
        torch.testing.assert_close(pair.a.grad, pair.b.detach().T @ whole, rtol=1e-3, atol=1e-5)
        torch.testing.assert_close(pair.b.grad, whole @ pair.a.detach().T, rtol=1e-3, atol=1e-5)


def _merge(plain: Any, pair: lora.Pair) -> torch.nn.Parameter:
    path = hugging_face.PATHS[pair.name.split(".")[2]]
    layer = plain.model.layers[pair.block].get_submodule(path)
    layer.weight = torch.nn.Parameter(layer.weight + (pair.b @ pair.a).detach())
    weight: torch.nn.Parameter = layer.weight
    return weight


def _plain_loss(plain: Any, examples: list[Example], batch: Batch) -> torch.Tensor:
    """The batch's loss from full logits, one example after another, in the batch's order."""
    ordered = sorted(examples, key=lambda example: len(example.tokens))
    logits = torch.cat(
        [
            plain(input_ids=torch.tensor([e.tokens]), use_cache=False).logits[
                0, e.target_start - 1 : -1
            ]
            for e in ordered
        ]
    )
    picked = logits.gather(1, torch.cat((batch.labels[:, None], batch.top_ids), dim=1))
    normaliser = torch.logsumexp(logits, dim=-1)
    return head.batch_loss(normaliser, picked, batch, slice(None)) / batch.weights.sum()


@pytest.mark.parametrize("likely", [tiny_models.VOCAB, 8])
def test_the_narrow_head_is_exact_with_every_token_and_close_with_some(
    model: TorchModel, monkeypatch: pytest.MonkeyPatch, likely: int
) -> None:
    monkeypatch.setattr(head, "_LIKELY", likely)
    monkeypatch.setattr(head, "_SAMPLED", 2)  # one in 16 of so small a vocabulary is three tokens
    (batch,) = make_batches([_with_teacher(e, 0.3, 5) for e in _examples(2)], 1000, CPU)
    prepared = train.prepare(model, 0, {0: batch})
    every = prepared.head.n_candidates == tiny_models.VOCAB
    assert every == (likely == tiny_models.VOCAB)
    hidden = train.last_states(prepared.model, batch, prepared.trunk[0], 0).detach()

    def exact(states: torch.Tensor) -> torch.Tensor:
        logits = head.all_logits(model.head, states)
        picked = logits.gather(1, torch.cat((batch.labels[:, None], batch.top_ids), dim=1))
        normaliser = torch.logsumexp(logits, dim=-1)
        return head.batch_loss(normaliser, picked, batch, slice(None)) / batch.weights.sum()

    # Where the untouched model stands, the loss is exact either way.
    loss, _ = prepared.head.loss_and_gradient(hidden, 0, batch)
    assert loss == pytest.approx(exact(hidden).item(), rel=1e-5)
    # A little training further, the mass of the tokens left out has moved a little.
    moved = hidden + 0.02 * torch.randn(hidden.shape, generator=torch.Generator().manual_seed(5))
    moved.requires_grad_(True)
    loss, gradient = prepared.head.loss_and_gradient(moved.detach(), 0, batch)
    (expected,) = torch.autograd.grad(exact(moved), moved)
    assert loss == pytest.approx(exact(moved).item(), rel=1e-5 if every else 1e-2)
    error = (gradient - expected).norm() / expected.norm()
    assert error < (1e-5 if every else 0.1), error


def test_tokens_left_out_do_not_grow_unseen(
    model: TorchModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(head, "_LIKELY", 1)
    recipe = Recipe(steps=8, lr=0.01, batch_tokens=1000)
    (batch,) = make_batches(_examples(3), 1000, CPU)

    def true_loss_after(sampled: int) -> float:
        monkeypatch.setattr(head, "_SAMPLED", sampled)
        prepared: list[train.Prepared] = []
        plain = train.Prepared.step

        def watched(job: train.Prepared, index: int) -> float:
            prepared[:] = [job]
            return plain(job, index)

        with monkeypatch.context() as patch:
            patch.setattr(train.Prepared, "step", watched)
            train.train(model, _examples(3), recipe, _quiet)
        (job,) = prepared
        with torch.no_grad():
            states = train.last_states(job.model, batch, job.trunk[0], job.start)
            return functional.cross_entropy(
                head.all_logits(model.head, states), batch.labels
            ).item()

    every, some, one = (true_loss_after(sampled) for sampled in (1, 3, 1000))
    # One token for all the others sees little; measured: 1.24, 1.37 and 1.67.
    assert every < one
    assert some - every < 0.5 * (one - every)


def test_the_full_pass_finds_the_normaliser_and_the_likeliest_tokens(
    model: TorchModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(head, "_VOCABULARY", 7)
    monkeypatch.setattr(head, "_TARGETS", 3)
    states = torch.randn(8, model.width, generator=torch.Generator().manual_seed(6))
    logits = head.all_logits(model.head, states)
    normaliser, likely = head.full_pass(model.head, states)
    torch.testing.assert_close(normaliser, logits.logsumexp(-1))
    assert torch.equal(likely.sort().values, logits.topk(head._LIKELY).indices.sort().values)


def test_clipping_shrinks_all_gradients_together() -> None:
    weights = [torch.nn.Parameter(torch.ones(size)) for size in ((2, 3), (4, 1))]
    for weight in weights:
        weight.grad = torch.full(weight.shape, 2.0)
    train.clip(weights, 7.0)  # their length is sqrt(10 * 4)
    assert all(torch.equal(w.grad, torch.full(w.shape, 2.0)) for w in weights if w.grad is not None)
    train.clip(weights, 1.0)
    for weight in weights:
        assert weight.grad is not None
        torch.testing.assert_close(weight.grad, torch.full(weight.shape, 2.0 / 40.0**0.5))


def test_a_weight_of_nought_teaches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(head, "_LIKELY", tiny_models.VOCAB)
    taught, other = _examples(2)
    silent = Example(tokens=other.tokens, target_start=4, weight=0.0)

    def learned(examples: list[Example]) -> list[torch.Tensor]:
        fresh = base_model.load(tiny_models.write(tmp_path / "m.gguf"))
        return lora.trainable(train.train(fresh, examples, Recipe(steps=3), _quiet).pairs)

    for one, two in zip(learned([taught]), learned([taught, silent]), strict=True):
        torch.testing.assert_close(one, two, rtol=1e-3, atol=1e-5)


# ------------------------------------------------------------------ training


def test_it_learns_and_says_how_far_it_is(model: TorchModel) -> None:
    said: list[tuple[int, int, float | None]] = []
    outcome = train.train(
        model,
        _examples(3),
        Recipe(steps=60, lr=0.02, batch_tokens=64),
        lambda step, steps, loss, left: said.append((step, steps, left)),
    )
    assert outcome.last_loss < 0.2 * outcome.first_loss
    assert [step for step, _, _ in said if step] == list(range(1, 61))
    assert said[0] == (0, 60, None)
    assert said[-1] == (60, 60, 0.0)
    assert outcome.steps == outcome.planned == 60


def test_it_gives_signs_of_life_while_every_batch_passes_the_untouched_model(
    model: TorchModel,
) -> None:
    said: list[int] = []
    recipe = Recipe(steps=2, batch_tokens=16, layers=1)
    train.train(model, _examples(6), recipe, lambda step, *_: said.append(step))
    assert len(make_batches(_examples(6), 16, CPU)) > 1
    frozen = model.shape.n_layers - 1
    # Two steps take two batches: both pass each frozen block, and then the others at once; the
    # vocabulary is one part.
    assert said == [0] * (1 + 2 * frozen + 2 + 1) + [1, 2]


def test_only_the_adapter_changes(model: TorchModel, tmp_path: Path) -> None:
    before = (tmp_path / "tiny.gguf").read_bytes()
    rows = model.head.values()
    train.train(model, _examples(2), Recipe(steps=3, lr=0.05), _quiet)
    assert (tmp_path / "tiny.gguf").read_bytes() == before
    assert torch.equal(model.head.values(), rows)


def test_b_can_learn_at_a_rate_of_its_own(tmp_path: Path) -> None:
    def learned(ratio: float) -> tuple[lora.Pair, ...]:
        fresh = base_model.load(tiny_models.write(tmp_path / "m.gguf"))
        recipe = Recipe(steps=1, lr=0.001, b_lr_ratio=ratio)
        return train.train(fresh, _examples(2), recipe, _quiet).pairs

    for plain, faster in zip(learned(1.0), learned(8.0), strict=True):
        assert torch.equal(plain.a, faster.a)
        assert plain.b.abs().max() > 0
        torch.testing.assert_close(8.0 * plain.b, faster.b)


def test_chosen_modules_and_layers_only(model: TorchModel) -> None:
    recipe = Recipe(steps=1, targets=("q", "down"), layers=2, rank=4)
    outcome = train.train(model, _examples(2), recipe, _quiet)
    assert [(pair.block, pair.kind) for pair in outcome.pairs] == [
        (1, "q"),
        (1, "down"),
        (2, "q"),
        (2, "down"),
    ]
    assert all(pair.a.shape[0] == 4 for pair in outcome.pairs)


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_keeping_the_trunks_output_and_unpacked_blocks_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: torch.dtype
) -> None:
    def learned() -> list[torch.Tensor]:
        fresh = base_model.load(tiny_models.write(tmp_path / "m.gguf"), CPU, precision)
        recipe = Recipe(epochs=4, layers=2, batch_tokens=24)
        return lora.trainable(train.train(fresh, _examples(), recipe, _quiet).pairs)

    kept = learned()
    monkeypatch.setattr(train, "frozen_outputs", _computed_packed)
    one_block = base_model.load(tmp_path / "m.gguf", CPU, precision).blocks[0].unpacked_bytes
    for n_bytes in (0, one_block):
        monkeypatch.setattr(train, "_HELD_BYTES", n_bytes)
        assert all(torch.equal(a, b) for a, b in zip(kept, learned(), strict=True))


def _computed_packed(
    model: TorchModel, end: int, batches: Mapping[int, Batch], _: head.Passed
) -> dict[int, torch.Tensor]:
    with torch.no_grad():
        return {
            index: model.run_blocks(model.embed(batch.ids), batch.layout, 0, end)
            for index, batch in batches.items()
        }


def test_it_ends_early_when_the_time_is_up(model: TorchModel) -> None:
    outcome = train.train(model, _examples(2), Recipe(steps=50, max_seconds=1e-9), _quiet)
    assert (outcome.steps, outcome.planned) == (1, 50)


def test_an_infinite_loss_is_an_error(model: TorchModel) -> None:
    broken = replace(model, norm=torch.full_like(model.norm, float("inf")))
    with pytest.raises(TrainerDiedError, match="infinite"):
        train.train(broken, _examples(2), Recipe(steps=1), _quiet)
