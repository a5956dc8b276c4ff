"""Studying by itself in the window: its settings, its line, and a session nobody asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import protocol
from app.protocol import NIGHT, ErrorInfo, Wishes
from tests.ui.conftest import Opener
from tests.ui.page_steps import page, said, unnamed
from tests.ui.steps import click, kept, press
from ui.night_card import NightCard
from ui.settings_page import SettingsPage
from ui.study_page import StudyPage
from ui.window import MainWindow


@pytest.fixture
def card(qtbot: QtBot, window: MainWindow) -> NightCard:
    made = page(qtbot, window, "settings", SettingsPage).night
    qtbot.waitUntil(made.isEnabled)
    return made


def test_it_is_off_until_somebody_turns_it_on(qtbot: QtBot, card: NightCard, home: Path) -> None:
    assert not card.on.isChecked()
    assert not card.idle.isVisible()
    click(card.on)
    qtbot.waitUntil(lambda: "You used the computer 2 minutes ago" in said(card))
    assert kept(home).wishes == Wishes(on=True)
    assert card.idle.isVisible()
    assert unnamed(card) == []
    click(card.on)
    qtbot.waitUntil(lambda: not kept(home).wishes.on)
    assert not card.idle.isVisible()


def test_every_wish_is_kept(qtbot: QtBot, card: NightCard, home: Path) -> None:
    click(card.on)
    click(card.at_hours)
    click(card.on_battery)
    card.idle.setFocus()
    card.idle.setValue(25)
    press(card.idle, Qt.Key.Key_Return)
    wanted = Wishes(on=True, idle_minutes=25, battery=60, hours=("22:00", "07:00"))
    qtbot.waitUntil(lambda: kept(home).wishes == wanted)
    qtbot.waitUntil(lambda: card.wishes() == wanted)


def test_what_is_refused_is_told_and_taken_back(qtbot: QtBot, card: NightCard, home: Path) -> None:
    click(card.on)
    click(card.at_hours)
    qtbot.waitUntil(lambda: kept(home).wishes.hours is not None)
    card.last.setTime(card.first.time())
    press(card.last, Qt.Key.Key_Return)
    qtbot.waitUntil(card.trouble.isVisible)
    assert "begin and end at the same time" in said(card.trouble)
    assert kept(home).wishes.hours == ("22:00", "07:00")


def test_the_study_page_says_how_it_stands(qtbot: QtBot, window: MainWindow) -> None:
    study = page(qtbot, window, "study", StudyPage)
    qtbot.waitUntil(study.night.isVisible)
    assert "Studies by itself: off." in said(study.night)
    click(study.night.settings)
    assert window.pages.current() == "settings"
    settings = window.pages.page("settings")
    assert isinstance(settings, SettingsPage)
    click(settings.night.on)
    window.show_page("study")
    qtbot.waitUntil(lambda: "waiting. You used the computer 2 minutes ago." in said(study.night))


def test_a_session_that_the_service_began_is_shown_and_its_interruption_is_calm(
    qtbot: QtBot, open_app: Opener
) -> None:
    window = open_app("--seed").window
    study = page(qtbot, window, "study", StudyPage)
    backend = study.session.backend
    told = protocol.Progress(
        id=NIGHT, phase="train", step=3, steps=12, seconds_left=90.0, detail="By night"
    )
    backend._handle(protocol.encode(told))
    assert "Step 3 of 12" in said(study.progress)
    assert study.progress.isVisible()
    stopped = ErrorInfo(code="stopped", title="Stopped", message="It was.", next_step="Wait.")
    backend._handle(protocol.encode(protocol.Failed(id=NIGHT, error=stopped)))
    assert not study.progress.isVisible()
    assert not study.ended.isVisible()
    assert study.start.go.isEnabled()
    assert backend.pending == 0


def test_it_is_paused_and_goes_on(qtbot: QtBot, window: MainWindow, home: Path) -> None:
    card = page(qtbot, window, "settings", SettingsPage).night
    qtbot.waitUntil(card.isEnabled)
    assert not card.pause.isVisible()
    click(card.on)
    qtbot.waitUntil(card.pause.isVisible)
    click(card.pause)
    qtbot.waitUntil(lambda: "Now: Paused until tomorrow." in said(card))
    assert card.pause.text() == "Go on now"
    click(card.on_battery)
    qtbot.waitUntil(lambda: kept(home).wishes.battery is not None)
    assert kept(home).wishes.paused_until is not None, "another change does not end the pause"
    study = page(qtbot, window, "study", StudyPage)
    assert "Studies by itself: paused until tomorrow." in said(study.night)
    click(study.night.go_on)
    qtbot.waitUntil(lambda: "waiting." in said(study.night))
    assert not study.night.go_on.isVisible()
    assert card.pause.text() == "Pause until tomorrow"
