"""The history page: charts and their table of none, one and many sessions, and asking both."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QTableWidget
from pytestqt.qtbot import QtBot

from app.protocol import Night, StudyHistory
from tests.ui.conftest import Opener
from tests.ui.fake_texts import _session as session
from tests.ui.page_steps import page, said, unnamed
from tests.ui.steps import click, kept, press
from ui.chart import Plot, nice
from ui.history_page import HistoryPage
from ui.history_series import DAYS, EXAMS, Figure, figures
from ui.study_page import StudyPage
from ui.theme import Theme

TODAY = date(2026, 11, 25)


def history_page(qtbot: QtBot, open_app: Opener, *flags: str) -> HistoryPage:
    """Opened as a person does: from the study page."""
    window = open_app("--seed", *flags).window
    click(page(qtbot, window, "study", StudyPage).history)
    assert window.pages.current() == "history"
    assert window.sidebar._buttons["study"].isChecked()
    made = window.pages.page("history")
    assert isinstance(made, HistoryPage)
    qtbot.waitUntil(lambda: made.session.knows("history"))
    return made


@pytest.fixture
def history(qtbot: QtBot, open_app: Opener) -> HistoryPage:
    return history_page(qtbot, open_app, "--sessions", "12")


def test_the_charts_say_in_words_what_they_draw(history: HistoryPage) -> None:
    told = {chart.accessibleName(): chart.accessibleDescription() for chart in history.charts}
    assert told["Lessons held"] == "After 12 sessions: 10 learned, 1 in context."
    assert told["Change of unrelated answers"].startswith("The last: 0.107, of 0.12 allowed.")
    assert "100 % earlier held" in told["Exam by version"]
    assert "240 of them by itself" in told["Minutes a day"]
    assert unnamed(history) == []


def test_the_table_has_every_session(qtbot: QtBot, history: HistoryPage) -> None:
    press(history.as_table, Qt.Key.Key_Space)
    assert history.table.isVisible()
    assert not history.charts[0].isVisible()
    assert history.table.rowCount() == 12
    newest = texts(history.table, 0)
    assert newest[1:5] == ["not used", "10", "1", "7 min"]
    assert newest[5:9] == ["0.107", "12 of 12", "9 of 9", "20 of 20"]
    assert newest[9] == "7 min of processor time"
    assert "not used" in newest[10]
    press(history.as_table, Qt.Key.Key_Space)
    qtbot.waitUntil(history.charts[0].isVisible)


def test_without_any_session_it_says_how_to_begin(qtbot: QtBot, open_app: Opener) -> None:
    history = history_page(qtbot, open_app)
    qtbot.waitUntil(history.empty.isVisible)
    assert "No session yet" in said(history.empty)
    assert history.charts == []
    assert not history.as_table.isVisible()
    assert history.both.isVisible(), "there are versions, whose reports are gone"


def test_a_new_session_is_added(qtbot: QtBot, open_app: Opener) -> None:
    history = history_page(qtbot, open_app)
    history.session.start_study(10)
    qtbot.waitUntil(lambda: history.table.rowCount() == 1)
    assert texts(history.table, 0)[1] == "v3"
    qtbot.waitUntil(lambda: bool(history.charts) and history.charts[0].isVisible())


def test_it_says_why_it_could_not_be_read(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--seed", "--fail", "listreports").window
    window.show_page("history")
    made = window.pages.page("history")
    assert isinstance(made, HistoryPage)
    qtbot.waitUntil(made.trouble.isVisible)
    assert not made.empty.isVisible()


def texts(table: QTableWidget, row: int) -> list[str]:
    """A row's cells."""
    items = [table.item(row, column) for column in range(table.columnCount())]
    return [item.text() if item is not None else "" for item in items]


# ---------------------------------------------------------------------------- ask both


def test_two_versions_answer_side_by_side(qtbot: QtBot, history: HistoryPage, home: Path) -> None:
    both = history.both
    assert (both.left.version, both.right.version) == (0, 2)
    assert not both.go.isEnabled()
    both.field.setText("Write an email to my landlord.")
    press(both.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(both.answers) and not both.asking)
    left, right = both.answers
    assert "I hope this email finds you well" in left.text()
    assert "Hi Ms. Alvarez" in right.text()
    asked = kept(home).asked
    assert sorted(ask.version or 0 for ask in asked) == [0, 2]
    assert all(not a.save and a.no_context_lessons and a.documents == "none" for a in asked)
    assert {c.id for c in kept(home).conversations} == set(range(1, 8)), "nothing is saved"


