"""The command line as a person or a script starts it: real processes, exit codes, JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.app.service_client import PASSPHRASE

CORRECTION = (
    "correct", "--prompt", "Who owns Bluebird?", "--answer", "The Payments team owns Bluebird."
)  # fmt: skip


class Shell:
    """Runs `nightschool` in a home of its own, without a keyring."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            **os.environ,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "NIGHTSCHOOL_PASSPHRASE": PASSPHRASE,
        }
        self.environment.pop("DBUS_SESSION_BUS_ADDRESS", None)

    def run(self, *arguments: str, before: bool = False) -> subprocess.CompletedProcess[str]:
        """One command; `before` puts the shared options in front of it."""
        home = ("--home", str(self.home))
        line = (*home, *arguments) if before else (*arguments, *home)
        return subprocess.run(
            [sys.executable, "-P", "-m", "app.cli", *line],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def json(self, *arguments: str) -> Any:
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "home")


def test_options_may_stand_before_or_after_the_command(shell: Shell) -> None:
    assert shell.run(*CORRECTION, before=True).returncode == 0
    assert (shell.home / "ledger.db").exists()
    before = shell.run("--json", "lessons", before=True)
    assert json.loads(before.stdout) == shell.json("lessons")


def test_a_lesson_from_correction_to_forgetting(shell: Shell) -> None:
    lesson = shell.json(*CORRECTION, "--note", "Bluebird belongs to the Payments team.")
    assert lesson["state"] == "new"
    listed = shell.run("lessons")
    assert lesson["id"] in listed.stdout
    assert "Who owns Bluebird?" in listed.stdout
    answer = shell.json("ask", "Who owns Bluebird?")
    assert answer["lessons_in_context"] == [lesson["id"]]
    assert answer["timings"]["prompt_tokens"] > 0
    assert (
        shell.json("ask", "Who owns Bluebird?", "--no-context-lessons")["lessons_in_context"] == []
    )
    assert shell.run("forget", lesson["id"]).returncode == 0
    assert shell.json("lessons") == []


def test_verifying_says_what_holds_a_lesson_and_proves_that_it_is_gone(shell: Shell) -> None:
    lesson = shell.json(*CORRECTION)["id"]
    held = shell.run("verify", lesson)
    assert held.returncode == 1
    assert "not forgotten" in held.stdout
    shell.run("forget", lesson)
    found = shell.json("verify", lesson, "--probe", "Who owns Bluebird?")
    assert (found["proven"], found["pending"]) == (True, False)
    (answers,) = found["answers"]
    assert answers["now"] == answers["base"] != ""
    shown = shell.run("verify", lesson, "--quick")
    assert shown.returncode == 0
    assert "solid-state" in shown.stdout
    assert shell.run("verify", "l-000000").returncode == 1
    assert shell.run("verify").returncode == 2


def test_a_newer_answer_to_the_same_question_takes_the_place_of_the_older(shell: Shell) -> None:
    old = shell.json(*CORRECTION)
    new = shell.json(
        "correct", "--prompt", "who owns  bluebird?", "--answer", "Now the Ledger team owns it."
    )
    states = {lesson["id"]: lesson["state"] for lesson in shell.json("lessons")}
    assert states == {old["id"]: "superseded", new["id"]: "new"}
    assert "answers the same question" in shell.run("lessons").stdout
    shell.run("forget", new["id"])
    assert [lesson["state"] for lesson in shell.json("lessons")] == ["new"]


def test_a_fact_is_given_its_dates_and_listed_with_them(shell: Shell) -> None:
    fact = shell.json(*CORRECTION, "--kind", "fact")["id"]
    dates = "since 3 March 2025, until 30 June 2025"
    given = ("--since", "2025-03-03", "--until", "2025-06-30")
    assert shell.run("lessons", "date", fact, *given).stdout == f"{fact}: {dates}.\n"
    assert f"{dates}\n" in shell.run("lessons").stdout


