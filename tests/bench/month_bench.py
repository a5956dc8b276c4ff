"""Month bench: thirty days of use, with a clock that is set forward, and what they leave behind.

    python -m tests.bench.month_bench [--days 30] [--seed 0]

The real service with the starter model and short sessions. Every day there are chats, documents
that come, change and go, on most days a correction, now and then a lesson forgotten or a version
rolled back; every night it studies by itself and notes what it read. Printed is what each day
leaves in memory and on disk; at the end every lesson must be accounted for, and every report true.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from app import protocol
from app.night_records import Wishes
from tests.app.service_client import Client
from tests.app.test_night_service import program

FIRST = datetime(2026, 11, 1, 9, 0)
AWAY, HERE = 100_000, 0
TOPICS = ("harbour", "orchard", "library", "workshop", "kitchen", "observatory", "stable")
QUESTIONS = (
    "What should I cook tonight?",
    "Write a short note to the {topic}.",
    "What does the paper on the {topic} say?",
    "Give me a name for a {topic}.",
)
DOCUMENTS = 12
"""Files in the watched folder at once: of the others some go for each that comes."""


@dataclass
class Account:
    """What was done, as it must be found at the end."""

    taught: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)
    questions: int = 0
    wrong: list[str] = field(default_factory=list)

    def expect(self, true: bool, told: str) -> None:
        """Note what is not as it should be."""
        if not true:
            self.wrong.append(told)


class Month:
    """One home, day after day."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._idle = folder / "idle"
        self._papers = folder / "papers"
        self._papers.mkdir()
        self.home = folder / "home"
        self.account = Account()
        self._day = 0
        self._person(HERE, FIRST)
        self.client = Client(self.home, ("-P", *program(self._idle)))
        self.client.open()
        self.client.call(protocol.WatchFolder, path=str(self._papers))
        self.client.call(protocol.SetNight, wishes=Wishes(on=True, budget_minutes=1440))

    def day(self) -> None:
        """A day and its night."""
        self._day += 1
        now = FIRST + timedelta(days=self._day)
        self._person(HERE, now)
        self._chats()
        self._papers_change()
        if self._day % 3:
            self._correct()
        if self._day % 9 == 0 and len(self.account.taught) > 2:
            self._forget()
        if self._day % 14 == 0 and self.client.call(protocol.GetStatus)["adapter"]:
            self.client.call(protocol.Rollback)
        self._person(AWAY, now.replace(hour=23))
        self._night()
        self._person(HERE, now.replace(hour=23, minute=50))
        self._examine()

    # ---------------------------------------------------------------------------- the day

    def _chats(self) -> None:
        for question in self._random.sample(QUESTIONS, 2):
            text = question.format(topic=self._random.choice(TOPICS))
            asked = self.client.send(protocol.Ask, text=text)
            self.client.until(asked, protocol.Token)
            time.sleep(0.3)
            self.client.send(protocol.Stop, target=asked)
            self.client.outcome(asked)
            self.account.questions += 1

    def _papers_change(self) -> None:
        topic = self._random.choice(TOPICS)
        number = self._random.randrange(1000)
        (self._papers / f"{topic}-{self._day}.txt").write_text(
            f"On the {topic}, day {self._day}. The key number {number} hangs at door {self._day}."
        )
        there = sorted(self._papers.iterdir())
        if len(there) > DOCUMENTS:
            self._random.choice(there).unlink()
        changed = self._random.choice(sorted(self._papers.iterdir()))
        changed.write_text(f"{changed.read_text()} Seen again on day {self._day}.")

    def _correct(self) -> None:
        name = f"Quill{self._day}"
        made = self.client.call(
            protocol.Correct,
            prompt=f"What is {name}?",
            answer=f"{name} is our tool number {self._day}.",
            note=f"{name} is our tool number {self._day}.",
        )
        self.account.taught.add(made["id"])

    def _forget(self) -> None:
        gone = self._random.choice(sorted(self.account.taught - self.account.forgotten))
        self.client.call(protocol.Forget, lesson_id=gone)
        self.account.forgotten.add(gone)

    # ---------------------------------------------------------------------------- the night

    def _night(self) -> None:
        """Until nothing is left to do, and once everything was looked at."""
        deadline = time.monotonic() + 600
        quiet = 0
        while quiet < 5:
            assert time.monotonic() < deadline, "the night did not end"
            told = self.client.call(protocol.GetNight)
            resting = told["doing"] is None and told["reason"].startswith(("Nothing", "It "))
            quiet = quiet + 1 if resting and self._read() else 0
            time.sleep(0.2)

    def _read(self) -> bool:
        documents = self.client.call(protocol.ListDocuments)
        return all(one["state"] not in ("waiting", "reading") for one in documents)

    def _examine(self) -> None:
        """Whether what is told is true."""
        lessons = {one["id"]: one for one in self.client.call(protocol.ListLessons)}
        account = self.account
        account.expect(
            set(lessons) == account.taught - account.forgotten, f"day {self._day}: lessons"
        )
        status = self.client.call(protocol.GetStatus)
        adapters = self.client.call(protocol.ListAdapters)
        active = [one for one in adapters if one["active"]]
        account.expect(
            [one["version"] for one in active]
            == ([status["adapter"]] if status["adapter"] else []),
            f"day {self._day}: the version in use",
        )
        held = {id_ for one in active for id_ in one["lesson_ids"]}
        learned = {id_ for id_, one in lessons.items() if one["state"] == "learned"}
        account.expect(learned <= held, f"day {self._day}: learned, but in no version")
        for one in adapters:
            stale = account.forgotten & set(one["lesson_ids"])
            account.expect(not stale, f"day {self._day}: version {one['version']} holds {stale}")
        if report := self.client.call(protocol.LastReport):
            self._compare(report, lessons, status["adapter"], held)

    def _compare(
        self, report: dict[str, Any], lessons: dict[str, Any], active: int, held: set[str]
    ) -> None:
        """Whether the newest report says what is so, as long as its version is the one in use."""
        account, results = self.account, report["lessons"]
        told = {one["lesson_id"] for one in results if one["decision"] == "learned"}
        everything = {one["lesson_id"] for one in results}
        day = f"day {self._day}: the report"
        account.expect(not everything & account.forgotten, f"{day} names a forgotten lesson")
        account.expect(len(told) <= report["learned"], f"{day} counts {report['learned']}")
        if report["activated"] and report["adapter"] == active:
            account.expect(told <= held, f"{day} tells of lessons that are not in its version")
            is_so = {id_ for id_ in everything if lessons[id_]["state"] == "learned"}
            account.expect(told == is_so, f"{day} tells {told}, and learned are {is_so}")

    def _person(self, idle: int, now: datetime) -> None:
        new = self._idle.with_suffix(".new")
        new.write_text(f"{idle} {now.isoformat()}")
        new.replace(self._idle)

    # ---------------------------------------------------------------------------- what it leaves

    def memory(self) -> dict[str, float]:
        """MB that each process has for itself, by what it is."""
        service = psutil.Process(self.client.process.pid)
        found: dict[str, float] = {}
        for one in [service, *service.children(recursive=True)]:
            words = " ".join(one.cmdline())
            name = next(
                (w for w in ("engine", "memory_process", "worker") if w in words), "service"
            )
            found[name] = found.get(name, 0.0) + one.memory_full_info().uss / 1e6
        return found

    def disk(self) -> dict[str, float]:
        """MB in the home, by its parts."""
        found: dict[str, float] = {}
        for path in self.home.rglob("*"):
            if path.is_file():
                part = path.relative_to(self.home).parts[0].split(".")[0]
                found[part] = found.get(part, 0.0) + path.stat().st_size / 1e6
        return found

    def state(self) -> dict[str, Any]:
        """Counts of what is kept on purpose."""
        return {
            "lessons": len(self.client.call(protocol.ListLessons)),
            "versions": len(self.client.call(protocol.ListAdapters)),
            "documents": len(self.client.call(protocol.ListDocuments)),
            "chats": len(self.client.call(protocol.ListConversations)),
        }


def main() -> None:
    """Live through the days and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        month = Month(Path(folder), asked.seed)
        for day in range(1, asked.days + 1):
            began = time.monotonic()
            month.day()
            memory, disk = month.memory(), month.disk()
            parts = [f"{name} {size:.1f}" for name, size in sorted(disk.items())]
            print(
                f"day {day}: {time.monotonic() - began:.0f} s; MB of memory"
                f" {', '.join(f'{name} {size:.0f}' for name, size in memory.items())};"
                f" MB on disk {', '.join(parts)}; {month.state()}",
                flush=True,
            )
        account = month.account
        print(
            f"\n{len(account.taught)} lessons taught, {len(account.forgotten)} forgotten,"
            f" {account.questions} questions; not as it should be: {account.wrong or 'nothing'}"
        )
        assert month.client.close() == 0


if __name__ == "__main__":
    main()
