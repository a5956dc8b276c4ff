"""Verifying on a real model: forgetting equals never having been taught, and that is proven."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from learner.lesson import Kind, Lesson
from tests.app.service_client import PASSPHRASE

A, B, C = (
    Lesson(id=name, kind=Kind.TERM, prompt=f"What is {name}?", corrected=f"{name} is our {what}.")
    for name, what in (
        ("Quillfern", "booking tool"),
        ("Oxbow", "payroll system"),
        ("Larkspur", "print server"),
    )
)


SMALL_SCHOOL = (sys.executable, "-m", "tests.app.small_school")


class Shell:
    """Runs `nightschool` with short sessions in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "NIGHTSCHOOL_PASSPHRASE": PASSPHRASE}
        return subprocess.run(
            [*SMALL_SCHOOL, "cli", *arguments, "--json", "--home", str(self.home)],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def json(self, *arguments: str, code: int = 0) -> Any:
        done = self.run(*arguments)
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout)

    def teach(self, *lessons: Lesson) -> list[str]:
        file = self.home.with_suffix(".jsonl")
        file.write_bytes(b"\n".join(map(msgspec.json.encode, lessons)))
        return [record["id"] for record in self.json("lessons", "add", str(file))]


@pytest.mark.slow
def test_a_forgotten_lesson_is_proven_so_and_equals_one_never_taught(tmp_path: Path) -> None:
    one, other = Shell(tmp_path / "one"), Shell(tmp_path / "other")
    _, b, _ = one.teach(A, B, C)
    taught = one.json("study")
    assert taught["activated"], taught
    held = one.json("verify", b, code=1)
    assert (held["forgotten"], held["proven"]) == (False, False)
    assert any("Version 1" in finding["title"] for finding in held["findings"])

    one.json("forget", b)
    pending = one.json("verify", b, "--quick", code=1)
    assert (pending["forgotten"], pending["pending"]) == (True, True)
    forgotten = one.json("study")
    assert forgotten["sha256"] != taught["sha256"]

    assert one.json("backup", "make")["backup"]
    done = one.run("verify", b, "--probe", B.prompt)
    found = json.loads(done.stdout)
    assert done.returncode == 0, found
    assert (found["proven"], found["pending"]) == (True, False)
    assert [finding for finding in found["findings"] if finding["severity"] == "problem"] == []
    assert any(forgotten["sha256"] in finding["message"] for finding in found["findings"])
    assert any(finding["title"] == "Copy" for finding in found["findings"])
    assert "Teaching it again" in done.stderr, "it says what takes so long"
    (answers,) = found["answers"]
    assert answers["version"] == 2
    assert answers["base"]

    other.teach(A, C)
    assert other.json("study")["sha256"] == forgotten["sha256"]