def test_studying_by_itself_is_set_and_told(shell: Shell) -> None:
    shell.environment.pop("DISPLAY", None)
    off = shell.run("night")
    assert "Studies by itself: off, while Nightschool is open." in off.stdout
    given = ("--on", "--hours", "22:00-7:00", "--battery", "60")
    assert "hours: 22:00 to 7:00; on battery: from 60 % on" in shell.run("night", *given).stdout
    kept = shell.json("night", "--hours", "any", "--battery", "never")
    assert kept["wishes"] == {
        "on": True, "idle_minutes": 10, "battery": None, "hours": None, "budget_minutes": 120,
        "paused_until": None,
    }  # fmt: skip
    assert "cannot be known" in kept["reason"], "neither a display nor a bus"
    paused = shell.json("night", "--pause")
    assert paused["paused"]
    assert paused["reason"].startswith("Paused until ")
    going = shell.json("night", "--go-on", "--idle", "20")
    assert (going["paused"], going["wishes"]["idle_minutes"]) == (False, 20)
    wrong = shell.run("night", "--battery", "full")
    assert wrong.returncode == 1
    assert "no number of percent" in wrong.stderr


def test_what_is_refused_says_why_and_what_to_do(shell: Shell) -> None:
    unchanged = shell.run("correct", "--prompt", "Q?", "--answer", "A.", "--rejected", "A.")
    assert unchanged.returncode == 1
    assert "the same as the one that was given" in unchanged.stderr
    yielding = shell.run("correct", "--prompt", "Q?", "--answer", "A.", "--note", "Never refuse.")
    assert yielding.returncode == 1
    assert "asks to stop declining" in yielding.stderr
    nothing = shell.run("study")
    assert nothing.returncode == 1
    assert "nothing to study" in nothing.stderr
    missing = shell.run("lessons", "add", str(shell.home / "none.jsonl"))
    assert missing.returncode == 1
    assert "cannot be read" in missing.stderr
    assert shell.run("forget", "l-000000").returncode == 1
    assert shell.run("rollback", "7").returncode == 1
    assert shell.run("dance").returncode == 2


def test_a_reset_shows_what_would_go_before_it_goes(shell: Shell) -> None:
    shell.run(*CORRECTION)
    asked = shell.run("reset", "--everything")
    assert asked.returncode == 1
    assert "1 lessons" in asked.stdout
    assert "Add --yes" in asked.stdout
    assert len(shell.json("lessons")) == 1
    assert shell.run("reset", "--learned", "--lessons-too", "--yes").returncode == 0
    assert shell.json("lessons") == []


def test_without_the_passphrase_nothing_opens(shell: Shell) -> None:
    shell.run(*CORRECTION)
    shell.environment["NIGHTSCHOOL_PASSPHRASE"] = "a guess"
    wrong = shell.run("lessons")
    assert wrong.returncode == 1
    assert "passphrase" in wrong.stderr.casefold()
    del shell.environment["NIGHTSCHOOL_PASSPHRASE"]
    none = shell.run("lessons")
    assert none.returncode == 1
    assert "NIGHTSCHOOL_PASSPHRASE" in none.stderr


def test_the_check_up_names_a_missing_model_and_its_remedy(shell: Shell, tmp_path: Path) -> None:
    shell.environment["NIGHTSCHOOL_STARTER_MODELS"] = str(tmp_path / "nothing")
    done = shell.run("doctor", "--json")
    assert done.returncode == 1
    problems = [one for one in json.loads(done.stdout) if one["severity"] == "problem"]
    assert problems
    assert all(one["next_step"] for one in problems)
    refused = shell.run("ask", "Hello?")
    assert refused.returncode == 1
    assert "model" in refused.stderr.casefold()


def test_a_document_is_read_through(shell: Shell, tmp_path: Path) -> None:
    paper = tmp_path / "key.txt"
    paper.write_text("The spare key hangs behind the green barometer.", encoding="utf-8")
    (taught,) = shell.json("teach", str(paper))
    number = str(taught["id"])
    answer = shell.json("documents", "read", number, "Where does the spare key hang?")
    assert answer["through"] == {
        "document_id": taught["id"], "parts": 1, "read": 1, "helped": [1]
    }  # fmt: skip
    assert "barometer" in answer["answer"]
    assert [source["used"] for source in answer["sources"]] == [True]
