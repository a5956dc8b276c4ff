"""The night over the real service: it begins when nobody is there, stops, goes on, and tells."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from app import protocol
from app.protocol import NIGHT, NightReport, Wishes
from tests.app.service_client import WAIT, Client, service
from tests.app.test_service_study import LESSON, trained_steps

WISHES = Wishes(on=True, budget_minutes=1440)
AWAY, HERE = "100000", "0"


class Night:
    """A service whose person comes and goes."""

    def __init__(self, client: Client, idle: Path) -> None:
        self.client = client
        self._idle = idle

    def person(self, idle: str) -> None:
        """Idle seconds from now on; the file changes as a whole."""
        new = self._idle.with_suffix(".new")
        new.write_text(idle)
        new.replace(self._idle)

    def set(self, wishes: Wishes) -> NightReport:
        event = self.client.outcome(self.client.send(protocol.SetNight, wishes=wishes))
        assert isinstance(event, protocol.Done), event
        return protocol.result_as(event, NightReport)

    def report(self) -> NightReport:
        event = self.client.outcome(self.client.send(protocol.GetNight))
        assert isinstance(event, protocol.Done), event
        return protocol.result_as(event, NightReport)

    def becomes(self, true: Callable[[NightReport], bool]) -> NightReport:
        """The first report of which this is true."""
        deadline = time.monotonic() + WAIT
        while not true(report := self.report()):
            assert time.monotonic() < deadline, report
            time.sleep(0.05)
        return report

    def trains(self) -> psutil.Process:
        """The trainer, once the night's session practises."""
        progress = self.client.until(NIGHT, protocol.Progress, protocol.Failed)
        while progress.phase != "train" or progress.step < 3:
            progress = self.client.until(NIGHT, protocol.Progress, protocol.Failed)
        children = psutil.Process(self.client.process.pid).children()
        (trainer,) = [child for child in children if "learner" in child.cmdline()]
        return trainer

    def stopped(self) -> bool:
        """Whether that is how the session ends."""
        event = self.client.outcome(NIGHT)
        return isinstance(event, protocol.Failed) and event.error.code == "stopped"


@pytest.fixture
def idle(tmp_path: Path) -> Path:
    return tmp_path / "idle"


def program(idle: Path) -> tuple[str, ...]:
    return ("-m", "tests.app.night_service", str(idle))


def test_it_says_why_it_waits(tmp_path: Path, idle: Path) -> None:
    with service(tmp_path / "home", program(idle)) as client:
        assert client.refused(protocol.GetNight).code == "locked"
        night = Night(client.open(), idle)
        off = night.report()
        assert (off.wishes, off.doing, off.reason) == (Wishes(), None, "Turned off.")
        night.person(AWAY)
        assert night.set(WISHES).reason == "Nothing new was taught."
        fields = {"prompt": "Who is my dentist?", "answer": "Dr. Osei.", "kind": "fact"}
        client.call(protocol.Correct, **fields)
        assert night.set(WISHES).reason == "Nothing new was taught.", "facts stay in memory"
        client.call(protocol.Correct, **LESSON)
        assert night.set(WISHES).reason == "You used the computer just now."
        idle.unlink()
        assert "cannot be known" in night.set(WISHES).reason
        wrong = Wishes(on=True, hours=("22:00", "later"))
        assert "two times of day" in client.refused(protocol.SetNight, wishes=wrong).message
        assert night.set(Wishes()).reason == "Turned off."
    with service(tmp_path / "home", program(idle)) as client:
        assert Night(client.open(), idle).report().wishes == Wishes(), "kept in the ledger"


def test_it_studies_while_nobody_is_there_stops_for_the_person_and_goes_on(
    tmp_path: Path, idle: Path
) -> None:
    with service(tmp_path / "home", program(idle)) as client:
        night = Night(client.open(), idle)
        client.call(protocol.Correct, **LESSON)
        night.set(WISHES)

        night.person(AWAY)
        trainer = night.trains()
        assert night.report().doing == "study"
        night.person(HERE)
        assert night.stopped()
        trainer.wait(timeout=5)
        told = night.becomes(lambda report: report.doing is None)
        assert told.reason == "You used the computer just now."
        assert told.minutes_tonight > 0
        assert client.call(protocol.GetStatus)["lessons_new"] == 1

        night.person(AWAY)
        client.until(NIGHT, protocol.Progress)
        client.send(protocol.PauseNight, until_tomorrow=True)
        assert night.stopped(), "a pause ends what is under way"
        night.becomes(lambda report: report.paused and report.doing is None)
        client.call(protocol.PauseNight, until_tomorrow=False)
        client.until(NIGHT, protocol.Progress)
        answer = client.send(protocol.Ask, text="Hello?", save=False)
        assert night.stopped(), "a request is input, too"
        assert isinstance(client.outcome(answer), protocol.Done)

        client.seen.clear()
        done = client.outcome(NIGHT)
        assert isinstance(done, protocol.Done), done
        assert min(trained_steps(client)) > 1, "it went on where it was"
        assert client.call(protocol.GetStatus)["adapter"] == 1
        told = night.becomes(lambda report: report.reason == "Nothing new was taught.")
        assert told.last_studied is not None
        assert_told(client)
        assert_versions_answer(client)


def assert_told(client: Client) -> None:
    """The history and the morning tell of the night that was interrupted twice."""
    (report,) = client.call(protocol.ListReports)["reports"]
    assert (report["by_night"], report["learned"], report["lessons"]) == (True, 1, [])
    assert report["usage"]["cpu_seconds"] > 1
    morning = client.call(protocol.GetMorning)
    night = morning["night"]
    assert (night["stretches"], night["finished"], night["trouble"]) == (4, 1, "")
    assert night["usage"]["cpu_seconds"] > report["usage"]["cpu_seconds"], "with what was stopped"
    ((result,),) = (one["lessons"] for one in morning["reports"])
    assert result["newly"]
    assert result["own_before"].strip() and result["own_after"].strip()
    assert not morning["seen"]
    client.call(protocol.SeeMorning, ended=night["ended"])
    assert client.call(protocol.GetMorning)["seen"]


def assert_versions_answer(client: Client) -> None:
    """Any version answers one question, whichever is in use; one that is gone says so."""
    alone = {"text": LESSON["prompt"], "save": False, "no_context_lessons": True}
    client.call(protocol.Rollback, to_version=0)
    base, learned = (client.call(protocol.Ask, version=n, **alone) for n in (0, 1))
    assert [one["provenance"]["adapter"] for one in (base, learned)] == [0, 1]
    assert base["provenance"]["lessons_in_context"] == []
    assert base["text"] != learned["text"]
    assert client.call(protocol.GetStatus)["adapter"] == 0, "nothing was put to use"
    assert client.refused(protocol.Ask, version=1, text="Hello?").code == "bad_request"
    assert client.call(protocol.ListConversations) == []
    (lesson,) = client.call(protocol.ListLessons)
    client.call(protocol.Forget, lesson_id=lesson["id"])
    gone = client.refused(protocol.Ask, version=1, **alone)
    assert (gone.code, gone.title) == ("adapter", "No such version")
