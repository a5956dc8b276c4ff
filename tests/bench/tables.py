"""Tables: what the learning bench found, as a person reads it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from learner.lesson import Kind, ProbedLesson
from tests.bench.counted import Counted, mean_interval
from tests.bench.yardstick import Measured


def print_arms(measured: Sequence[Measured], lessons: Sequence[ProbedLesson]) -> None:
    """One row an arm and seed."""
    kinds = [kind for kind in Kind if any(one.kind is kind for one in lessons)]
    names = ["arm", "seed", "to weights", "95 %", *(kind.value for kind in kinds), "near clean"]
    names += ["drift", "general", "still right", "still declined", "still answered"]
    names += ["prompt tokens", "s", "s a lesson", "peak MB"]
    print("\n| " + " | ".join(names) + " |\n|" + "---|" * len(names))
    for m in measured:
        weights = m.to_weights(lessons)
        cells = [m.name, _seed(m), f"{weights.share:.2f}", _range(*weights.interval())]
        cells += [str(m.of_kinds(lessons, kind.value)) for kind in kinds]
        cells += [str(m.near_clean), f"{m.drift:.3f}"]
        cells += map(str, (m.general, m.still_right, m.declined, m.answered))
        cells += [f"{m.prompt_tokens:.0f}", f"{m.seconds:.0f}", f"{m.seconds_a_lesson:.0f}"]
        print("| " + " | ".join([*cells, f"{m.peak_mb:.0f}"]) + " |")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(
        "\n“still”: of what the base has right, declines or answers."
        f" Load average at the end {load:.1f}."
    )


def print_seeds(measured: Sequence[Measured], lessons: Sequence[ProbedLesson]) -> None:
    """Mean and 95 % interval over the seeds of each arm that was trained more than once."""
    several = {m.name for m in measured if sum(other.name == m.name for other in measured) > 1}
    if not several:
        return
    shares: tuple[tuple[str, Callable[[Measured], float]], ...] = (
        ("to weights", lambda m: m.to_weights(lessons).share),
        ("near clean", lambda m: m.near_clean.share),
        ("drift", lambda m: m.drift),
        ("still right", lambda m: m.still_right.share),
        ("still declined", lambda m: m.declined.share),
        ("seconds", lambda m: m.seconds),
    )
    names = ["arm", "seeds", *(name for name, _ in shares)]
    print("\nOver seeds, mean (95 %, Student's t):")
    print("\n| " + " | ".join(names) + " |\n|" + "---|" * len(names))
    for name in dict.fromkeys(m.name for m in measured if m.name in several):
        same = [m for m in measured if m.name == name]
        cells = [name, str(len(same))]
        for _, share in shares:
            middle, low, high = mean_interval([share(m) for m in same])
            cells.append(f"{middle:.3f} ({_range(low, high)})")
        print("| " + " | ".join(cells) + " |")


def print_lessons(measured: Sequence[Measured], lessons: Sequence[ProbedLesson]) -> None:
    """Passed probes of every lesson under every arm."""
    heads = [f"{m.name}{_seed(m)}" for m in measured]
    wide = [max(7, len(head) + 2) for head in heads]
    row = "".join(f"{head:>{width}}" for head, width in zip(heads, wide, strict=True))
    print(f"\n{'lesson':16}{'kind':11}{row}")
    for lesson in lessons:
        counts = "".join(
            f"{sum(m.probes[lesson.id]):>{width}}" for m, width in zip(measured, wide, strict=True)
        )
        print(f"{lesson.id:16}{lesson.kind.value:11}{counts}  of {len(lesson.probes)}")


def print_answers(measured: Sequence[Measured], lessons: Sequence[ProbedLesson]) -> None:
    """Every answer to every probe."""
    for lesson in lessons:
        for number, probe in enumerate(lesson.probes):
            print(f"\n{lesson.id}: {probe.prompt}")
            for m in measured:
                told = m.answers[lesson.id][number][:160]
                print(f"    {m.name + _seed(m):14} {told!r}")


def print_matrix(name: str, rows: Sequence[Sequence[Counted]], kept: Counted) -> None:
    """Retention: a row for the lessons of each night, a column for how they do after each."""
    print(f"\n{name}: passed/asked, rows: night taught, columns: after night")
    print("\n| taught | " + " | ".join(str(n + 1) for n in range(len(rows[0]))) + " |")
    print("|" + "---|" * (len(rows[0]) + 1))
    for number, row in enumerate(rows, start=1):
        print(f"| {number} | " + " | ".join(map(str, row)) + " |")
    print(f"\nOf what each night had learned, {kept} ({kept.share:.2f}) still holds at the end.")


def _seed(m: Measured) -> str:
    return "" if m.seed is None else f" {m.seed}"


def _range(low: float, high: float) -> str:
    return f"{low:.2f}–{high:.2f}"
