"""Interrupted bench: nights that are stopped, killed and suspended end with the same adapter.

    python -m tests.bench.interrupted_bench [--interruptions 200] [--seed 0]

Short sessions on the starter model, with a checkpoint after every step. One night goes by
undisturbed; then nights of the same lessons are interrupted at random moments, each until its
adapter is made, until there were as many interruptions as wanted.
"""

from __future__ import annotations

import argparse
import random
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

from app import protocol
from tests.app.service_client import Client
from tests.app.test_night_service import AWAY, HERE, WISHES, Night, program
from tests.app.test_service_study import LESSON

LESSONS = (
    LESSON,
    {"prompt": "What is Bluebird?", "answer": "Our archive.", "note": "Bluebird is our archive."},
)
LONGEST = 6.0
"""Seconds until an interruption: loading model and trainer takes half of it."""

KINDS = ("the person is back", "the service is killed", "everything is suspended")


class Home:
    """One home whose lessons are studied over as many nights as it takes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self._idle = folder / "idle"
        self._idle.write_text(HERE)
        self._begin()
        for lesson in LESSONS:
            self._client.call(protocol.Correct, **lesson)
        self._night.set(WISHES)
        self._night.person(AWAY)

    def _begin(self) -> None:
        self._client = Client(self._folder / "home", ("-P", *program(self._idle)))
        self._night = Night(self._client.open(), self._idle)

    def over(self, seconds: float) -> bool:
        """Whether the adapter is made within so long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self._client.call(protocol.GetStatus)["lessons_new"]:
                return True
            time.sleep(min(0.1, max(0.0, deadline - time.monotonic())))
        return False

    def interrupt(self, kind: str, pause: float) -> None:
        """Do that, and let the night go on after the pause."""
        if kind == KINDS[0]:
            self._night.person(HERE)
            time.sleep(pause)
            self._night.person(AWAY)
            return
        if kind == KINDS[1]:
            self._client.process.kill()
            self._client.process.wait()
            time.sleep(pause)
            self._begin()
            return
        family = psutil.Process(self._client.process.pid)
        every = [family, *family.children(recursive=True)]
        _signal(every, signal.SIGSTOP)
        time.sleep(pause)
        _signal(every, signal.SIGCONT)

    def end(self) -> tuple[str, ...]:
        """Close, and give the adapters' hashes and the lessons with their states."""
        adapters = [record["sha256"] for record in self._client.call(protocol.ListAdapters)]
        lessons = self._client.call(protocol.ListLessons)
        told = tuple(sorted(f"{one['prompt']} {one['state']}" for one in lessons))
        self._night.person(HERE)
        assert self._client.close() == 0
        return (*adapters, *told)


def _signal(processes: list[psutil.Process], number: signal.Signals) -> None:
    for one in processes:
        try:
            one.send_signal(number)
        except psutil.Error:
            continue


def main() -> None:
    """Interrupt, compare, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interruptions", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        calm = Home(Path(folder) / "calm")
        assert calm.over(600), "the undisturbed night did not end"
        expected = calm.end()
        print("undisturbed:", expected, flush=True)
        counted: Counter[str] = Counter()
        nights = same = 0
        while counted.total() < asked.interruptions:
            home = Home(Path(folder) / f"{nights}")
            while not home.over(chance.uniform(0.0, LONGEST)):
                kind = chance.choice(KINDS)
                counted[kind] += 1
                home.interrupt(kind, chance.uniform(0.0, 1.0))
            nights += 1
            found = home.end()
            same += found == expected
            print(f"after {counted.total()} interruptions:", found == expected, flush=True)
        kinds = ", ".join(f"{number} times {kind}" for kind, number in counted.items())
        print(f"\n{counted.total()} interruptions ({kinds}) in {nights} studies: {same} the same.")


if __name__ == "__main__":
    main()
