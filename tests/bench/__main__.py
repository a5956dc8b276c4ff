"""Benches: every measurement of docs/benchmarks.md, one after the other, as `make bench` runs them.

    python -m tests.bench [engine] [adapter] [ui] [learning] [train] [memory]
        [library] [citations] [null] [yield] [interrupted] [month]
        [summaries] [ablation]      (none named: all)

They take about two and a half hours on two cores; other work on the machine shows in the figures.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from pathlib import Path

from app.models import STARTER
from app.paths import starter_models

ROOT = Path(__file__).parents[2]
LESSONS = ROOT.parent / "shared" / "lessons" / "dev.jsonl"
TRIPLE = "email-signoff,bluebird,just-ship"
"""One lesson of each kind that is trained."""


def main() -> int:
    """Run what is named; 0 when every bench came to its end."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="as listed above")
    parser.add_argument("--model", type=Path, default=starter_models() / STARTER)
    parser.add_argument("--lessons", type=Path, default=LESSONS)
    parser.add_argument("--ids", default=TRIPLE, help="lessons to teach, or `all`")
    parser.add_argument("--more", default="", help="further options of the learning bench")
    asked = parser.parse_args()
    commands = _commands(asked.model, asked.lessons, asked.ids, asked.more)
    unknown = [name for name in asked.names if name not in commands]
    if unknown:
        parser.error(f"there is no bench called {', '.join(unknown)}")
    failed = [name for name in asked.names or commands if not _run(name, commands[name])]
    if failed:
        print(f"\nNot finished: {', '.join(failed)}")
    return 1 if failed else 0


def _commands(model: Path, lessons: Path, ids: str, more: str) -> dict[str, list[str]]:
    return {
        "engine": ["tests/bench/engine_bench.py", "--model", str(model)],
        "adapter": ["-m", "tests.bench.adapter_bench", "--model", str(model)],
        "ui": ["tests/bench/ui_bench.py"],
        "learning": [
            *("-m", "tests.bench.learning_bench"),
            *("--model", str(model), "--lessons", str(lessons), "--ids", ids),
            *shlex.split(more),
        ],
        "ablation": [
            *("-m", "tests.bench.ablation_bench"),
            *("--model", str(model), "--lessons", str(lessons), "--ids", ids),
        ],
        "train": ["tests/bench/train_bench.py", str(model), "--table"],
        "memory": ["-m", "tests.bench.memory_bench"],
        "library": ["-m", "tests.bench.library_bench"],
        "citations": ["-m", "tests.bench.citation_bench", "--model", str(model)],
        "yield": ["-m", "tests.bench.yield_bench"],
        "interrupted": ["-m", "tests.bench.interrupted_bench"],
        "summaries": ["-m", "tests.bench.summary_bench", "--model", str(model)],
        "month": ["-m", "tests.bench.month_bench"],
        "null": ["-m", "tests.bench.null_bench", "--model", str(model), "--lessons", str(lessons)],
    }


def _run(name: str, command: list[str]) -> bool:
    print(f"\n== {name}: python {' '.join(command)}", flush=True)
    if name in ("learning", "ablation") and not Path(command[5]).exists():
        print(f"There is no lesson file at {command[5]}; name one with --lessons.")
        return False
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, check=False)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
