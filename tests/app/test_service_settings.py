"""Checks and settings over the real service: what is counted, written, removed, and stopped."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from app import protocol
from app.document_proof import pieces
from app.protocol import DesktopReport, Finding, Storage
from tests.app.service_client import Client, service

T = TypeVar("T")
WORDS = "The zanzibarine vault is opened with the quokkaberry phrase on every second Tuesday."


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a person who has Nautilus."""
    made = tmp_path_factory.mktemp("user")
    (made / "bin").mkdir()
    (made / "bin" / "nautilus").write_text("#!/bin/sh\n")
    (made / "bin" / "nautilus").chmod(0o700)
    return made


@pytest.fixture(scope="module")
def opened(user: Path) -> Iterator[Client]:
    """One service for all tests here: none of them disturbs another."""
    places = {
        "HOME": user,
        "PATH": user / "bin",
        "XDG_DATA_HOME": user / "data",
        "XDG_CONFIG_HOME": user / "config",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, path in places.items():
            patch.setenv(name, os.fspath(path))
        for name in ("SUDO_UID", "SUDO_USER", "DOAS_USER", "PKEXEC_UID"):
            patch.delenv(name, raising=False)
        with service(user / "home") as client:
            yield client.open()


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    made = tmp_path / "vault.txt"
    made.write_text(WORDS, encoding="utf-8")
    return made


def result(client: Client, type_: type[T], request: type[protocol.Request], **fields: Any) -> T:
    event = client.outcome(client.send(request, **fields))
    assert isinstance(event, protocol.Done), event
    return protocol.result_as(event, type_)


def test_a_check_tells_what_it_looked_through(opened: Client, paper: Path) -> None:
    (taught,) = opened.call(protocol.Teach, paths=[str(paper)])
    opened.call(protocol.Search, text="vault")
    found = result(opened, list[Finding], protocol.VerifyDocument, path=str(paper))
    assert found[0].title == "Taught"
    stored = result(opened, Storage, protocol.GetStorage)
    parts = {part.title: part for part in stored.parts}
    assert parts["Your record"].encrypted
    assert parts["Your record"].size > 10_000
    opened.call(protocol.ForgetDocument, document_id=taught["id"])
    gone, looked = result(opened, list[Finding], protocol.VerifyDocument, path=str(paper))
    assert (gone.title, gone.severity) == ("Nothing is left", "ok")
    told = [x for x in opened.seen if isinstance(x, protocol.Progress)]
    assert {progress.phase for progress in told} == {"look"}
    assert max(progress.step for progress in told) == 100
    counted = re.match(r"(\d+) files of the home \(([\d.]+) MB\).* ([\d,]+) pages", looked.message)
    assert counted, looked.message
    assert int(counted[1]) >= len(["ledger", "its log", "keys", "lock", "log"])
    assert int(counted[3].replace(",", "")) >= parts["Your record"].size // 4096 // 2


def test_a_file_without_a_word_proves_nothing(opened: Client, paper: Path) -> None:
    paper.write_text(" \n ", encoding="utf-8")
    assert opened.refused(protocol.VerifyDocument, path=str(paper)).title == "The file is empty"
    assert pieces(paper.read_text()) == [], "nothing is looked for that everything holds"


def test_a_check_is_stopped(opened: Client, user: Path, paper: Path) -> None:
    large = user / "home" / "models" / "large.gguf"
    with large.open("wb") as file:
        file.truncate(2 * 1024**3)  # holes: it takes no room, and long to look through
    check = opened.send(protocol.VerifyDocument, path=str(paper))
    opened.until(check, protocol.Progress)
    opened.send(protocol.Stop, target=check)
    event = opened.outcome(check)
    large.unlink()
    assert isinstance(event, protocol.Failed)
    assert event.error.code == "stopped"


def test_forgotten_lessons_are_listed_by_number(opened: Client) -> None:
    lesson = opened.call(protocol.Correct, prompt="Who leads?", answer="Ada leads.")
    assert opened.call(protocol.ListForgotten) == []
    opened.call(protocol.Forget, lesson_id=lesson["id"])
    (gone,) = opened.call(protocol.ListForgotten)
    assert (gone["id"], gone["pending"]) == (lesson["id"], False)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="Nautilus is on Linux")
def test_the_entry_of_a_file_manager_is_written_and_removed(opened: Client, user: Path) -> None:
    def change(desktop: str, *, install: bool) -> DesktopReport:
        fields = {"desktop": desktop, "install": install}
        return result(opened, DesktopReport, protocol.ChangeDesktop, **fields)

    script = user / "data" / "nautilus" / "scripts" / "Teach this to Nightschool"
    before = result(opened, list[DesktopReport], protocol.ListDesktops)
    assert [one.desktop for one in before] == ["nautilus", "dolphin", "nemo", "thunar"]
    assert [one.present for one in before] == [True, False, False, False]
    done = change("nautilus", install=True)
    assert (done.installed, [piece.name for piece in done.pieces]) == (True, [str(script)])
    assert str(user / "home") in script.read_text(), "it starts this home's window"
    assert change("thunar", install=False).pieces == (), "nothing was written for it"
    assert script.exists()
    gone = change("nautilus", install=False)
    assert [piece.state for piece in gone.pieces] == ["removed"]
    assert not script.exists()
    refused = opened.refused(protocol.ChangeDesktop, desktop="windowmaker", install=True)
    assert refused.title == "No such file manager"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="its entry is a file on Linux")
def test_the_start_at_log_in_is_turned_on_and_off(opened: Client, user: Path) -> None:
    entry = user / "config" / "autostart" / "nightschool.desktop"
    assert not result(opened, DesktopReport, protocol.GetAutostart).installed
    done = result(opened, DesktopReport, protocol.ChangeAutostart, on=True)
    assert (done.installed, [piece.name for piece in done.pieces]) == (True, [str(entry)])
    assert str(user / "home") in entry.read_text()
    gone = result(opened, DesktopReport, protocol.ChangeAutostart, on=False)
    assert [piece.state for piece in gone.pieces] == ["removed"]
    assert not entry.exists()
