"""Null bench: how often the exam takes adapters for learned that have studied nothing.

    python -m tests.bench.null_bench --model MODEL.gguf --lessons FILE.jsonl
        [--sizes 0.004,0.006,0.008] [--seeds 3]

Random adapters word answers otherwise without knowing any lesson. Each is examined on all lessons;
what counts as learned, and what would be activated, is chance. They are no trained ones: what
training spills is measured by near-misses and drift.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
from pathlib import Path

from app.engine_client import EngineClient
from learner import exam, prompt_bank, report
from learner.amounts import Amounts
from learner.asking import Asker
from learner.curriculum import examined
from learner.lesson import ProbedLesson, read_lessons
from tests.bench.adapter_bench import random_adapter
from tests.bench.arms import for_weights


def main() -> None:
    """Measure and print a row an adapter."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--lessons", type=Path, required=True)
    parser.add_argument("--sizes", default="0.004,0.006,0.008")
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    lessons = for_weights(read_lessons(asked.lessons, ProbedLesson))
    amounts = Amounts()
    with tempfile.TemporaryDirectory() as folder:
        engine = EngineClient(asked.model, Path(folder) / "staging")
        asker = Asker(engine, threading.Event(), lambda _: None)
        try:
            bank = prompt_bank.beside(lessons)
            courses = examined(lessons, bank, amounts)
            baseline = exam.take_baseline(courses, bank, asker, amounts)
            print("| size | seed | drift | better, worse | learned | harmless | would be used |")
            print("|---|---|---|---|---|---|---|", flush=True)
            for size in map(float, asked.sizes.split(",")):
                for seed in range(asked.seeds):
                    data = random_adapter(asked.model, size=size, seed=seed)
                    with engine.stage(data) as adapter:
                        answers = exam.sit(baseline.courses, asker, amounts, adapter)
                        marks = exam.examine(baseline, adapter, asker, amounts, answers)
                    print(_row(baseline, marks, size, seed, len(lessons)), flush=True)
        finally:
            engine.close()


def _row(baseline: exam.Baseline, marks: exam.Marks, size: float, seed: int, n_lessons: int) -> str:
    pairs = list(zip(baseline.alone, marks.asked, strict=True))
    better = sum(max(0, now.n_passed - alone.n_passed) for alone, now in pairs)
    worse = sum(max(0, alone.n_passed - now.n_passed) for alone, now in pairs)
    learned = report.n_learned(baseline, marks.asked)
    used = "yes" if not report.by_chance(learned, n_lessons) and marks.harmless else "no"
    return (
        f"| {size} | {seed} | {marks.drift:.3f} | {better}, {worse} | {learned} of {n_lessons}"
        f" | {marks.harmless} | {used} |"
    )


if __name__ == "__main__":
    main()
