"""The settings page: the file managers with every file written, what is stored where, the model."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener
from tests.ui.fake_settings import ENTRY, SCRIPT
from tests.ui.page_steps import page, page_by_key, said, unnamed
from tests.ui.steps import click, kept
from ui.model_sheet import ModelSheet
from ui.settings_page import SettingsPage
from ui.window import MainWindow


def settings(qtbot: QtBot, window: MainWindow) -> SettingsPage:
    window.resize(1180, 1800)  # a click lands only on what is in sight
    made = page(qtbot, window, "settings", SettingsPage)
    qtbot.waitUntil(lambda: bool(made.menus.rows) and made.stored.isVisible())

    def shown() -> bool:
        """Qt shows a row a moment after it was added."""
        rows = (*made.menus.rows.values(), made.autostart.row)
        return all(row is not None and row.isVisible() for row in rows)

    qtbot.waitUntil(shown)
    qtbot.wait(0)  # what came last has moved the rest
    return made


def test_it_tells_what_is_stored_and_that_vectors_are_not_encrypted(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    assert isinstance(page_by_key(window, "settings"), SettingsPage)
    told = said(settings(qtbot, window).stored)
    assert str(home) in told
    assert "92 MB in all; 64.0 GB are free" in told
    assert "Your record\nEncrypted\n48 MB" in told
    assert "Search index\nNot encrypted\n13 MB\nVectors of the sentences" in told
    assert "give away something of what the sentences say" in told
    assert "0600" in told


def test_file_managers_that_are_there_have_a_row_and_the_others_are_named(
    qtbot: QtBot, window: MainWindow
) -> None:
    made = settings(qtbot, window)
    assert list(made.menus.rows) == ["nautilus", "thunar"]
    assert "Dolphin (KDE), Nemo (Cinnamon)" in made.menus.others.text()
    nautilus, thunar = made.menus.rows.values()
    assert "Not installed" in said(nautilus)
    assert nautilus.install.isVisible()
    assert not nautilus.remove.isVisible()
    assert "was changed since. Move or delete it" in said(thunar)
    assert "Changed since, left alone\n/home/sam/.config/Thunar/uca.xml" in said(thunar)
    assert (thunar.install.text(), thunar.remove.isVisible()) == ("Install again", True)
    assert unnamed(made) == []


def test_installing_lists_the_file_and_removing_says_that_it_went(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    row = settings(qtbot, window).menus.rows["nautilus"]
    click(row.install)
    assert not row.install.isEnabled()
    qtbot.waitUntil(lambda: row.report.installed)
    assert f"Written\n{SCRIPT}" in said(row)
    assert "Right-click, then Scripts." in said(row)
    assert not row.install.isVisible()
    assert [x.installed for x in kept(home).desktops if x.desktop == "nautilus"] == [True]
    click(row.remove)
    qtbot.waitUntil(lambda: not row.report.installed)
    assert f"Removed\n{SCRIPT}" in said(row)
    assert row.install.isVisible()
    assert row.install.isEnabled()


def test_what_cannot_be_done_is_told_in_its_place(qtbot: QtBot, open_app: Opener) -> None:
    made = settings(qtbot, open_app("--fail", "changedesktop").window)
    row = made.menus.rows["nautilus"]
    click(row.install)
    qtbot.waitUntil(made.menus.trouble.isVisible)
    assert "Free some space, then try again." in said(made.menus.trouble)
    assert row.install.isEnabled()


def test_what_cannot_be_read_is_told_and_read_again(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--fail", "getstorage,listdesktops").window
    made = page(qtbot, window, "settings", SettingsPage)
    qtbot.waitUntil(made.trouble.isVisible)
    qtbot.waitUntil(made.menus.trouble.isVisible)
    assert not made.stored.isVisible()
    click(made.trouble.again)
    qtbot.waitUntil(lambda: not made.session.backend.pending)
    assert made.trouble.isVisible()


def test_what_is_set_elsewhere_is_one_click_away(
    qtbot: QtBot, window: MainWindow, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = settings(qtbot, window)
    assert "SmolLM2-135M-Instruct" in said(made)
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    click(made.stored.folder)
    assert opened == [str(home)]
    click(made.choose)
    assert isinstance(window.sheet, ModelSheet)
    window.sheet.close_sheet()
    made.page_wanted.emit("learned")
    assert window.pages.current() == "learned"


def test_starting_at_log_in_is_turned_on_and_off_with_its_file(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    made = settings(qtbot, window)
    row = made.autostart.row
    assert row is not None
    assert "Off" in said(row)
    assert unnamed(made) == []
    click(row.install)
    qtbot.waitUntil(lambda: row.report.installed)
    assert f"As written\n{ENTRY}" in said(row)
    assert kept(home).autostart
    click(row.remove)
    qtbot.waitUntil(lambda: not row.report.installed)
    assert row.install.text() == "Turn on"


def test_a_start_at_log_in_that_is_refused_is_told(qtbot: QtBot, open_app: Opener) -> None:
    made = settings(qtbot, open_app("--fail", "changeautostart").window)
    row = made.autostart.row
    assert row is not None
    click(row.install)
    qtbot.waitUntil(made.autostart.trouble.isVisible)
    assert "Free some space, then try again." in said(made.autostart.trouble)
    assert row.install.isEnabled()
