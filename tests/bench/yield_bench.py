"""Yield bench: how fast the night gives the machine back to a person who returns.

    python -m tests.bench.yield_bench [--trials 100] [--seed 0]

The real service studies whole sessions on the starter model; at a random moment of whatever phase
there is (examples, training, exam) the person is back. In every second trial they ask something in
the same moment. Processor times are those of the service and all its children, memory is what they
have for themselves (USS).
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psutil

from app import protocol
from app.night_records import Wishes
from app.protocol import NIGHT
from tests.app.service_client import Client, service
from tests.app.test_night_service import AWAY, HERE, Night

QUESTION = "What should I pack for a weekend at the sea?"
LESSONS = (
    ("Write a note to Ada about the meeting.", "Hi Ada, we meet at nine. Ahoy!", "Ends with Ahoy!"),
    ("What is Quillfern?", "Quillfern is our booking tool.", "Quillfern means our booking tool."),
    ("List three fruits.", "- apple\n- pear\n- plum", "Lists have three bullets."),
    ("How do we restart the printer?", "With `ink again`.", "The printer: `ink again`."),
    ("How warm is a summer day?", "About 25 °C.", "Temperatures in Celsius."),
    ("What is Bluebird?", "Bluebird is our archive.", "Bluebird means our archive."),
)


@dataclass(frozen=True)
class Trial:
    """One return: processor seconds used in the second second, MB above rest after five."""

    phase: str
    trainer: float
    family: float
    memory: float
    first_token: float | None


class Bench:
    """A service whose person comes and goes."""

    def __init__(self, client: Client, idle: Path, seed: int) -> None:
        self._client = client
        self._night = Night(client, idle)
        self._random = random.Random(seed)
        self._lessons = itertools.cycle(enumerate(LESSONS))
        self._service = psutil.Process(client.process.pid)
        self._night.person(HERE)
        self._normal = [self._first_token() for _ in range(9)][1:]
        self._rest = self._megabytes()
        self._night.set(Wishes(on=True, idle_minutes=1, budget_minutes=1440))
        self._taught = 0

    @property
    def normal(self) -> float:
        """Seconds to the first token with nothing else going on."""
        return statistics.median(self._normal)

    def trial(self, *, asks: bool) -> Trial:
        """Let the night work, and come back."""
        self._away()
        time.sleep(self._random.uniform(0.0, 8.0))
        phase = self._phase()
        began = time.monotonic()
        self._night.person(HERE)
        first = self._first_token() if asks else None
        _until(began + 1.0)
        before = self._seconds()
        _until(began + 2.0)
        after = self._seconds()
        used = {pid: after[pid] - before.get(pid, 0.0) for pid in after}
        _until(began + 5.0)
        return Trial(
            phase=phase,
            trainer=sum(used[pid] for pid in used if pid in self._learners()),
            family=sum(used.values()),
            memory=self._megabytes() - self._rest,
            first_token=first,
        )

    def _away(self) -> None:
        """Nobody is there, and something waits."""
        if not self._client.call(protocol.GetStatus)["lessons_new"]:
            _, (prompt, answer, note) = next(self._lessons)
            self._taught += 1
            self._client.call(
                protocol.Correct,
                prompt=prompt,
                answer=answer,
                note=f"{note} (No. {self._taught})",
            )
        self._phase()  # what an earlier session told is no news
        self._night.person(AWAY)
        self._client.until(NIGHT, protocol.Progress)

    def _phase(self) -> str:
        """What the night's session told last."""
        while not self._client.events.empty():
            event = self._client.events.get()
            if event is not None:
                self._client.seen.append(event)
        told = [e for e in self._client.seen if e.id == NIGHT]
        last = told[-1] if told else None
        return last.phase if isinstance(last, protocol.Progress) else "ended"

    def _first_token(self) -> float:
        began = time.monotonic()
        asked = self._client.send(protocol.Ask, text=QUESTION, save=False)
        self._client.until(asked, protocol.Token)
        taken = time.monotonic() - began
        self._client.send(protocol.Stop, target=asked)
        self._client.outcome(asked)
        return taken

    def _family(self) -> list[psutil.Process]:
        return [self._service, *self._service.children(recursive=True)]

    def _learners(self) -> set[int]:
        return {one.pid for one in self._family() if "-m learner" in _command(one)}

    def _seconds(self) -> dict[int, float]:
        """Processor seconds so far of each process of the family."""
        found = {}
        for one in self._family():
            try:
                times = one.cpu_times()
            except psutil.Error:
                continue
            found[one.pid] = times.user + times.system
        return found

    def _megabytes(self) -> float:
        found = 0.0
        for one in self._family():
            try:
                found += one.memory_full_info().uss / 1e6
            except psutil.Error:
                continue
        return found


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


def main() -> None:
    """Make the trials and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        idle = Path(folder) / "idle"
        idle.write_text(HERE)
        program = ("-P", "-m", "tests.app.night_service", str(idle), "--whole")
        with service(Path(folder) / "home", program) as client:
            bench = Bench(client.open(), idle, asked.seed)
            trials = [bench.trial(asks=bool(number % 2)) for number in range(asked.trials)]
            _say(trials, bench.normal)


def _say(trials: list[Trial], normal: float) -> None:
    quiet = [one for one in trials if one.first_token is None]
    firsts = [one.first_token for one in trials if one.first_token is not None]
    phases = ", ".join(
        f"{count} in {phase}" for phase, count in Counter(t.phase for t in trials).items()
    )
    print(f"\n{len(trials)} returns ({phases}); load at the end {os.getloadavg()[0]:.1f}\n")
    print("| measured | figure | bar |\n|---|---|---|")
    calm = sum(one.trainer < 0.02 for one in trials)
    print(f"| trainer below 2 % of a core after 1 s | {calm} of {len(trials)} | all |")
    whole = sum(one.family < 0.02 for one in quiet)
    print(f"| all processes below 2 % after 1 s, nothing asked | {whole} of {len(quiet)} | |")
    worst = max(one.family for one in quiet)
    print(f"| the most of them in that second | {100 * worst:.0f} % of a core | |")
    memory = sorted(one.memory for one in quiet)
    print(
        "| memory above rest after 5 s, median, most |"
        f" {statistics.median(memory):.0f}, {memory[-1]:.0f} MB | |"
    )
    late = sorted(first - normal for first in firsts)
    print(f"| first token at rest, median | {1000 * normal:.0f} ms | |")
    print(
        f"| later than that on return: median, most |"
        f" {1000 * statistics.median(late):.0f}, {1000 * late[-1]:.0f} ms | 300 ms |"
    )


if __name__ == "__main__":
    main()
