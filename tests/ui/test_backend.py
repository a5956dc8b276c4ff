"""The service as a child: crashes, hangs, garbage, wrong versions, giving up, and a clean end."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.protocol import GetStatus, Status
from tests.ui.conftest import QUICK, Opener
from tests.ui.steps import answered, ask, click, open_conversation, type_in, writing
from ui.application import Application
from ui.backend import Backend, Limits, State
from ui.outcome import Ending, Outcome

IMPATIENT = Limits(ping_s=0.05, silence_s=0.4, delay_s=0.05)


def back(qtbot: QtBot, application: Application) -> None:
    qtbot.waitUntil(lambda: application.session.able, timeout=15_000)


def child_of(application: Application) -> psutil.Process:
    process = application.backend._process
    assert process is not None
    return psutil.Process(process.processId())


def test_a_crash_while_answering_loses_nothing_and_mends_itself(
    qtbot: QtBot, application: Application
) -> None:
    window = application.window
    open_conversation(qtbot, window, 3)
    ask(window, "Why? /crash")
    writing(qtbot, window)
    type_in(window, "typed meanwhile")
    qtbot.waitUntil(window.banner.isVisible)
    view = answered(qtbot, window)
    assert "stopped unexpectedly" in window.banner.accessibleName()
    assert view.markdown.text(), "what came of the reply stays in sight"
    back(qtbot, application)
    qtbot.waitUntil(lambda: "is back" in window.banner.accessibleName())
    assert window.chat.composer.field.toPlainText() == "typed meanwhile"
    assert [getattr(v, "text", None) for v in window.chat.transcript.views][2] == "Why? /crash"
    assert view._retry.isVisible()
    ask(window, "")
    assert application.backend.state is State.READY


def test_a_question_the_service_never_took_goes_back_to_the_input(
    qtbot: QtBot, application: Application
) -> None:
    window = application.window
    open_conversation(qtbot, window, 3)
    ask(window, "Lost? /crash-first")
    back_again = window.chat.composer.field
    qtbot.waitUntil(lambda: back_again.toPlainText() == "Lost? /crash-first")
    back(qtbot, application)
    qtbot.waitUntil(lambda: len(window.chat.transcript.views) >= 2)
    assert back_again.toPlainText() == "Lost? /crash-first"


def test_a_service_that_hangs_is_replaced(qtbot: QtBot, open_app: Opener) -> None:
    application = open_app("--seed", limits=IMPATIENT)
    before = child_of(application).pid
    with qtbot.waitSignal(application.backend.lost, timeout=10_000) as lost:
        ask(application.window, "Do not answer /hang")
    assert lost.args is not None
    assert lost.args[0].ending is Ending.HUNG
    assert "stopped responding" in application.window.banner.accessibleName()
    back(qtbot, application)
    assert child_of(application).pid != before


def test_a_window_that_did_not_run_itself_does_not_blame_the_service(
    qtbot: QtBot, open_app: Opener
) -> None:
    application = open_app("--seed", limits=IMPATIENT)
    before = child_of(application).pid
    for _ in range(3):
        qtbot.wait(100)
        time.sleep(3 * IMPATIENT.silence_s)  # as if the computer slept
    qtbot.wait(200)
    assert application.backend.state is State.READY
    assert child_of(application).pid == before


def test_a_slow_start_is_not_taken_for_a_hang(qtbot: QtBot, open_app: Opener) -> None:
    application = open_app("--slow-start", "1.2", limits=IMPATIENT, ready=False)
    back(qtbot, application)
    assert not application.window.banner.isVisible()


def test_lines_that_are_no_events_replace_the_service(
    qtbot: QtBot, application: Application
) -> None:
    with qtbot.waitSignal(application.backend.lost, timeout=10_000) as lost:
        ask(application.window, "Speak clearly /garbage")
    assert lost.args is not None
    assert lost.args[0].ending is Ending.GARBAGE
    assert application.backend.garbage_lines == 1
    back(qtbot, application)


@pytest.mark.parametrize("flood", [b"no newline " * 10, b"{}\n" * 3], ids=["endless", "foreign"])
def test_a_program_that_speaks_another_language_is_given_up(
    qtbot: QtBot, qapp: QApplication, flood: bytes
) -> None:
    del qapp
    script = (
        "import sys\n"
        f"block = {flood!r} * 1000\n"
        "while True: sys.stdout.buffer.write(block); sys.stdout.buffer.flush()"
    )
    limits = Limits(delay_s=0.01, restarts=1)
    backend = Backend((sys.executable, "-c", script), limits)
    with qtbot.waitSignal(backend.gave_up, timeout=20_000) as gave_up:
        backend.start()
    assert gave_up.args is not None
    assert gave_up.args[0].ending is Ending.GARBAGE
    backend.shut_down()


def test_another_version_is_refused_with_words_and_not_restarted(
    qtbot: QtBot, open_app: Opener
) -> None:
    application = open_app("--version", "99", ready=False)
    banner = application.window.banner
    qtbot.waitUntil(banner.isVisible, timeout=10_000)
    assert "do not match" in banner.accessibleName()
    assert banner._again.isVisible()
    assert application.backend.state is State.DOWN
    click(banner._again)
    qtbot.waitUntil(banner.isVisible, timeout=10_000)
    assert application.backend.state is State.DOWN


def test_a_service_that_dies_on_every_start_is_given_up_until_asked_again(
    qtbot: QtBot, open_app: Opener
) -> None:
    application = open_app("--die", limits=Limits(delay_s=0.01, restarts=2), ready=False)
    banner = application.window.banner
    starts: list[State] = []
    application.backend.state_changed.connect(starts.append)
    qtbot.waitUntil(lambda: application.backend.state is State.DOWN, timeout=15_000)
    assert starts.count(State.STARTING) in (2, 3), "the first may have begun before we listened"
    assert "(code 7)" in banner.accessibleName()
    assert "Nothing you taught is lost" in banner.accessibleName()
    starts.clear()
    click(banner._again)
    qtbot.waitUntil(lambda: starts[-1:] == [State.DOWN], timeout=15_000)
    assert starts.count(State.STARTING) == 3


def test_a_program_that_is_not_there_is_explained(qtbot: QtBot, qapp: QApplication) -> None:
    del qapp
    backend = Backend(("/nowhere/nightschool",), Limits(delay_s=0.01, restarts=1))
    with qtbot.waitSignal(backend.gave_up, timeout=10_000) as gave_up:
        backend.start()
    assert gave_up.args is not None
    outcome: Outcome = gave_up.args[0]
    assert outcome.ending is Ending.NOT_STARTED
    assert "could not be started" in outcome.title()
    assert "Install Nightschool again" in outcome.after_giving_up()


def test_a_request_without_a_service_fails_instead_of_waiting(
    qtbot: QtBot, qapp: QApplication
) -> None:
    del qapp
    backend = Backend(("/nowhere/nightschool",))
    call = backend.send(GetStatus(id=""), Status)
    with qtbot.waitSignal(call.failed) as failed:
        pass
    assert failed.args is not None
    assert failed.args[0].code == "service_lost"
    assert backend.pending == 0


def test_closing_the_window_ends_the_service(qtbot: QtBot, open_app: Opener) -> None:
    application = open_app("--seed")
    child = child_of(application)
    application.window.close()
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert application.backend.state is State.OFF


def test_closing_does_not_wait_for_ever_for_a_service_that_hangs(
    qtbot: QtBot, open_app: Opener
) -> None:
    application = open_app("--seed", limits=QUICK)
    child = child_of(application)
    child.suspend()
    application.window.closing.disconnect(application._close)
    application.backend.shut_down(wait_ms=200)
    qtbot.waitUntil(lambda: not child.is_running())
    assert not application.window.banner.isVisible(), "an end that was wanted is no accident"


def test_the_installed_qt_keeps_its_references() -> None:
    """PySide6 6.12.0 dropped one to True at every emit: some hundreds, and Python 3.11 aborts."""

    class Sender(QObject):
        told = Signal()

    sender = Sender()
    before = sys.getrefcount(True)
    for _ in range(100):
        sender.told.emit()
    assert sys.getrefcount(True) > before - 50


def test_home_is_made_by_the_service_alone(open_app: Opener, home: Path) -> None:
    open_app("--seed")
    assert (home / "fake.json").exists() or not any(home.glob("*.ini"))