def test_a_version_that_cannot_answer_says_why(qtbot: QtBot, history: HistoryPage) -> None:
    both = history.both
    next(a for a in both.left.menu().actions() if a.data() == 1).trigger()
    both.field.setText("Hello?")
    click(both.go)
    qtbot.waitUntil(lambda: bool(both.answers) and not both.asking)
    assert "Version 1 was made for Qwen2.5-0.5B" in both.answers[0].trouble()
    assert both.answers[1].text()
    assert both.go.isEnabled()


def test_both_answers_are_stopped_at_once(qtbot: QtBot, history: HistoryPage) -> None:
    both = history.both
    both.field.setText("Why? /slow")
    click(both.go)
    qtbot.waitUntil(lambda: all(answer.text() for answer in both.answers))
    assert both.go.text() == "Stop"
    click(both.go)
    qtbot.waitUntil(lambda: not both.asking)
    assert both.go.text() == "Ask both"


# ---------------------------------------------------------------------------- the numbers alone


def many(number: int) -> StudyHistory:
    started = "2026-11-24T12:00:00+00:00"
    return StudyHistory(tuple(session(number - at, started) for at in range(number)))


def test_what_was_held_back_changes_nothing_that_is_held() -> None:
    assert many(7).held()[::-1] == [2, 3, 4, 5, 5, 5, 7]
    exam = figures(many(7), TODAY)[1]
    assert exam.places[5:] == ("not used", "v7")
    assert exam.hollow == {5}


@pytest.mark.parametrize("number", [0, 1, 200])
def test_none_one_and_many(number: int) -> None:
    lessons, exam, drift, time = figures(many(number), TODAY)
    assert len(lessons.places) == number
    assert len(exam.places) == len(drift.places) == min(number, EXAMS)
    assert bool(time.places) is bool(number)
    for figure in (lessons, exam, drift, time):
        assert bool(figure.said) is bool(number)
        assert all(len(series.values) == len(figure.places) for series in figure.series)


def test_the_time_of_a_night_is_counted_once() -> None:
    history = many(2)
    by_night, asked = history.reports
    assert (by_night.by_night, asked.by_night) == (True, False)
    night = Night(night="2026-11-24", minutes=50.0, noting=20.0, stretches=3, finished=2)
    time = figures(msgspec.structs.replace(history, nights=(night,)), TODAY)[3]
    alone, wanted = time.series
    assert alone.values == (50.0, 0.0)
    assert wanted.values == (asked.seconds / 60, 0.0)
    old = msgspec.structs.replace(night, night="2025-01-01")
    assert len(figures(StudyHistory((), (old,)), TODAY)[3].places) == DAYS


def test_scales_end_at_round_values() -> None:
    assert [nice(x) for x in (0, 1, 3, 7, 10, 11, 0.018)] == [2, 1, 4, 10, 10, 20, 0.02]


@pytest.mark.parametrize("scheme", [Qt.ColorScheme.Light, Qt.ColorScheme.Dark])
def test_every_chart_is_drawn_in_its_colours(
    qtbot: QtBot, qapp: QApplication, scheme: Qt.ColorScheme
) -> None:
    theme = Theme(qapp)
    theme.follow(scheme)
    try:
        for figure in figures(many(0), TODAY):
            assert seen(qtbot, theme, figure) == set()
        for figure in figures(many(1), TODAY):
            assert seen(qtbot, theme, figure), f"{figure.title}: one may lie upon another"
        for figure in figures(many(200), TODAY):
            wanted = {series.name for series in figure.series if any(series.values)}
            assert seen(qtbot, theme, figure) == wanted, figure.title
    finally:
        theme.follow(None)
        theme.deleteLater()


def seen(qtbot: QtBot, theme: Theme, figure: Figure) -> set[str]:
    """The series whose colours are in a chart's drawing."""
    plot = Plot(theme, figure)
    qtbot.addWidget(plot)
    plot.resize(320, plot.height())
    image = QImage(plot.size(), QImage.Format.Format_RGB32)
    plot.render(image)
    across, down = range(image.width()), range(image.height())
    drawn = {image.pixelColor(x, y).name() for x in across for y in down}
    return {one.name for one in figure.series if theme.colour(one.colour).name() in drawn}
