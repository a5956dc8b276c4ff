"""The pages together: each fits the smallest window and scrolls by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.page_steps import KEYS, page
from tests.ui.steps import press
from ui.application import Application
from ui.page import Page
from ui.study_page import StudyPage


@pytest.mark.parametrize("name", KEYS)
def test_nothing_is_cut_off_in_the_smallest_window(
    qtbot: QtBot, application: Application, name: str
) -> None:
    window = application.window
    window.resize(window.minimumSize())
    made = page(qtbot, window, name, Page)
    if isinstance(made, StudyPage):
        made.report.results[0].toggle()
        made.progress.show()
    across = made._scroll.horizontalScrollBar()
    qtbot.waitUntil(lambda: window.size() == window.minimumSize())
    qtbot.waitUntil(lambda: made._scroll.width() < 500)
    assert across.maximum() == 0


def test_page_down_scrolls_whatever_has_the_focus(qtbot: QtBot, application: Application) -> None:
    window = application.window
    window.resize(window.minimumSize())
    study = page(qtbot, window, "study", StudyPage)
    study.start.go.setFocus()
    bar = study._scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    press(study.start.go, Qt.Key.Key_PageDown)
    assert bar.value() > 0
