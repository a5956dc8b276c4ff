"""The tray: what it says and does, and a window that is hidden, comes back, and really ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from app.protocol import NIGHT, NightReport, Progress, Wishes, encode
from tests.ui.conftest import ROOT, Opener
from tests.ui.page_steps import page
from tests.ui.steps import click, kept, press
from ui.application import Application
from ui.backend import State
from ui.habits import Chosen, Habits
from ui.settings_page import SettingsPage
from ui.single_instance import SingleInstance
from ui.tray import Tray, tray_icon


@pytest.fixture
def in_tray(open_app: Opener) -> Application:
    """A window with lessons that wait, where there is a tray."""
    return open_app("--seed", tray=True)


def tray_of(application: Application) -> Tray:
    assert application.tray is not None
    return application.tray


def keep_running(application: Application) -> None:
    application.habits.choose(Chosen(keep_running=True, told=True))


def report(**fields: object) -> NightReport:
    usual = NightReport(wishes=Wishes(on=True), doing=None, reason="On battery at 40 %.")
    return msgspec.structs.replace(usual, **fields)


def test_its_line_says_what_is_done_and_why_not(in_tray: Application) -> None:
    tray, session = tray_of(in_tray), in_tray.session
    assert not tray.status.isEnabled()
    assert tray.status.text() == "Idle"
    assert not tray.pause.isEnabled(), "nothing studies by itself that could be paused"
    session.take_night(report())
    assert tray.status.text() == "Waiting: On battery at 40 %"
    assert tray.icon.toolTip() == "Nightschool: Waiting: On battery at 40 %"
    session.take_night(report(doing="notes"))
    assert tray.status.text() == "Making notes of documents"
    session.take_night(report(paused=True, reason="Paused until tomorrow."))
    assert (tray.status.text(), tray.pause.text()) == ("Paused until tomorrow", "Go on now")
    told = Progress(id=NIGHT, phase="examples", step=3, steps=12, seconds_left=None, detail="")
    session.backend._handle(encode(told))
    assert tray.status.text() == "Studying"
    told = msgspec.structs.replace(told, phase="train", step=5)
    session.backend._handle(encode(told))
    assert tray.status.text() == "Studying, 41 %"


def test_a_locked_record_and_a_service_that_is_gone_are_said(
    qtbot: QtBot, open_app: Opener
) -> None:
    application = open_app("--key", "passphrase", tray=True)
    tray = tray_of(application)
    assert tray.status.text() == "Locked"
    assert not tray.study.isEnabled()
    tray.ask.trigger()
    assert application.window.gate.isVisible(), "it asks for the passphrase first"
    application.backend._set_state(State.DOWN)
    assert tray.status.text() == "Not running"


def test_studying_is_begun_and_stopped(qtbot: QtBot, open_app: Opener, home: Path) -> None:
    application = open_app("--seed", "--freeze-study", "train", tray=True)
    tray = tray_of(application)
    assert tray.study.text() == "Study now"
    tray.study.trigger()
    qtbot.waitUntil(lambda: tray.status.text().startswith("Studying, "))
    assert tray.study.text() == "Stop studying"
    tray.study.trigger()
    qtbot.waitUntil(lambda: tray.study.text() == "Study now")
    qtbot.waitUntil(lambda: kept(home).budgets == [30.0])
    assert application.session.study_error is not None
    assert application.session.study_error.code == "stopped"


def test_the_night_is_paused_and_goes_on(qtbot: QtBot, in_tray: Application, home: Path) -> None:
    tray = tray_of(in_tray)
    settings = page(qtbot, in_tray.window, "settings", SettingsPage)
    click(settings.night.on)
    qtbot.waitUntil(lambda: tray.status.text() == "Waiting: You used the computer 2 minutes ago")
    tray.pause.trigger()
    qtbot.waitUntil(lambda: tray.status.text() == "Paused until tomorrow")
    assert kept(home).wishes.paused_until is not None
    tray.pause.trigger()
    qtbot.waitUntil(lambda: tray.pause.text() == "Pause until tomorrow")
    assert kept(home).wishes.paused_until is None


def test_ask_and_settings_bring_the_window_back(qtbot: QtBot, in_tray: Application) -> None:
    tray, window = tray_of(in_tray), in_tray.window
    keep_running(in_tray)
    window.show_page("lessons")
    window.close()
    tray.ask.trigger()
    assert window.isVisible()
    assert window.pages.current() == "chat"
    assert window.focusWidget() is window.chat.composer.field
    window.close()
    tray.settings.trigger()
    assert window.isVisible()
    assert window.pages.current() == "settings"
    window.close()
    tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    assert window.isVisible()


def test_closing_ends_unless_the_person_chose_otherwise(qtbot: QtBot, in_tray: Application) -> None:
    with qtbot.waitSignal(in_tray.window.closing):
        in_tray.window.close()
    assert in_tray.backend.state is State.OFF


def test_without_a_tray_closing_ends_whatever_was_chosen(
    qtbot: QtBot, application: Application
) -> None:
    keep_running(application)
    assert application.tray is None
    settings = page(qtbot, application.window, "settings", SettingsPage)
    assert not settings.running.keep.isEnabled()
    with qtbot.waitSignal(application.window.closing):
        application.window.close()
    assert application.backend.state is State.OFF


@pytest.mark.parametrize("way", ["tray", "key"])
def test_closed_it_stays_and_quit_really_ends_it(
    qtbot: QtBot, in_tray: Application, way: str
) -> None:
    window = in_tray.window
    settings = page(qtbot, window, "settings", SettingsPage)
    click(settings.running.keep)
    assert Habits(in_tray.home).chosen.keep_running, "it is kept for the next time"
    window.close()
    assert not window.isVisible()
    assert in_tray.backend.pending == 0
    assert in_tray.session.able, "the service goes on"
    window.come_forward()
    assert window.isVisible()
    with qtbot.waitSignal(window.closing):
        if way == "tray":
            window.close()
            tray_of(in_tray).quit.trigger()
        else:
            press(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert in_tray.backend.state is State.OFF
    assert not tray_of(in_tray).icon.isVisible()


def test_logging_out_is_not_held_up(qtbot: QtBot, in_tray: Application) -> None:
    keep_running(in_tray)
    in_tray.window.leave_with_the_session()
    with qtbot.waitSignal(in_tray.window.closing):
        in_tray.window.close()


def test_started_hidden_it_is_in_the_tray_alone(qtbot: QtBot, open_app: Opener) -> None:
    application = open_app("--seed", tray=True, hidden=True)
    assert not application.window.isVisible()
    assert tray_of(application).status.text() == "Idle"
    tray_of(application).ask.trigger()
    assert application.window.isVisible()


def test_started_hidden_without_a_tray_it_is_minimised_until_one_comes(
    qtbot: QtBot, open_app: Opener
) -> None:
    application = open_app("--seed", hidden=True)
    assert application.window.isMinimized()
    application._look_for_tray()
    assert application.tray is None
    application._tray_available = lambda: True
    application._look_for_tray()
    assert not application.window.isVisible()
    assert tray_of(application).status.text() == "Idle"


@pytest.mark.parametrize("spoilt", [b"\xff", b"{", b"[]", b'{"keep_running": 1}'])
def test_spoilt_habits_are_the_usual_ones(home: Path, spoilt: bytes) -> None:
    home.mkdir()
    (home / "window.json").write_bytes(spoilt)
    habits = Habits(home)
    assert habits.chosen == Chosen()
    habits.choose(Chosen(notices=False))
    assert not Habits(home).chosen.notices
    assert (home / "window.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("panel", ["#000000", "#FFFFFF"])
def test_the_icon_can_be_seen_on_any_panel(qtbot: QtBot, panel: str) -> None:
    drawn = tray_icon().pixmap(22, 22).toImage()
    ground = QColor(panel).lightness()
    spots = [drawn.pixelColor(x, y) for x in range(22) for y in range(22)]
    seen = [spot for spot in spots if spot.alpha() > 200 and abs(spot.lightness() - ground) > 60]
    assert len(seen) > 22 * 22 / 5


def test_a_start_at_log_in_beside_an_open_window_disturbs_nobody(
    qtbot: QtBot, application: Application, home: Path
) -> None:
    first, raised = SingleInstance(home), list[bool]()
    assert first.is_first()
    first.wanted.connect(lambda: raised.append(True))
    command = [sys.executable, "-P", "-m", "ui", "--home", str(home), "--hidden"]
    with subprocess.Popen(command, env=dict(os.environ), cwd=ROOT) as second:
        qtbot.waitUntil(lambda: second.poll() is not None)
    assert second.returncode == 0
    assert raised == []
    first.close()


def test_the_real_program_started_hidden_ends_in_good_order(home: Path) -> None:
    command = [sys.executable, "-P", "-m", "ui", "--home", str(home), "--hidden"]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}) as program:
        end = time.monotonic() + 60
        while not (home / "logs" / "service.log").exists():
            assert time.monotonic() < end, "the service did not start"
            time.sleep(0.05)
        program.send_signal(signal.SIGTERM)
        assert program.wait(timeout=60) == 0
