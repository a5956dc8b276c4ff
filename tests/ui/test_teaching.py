"""Teaching from anywhere: files dropped, copied or handed over by other processes, and Undo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QDragLeaveEvent
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.protocol import DocumentRecord
from tests.ui.conftest import ROOT, Opener
from tests.ui.document_steps import carried, drag, drop
from tests.ui.page_steps import said
from tests.ui.steps import click, kept, open_conversation
from ui.single_instance import LONGEST, SingleInstance, messages, server_name
from ui.teaching import first_words, told_of
from ui.window import MainWindow

LOST = "There is no such file any more."


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    (tmp_path / "files").mkdir()
    made = [tmp_path / "files" / f"note {number}.txt" for number in range(3)]
    for number, file in enumerate(made):
        file.write_text(f"This is note {number}.", encoding="utf-8")
    return made


@pytest.fixture
def first(home: Path) -> Iterator[SingleInstance]:
    made = SingleInstance(home)
    assert made.is_first()
    yield made
    made.close()


def count(window: MainWindow) -> int:
    return len(window._session.documents)


def record(number: int, title: str = "a.txt", **more: str) -> DocumentRecord:
    fields = {"path": "/a", "type": "text", "added": "", "changed": "", "state": "waiting"}
    return DocumentRecord(id=number, title=title, size=1, **(fields | more))  # type: ignore[arg-type]


# ------------------------------------------------------------------ dropping


def test_files_dropped_on_the_chat_are_taught_and_can_be_undone(
    qtbot: QtBot, window: MainWindow, files: list[Path], home: Path
) -> None:
    open_conversation(qtbot, window, 1)
    data = carried(files)
    assert drag(window, data)
    assert window.drop.isVisible()
    assert window.drop.size() == window.size()
    drop(window.drop, data)
    assert window.drop.isHidden()
    qtbot.waitUntil(lambda: "3 documents added" in said(window.banner))
    assert window.pages.current() == "chat"
    assert [request.paths for request in kept(home).taught] == [tuple(map(str, files))]
    qtbot.waitUntil(lambda: count(window) == 11)
    click(window.banner.undo)
    qtbot.waitUntil(lambda: "3 documents forgotten again" in said(window.banner))
    qtbot.waitUntil(lambda: count(window) == 8)
    assert all(file.exists() for file in files)


def test_a_folder_is_taken_in_with_all_its_files(
    qtbot: QtBot, window: MainWindow, files: list[Path]
) -> None:
    drop(window, carried([files[0].parent]))
    qtbot.waitUntil(lambda: count(window) == 11)


def test_the_field_leaves_files_to_the_window(
    qtbot: QtBot, window: MainWindow, files: list[Path]
) -> None:
    field = window.chat.composer.field
    text = QMimeData()
    text.setText("some words")
    assert drag(field.viewport(), text)
    assert window.drop.isHidden(), "words are dropped into the question"
    assert drag(field.viewport(), carried(files))
    assert window.drop.isVisible()
    QApplication.sendEvent(window.drop, QDragLeaveEvent())
    assert window.drop.isHidden()
    field.insertFromMimeData(carried(files[:1]))
    assert field.toPlainText() == ""
    qtbot.waitUntil(lambda: "“note 0.txt” added" in said(window.banner))


def test_what_is_no_file_is_not_taken(window: MainWindow) -> None:
    text = QMimeData()
    text.setText("some words")
    assert not drag(window, text)
    web = QMimeData()
    web.setText("https://example.org/")
    web.setUrls(["https://example.org/"])  # type: ignore[list-item]
    assert not drag(window, web)
    assert window.drop.isHidden()


def test_nothing_is_taken_while_a_sheet_asks_or_the_record_is_locked(
    qtbot: QtBot, window: MainWindow, files: list[Path], open_app: Opener, tmp_path: Path
) -> None:
    window.show_keys()
    assert not drag(window, carried(files))
    assert window.sheet is not None
    window.sheet.close_sheet()
    assert drag(window, carried(files))
    locked = open_app("--key", "passphrase", home=tmp_path / "locked").window
    assert not drag(locked, carried(files))


def test_what_was_there_before_is_not_undone(
    qtbot: QtBot, window: MainWindow, files: list[Path]
) -> None:
    window.teaching.teach([str(files[0])])
    qtbot.waitUntil(lambda: count(window) == 9)
    window.teaching.teach([str(file) for file in files[:2]])
    qtbot.waitUntil(lambda: "“note 1.txt” added" in said(window.banner))
    click(window.banner.undo)
    qtbot.waitUntil(lambda: "1 document forgotten again" in said(window.banner))
    qtbot.waitUntil(lambda: [x.title for x in window._session.documents][:1] == ["note 0.txt"])
    window.teaching.teach([str(files[0])])
    qtbot.waitUntil(lambda: "Nothing new" in said(window.banner))
    assert not window.banner.undo.isVisible()


def test_a_file_that_cannot_be_taken_is_told_with_its_reason(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.teaching.teach([str(tmp_path / "gone.pdf")])
    qtbot.waitUntil(lambda: "“gone.pdf” could not be taken" in said(window.banner))
    assert LOST in said(window.banner)
    assert not window.banner.undo.isVisible()


def test_the_line_says_what_became_of_every_file() -> None:
    failed = record(3, "b.pdf", state="failed", reason="It is locked.")
    told = told_of([record(1), record(2), failed], {1})
    assert told.title == "“a.txt” added"
    assert told.text.startswith("“b.pdf” could not be taken: It is locked.")
    assert told.undo == (2,)
    assert told_of([record(1)], None).undo == (), "without the list nobody knows what was there"
    assert told_of([], {1}).title == "Nothing to read"


def test_a_text_is_named_by_its_first_words() -> None:
    assert first_words("Call me Ishmael. Some years ago") == "Call me Ishmael"
    assert first_words("  a  b\nc d e f g h i j") == "a b c d e f g h"
    assert len(first_words("x" * 500)) == 60


# ------------------------------------------------------------------ before and between


def test_files_given_at_the_start_wait_for_the_passphrase(
    qtbot: QtBot, open_app: Opener, files: list[Path], home: Path
) -> None:
    application = open_app("--key", "passphrase")
    window = application.window
    window.teach([str(files[0])])
    window.gate.field.setText("four quiet owls")
    window.gate.confirm.setText("four quiet owls")
    window.gate.go.click()
    qtbot.waitUntil(lambda: "“note 0.txt” added" in said(window.banner))
    assert len(kept(home).taught) == 1


def test_files_are_sent_again_when_the_service_is_back(
    qtbot: QtBot, window: MainWindow, files: list[Path]
) -> None:
    process = window._session.backend._process
    assert process is not None
    process.kill()
    process.waitForFinished()
    window.teaching.teach([str(files[0])])
    qtbot.waitUntil(lambda: "“note 0.txt” added" in said(window.banner))


def test_other_processes_hand_their_files_over_and_go(
    qtbot: QtBot,
    window: MainWindow,
    first: SingleInstance,
    files: list[Path],
    home: Path,
) -> None:
    first.teach_wanted.connect(window.teach)
    command = [sys.executable, "-P", "-m", "ui", "--home", str(home), "--teach"]
    started = [
        # Named as a file manager may: relative to where the process works.
        subprocess.Popen([*command, file.name], env=dict(os.environ), cwd=file.parent)
        for file in files
    ]
    qtbot.waitUntil(lambda: all(one.poll() == 0 for one in started))
    qtbot.waitUntil(lambda: {x.title for x in window._session.documents} >= {x.name for x in files})
    handed = {path for request in kept(home).taught for path in request.paths}
    assert handed == {str(file) for file in files}


def test_what_comes_within_a_moment_is_one_request_and_one_line(
    qtbot: QtBot, window: MainWindow, first: SingleInstance, files: list[Path], home: Path
) -> None:
    first.teach_wanted.connect(window.teach)
    told: list[object] = []
    window.teaching.told.connect(told.append)
    for file in [*files, files[0]]:
        socket = QLocalSocket()
        socket.connectToServer(server_name(home))
        assert socket.waitForConnected()
        for message in messages([str(file)]):
            socket.write(message)
        socket.waitForBytesWritten()
        qtbot.waitUntil(partial(_answered, socket))
        socket.disconnectFromServer()
    qtbot.waitUntil(lambda: len(told) == 1)
    assert [request.paths for request in kept(home).taught] == [tuple(map(str, files))]
    assert "3 documents added" in said(window.banner)


def _answered(socket: QLocalSocket) -> bool:
    return socket.bytesAvailable() > 0


def test_without_a_window_the_one_that_opens_teaches(
    qtbot: QtBot, files: list[Path], home: Path, tmp_path: Path
) -> None:
    # The program itself, with the fake service in the place of the real one.
    script = (
        "import sys; from pathlib import Path; from ui import application as a\n"
        "a.service_command = lambda home: (sys.executable, '-P', '-m', "
        "'tests.ui.fake_service', '--home', str(home))\n"
        "sys.exit(a.main(sys.argv[1:]))"
    )
    environment = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", "-c", script, "--home", str(home), "--teach"]
    # Started at once, as a file manager does: exactly one of them becomes the window.
    started = [
        subprocess.Popen([*command, str(file)], env=environment, cwd=tmp_path) for file in files
    ]
    try:
        qtbot.waitUntil(lambda: sum(one.poll() == 0 for one in started) == 2)
        qtbot.waitUntil(
            lambda: (home / "fake.json").exists() and len(kept(home).documents) == len(files)
        )
        assert sum(one.poll() is None for one in started) == 1
    finally:
        for one in started:
            one.terminate() if one.poll() is None else None
            one.wait(20)
    assert not (home / ".window.lock").exists()


def test_a_name_that_is_no_unicode_is_told_of_and_breaks_nothing(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.teaching.teach([os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")])
    qtbot.waitUntil(lambda: "“caf?.txt” could not be taken" in said(window.banner))


def test_many_paths_go_in_messages_of_bounded_size() -> None:
    paths = [f"/home/sam/{'long name ' * 20}{number}" for number in range(2000)]
    sent = list(messages(paths))
    assert max(map(len, sent)) <= LONGEST
    assert [path for line in sent for path in json.loads(line)["teach"]] == paths
    assert list(messages([])) == []


@pytest.mark.parametrize(
    "line",
    [
        b'{"teach": "not a list"}\n',
        b'{"teach": [], "run": "rm"}\n',
        b"\xff\xfe\n",
        b"x" * (LONGEST + 10),
    ],
    ids=["type", "unknown", "binary", "endless"],
)
def test_a_message_of_somebody_else_is_not_heard(
    qtbot: QtBot, first: SingleInstance, home: Path, line: bytes
) -> None:
    heard: list[object] = []
    first.teach_wanted.connect(heard.append)
    first.wanted.connect(lambda: heard.append("raise"))
    socket = QLocalSocket()
    socket.connectToServer(server_name(home))
    assert socket.waitForConnected()
    socket.write(line)
    socket.flush()
    state = QLocalSocket.LocalSocketState.UnconnectedState
    qtbot.waitUntil(lambda: socket.state() == state)
    assert heard == []


def test_paths_that_are_not_whole_are_left_out(
    qtbot: QtBot, first: SingleInstance, home: Path
) -> None:
    heard: list[list[str]] = []
    first.teach_wanted.connect(heard.append)
    script = (
        "import sys; from pathlib import Path; from PySide6.QtCore import QCoreApplication\n"
        "from ui.single_instance import SingleInstance; qt = QCoreApplication([])\n"
        "sys.exit(SingleInstance(Path(sys.argv[1])).is_first(['relative.txt', '/whole.txt']))"
    )
    second = subprocess.Popen([sys.executable, "-c", script, str(home)], cwd=ROOT)
    qtbot.waitUntil(lambda: heard == [["/whole.txt"]])
    assert second.wait(20) == 0


def test_a_copied_file_is_taught_from_the_documents_page(
    qtbot: QtBot, window: MainWindow, files: list[Path]
) -> None:
    QApplication.clipboard().setMimeData(carried(files[:1]))
    window.desk.paste()
    qtbot.waitUntil(lambda: "“note 0.txt” added" in said(window.banner))
    QApplication.clipboard().clear()
