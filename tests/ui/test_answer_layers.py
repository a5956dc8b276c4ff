"""What stood behind an answer: every layer named, each with the way to where it is changed."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.protocol import EarlierSummary, Provenance
from tests.ui.page_steps import said, unnamed
from tests.ui.steps import answered, ask, click, open_conversation
from ui.answer_layers import AnswerLayers
from ui.theme import Theme
from ui.window import MainWindow

RENTAL = 701


def test_every_layer_is_named_and_leads_to_its_page(qtbot: QtBot, window: MainWindow) -> None:
    view = open_conversation(qtbot, window, 2)
    assert not view.layers.isVisible()
    click(view.tools.behind)
    told = said(view.layers)
    assert view.layers.isVisible()
    assert "Version 2" in told
    assert all(title in view.layers.weights.text() for title in ("email", "kilometres", "Celsius"))
    assert "Kestrel" in view.layers.prompt.text()
    assert "Documents were not searched" in told
    assert "First word after 0.4 s" in told
    assert not view.layers.shown.isVisible()
    assert unnamed(view.layers) == []
    click(view.layers.bare)
    qtbot.waitUntil(lambda: view.comparison is not None and view.comparison.over)
    click(view.layers.versions)
    assert window.pages.current() == "learned"


def test_passages_are_opened_from_there(qtbot: QtBot, window: MainWindow) -> None:
    window.desk.act("ask", RENTAL)
    ask(window, "How much is the deposit? Is it paid back?")
    view = answered(qtbot, window)
    click(view.tools.behind)
    assert "shown to the model" in view.layers.passages.text()
    assert not view.sources.panel.isVisible()
    click(view.layers.shown)
    assert view.sources.panel.isVisible()


def test_what_is_gone_or_too_much_is_told_in_short(qtbot: QtBot, qapp: QApplication) -> None:
    layers = AnswerLayers(Theme(qapp))
    qtbot.addWidget(layers)
    ids = tuple(f"L-{number}" for number in range(7))
    layers.fill(Provenance(model="m", adapter=3, lessons_in_weights=ids), None, {})
    assert layers.weights.text().splitlines()[0] == "Version 3"
    assert layers.weights.text().count("a lesson that was forgotten") == 5
    assert layers.weights.text().endswith("and 2 more")
    assert layers.prompt.text() == "No lesson"
    layers.fill(Provenance(model="m", documents_asked=True), None, {})
    assert layers.weights.text() == "Nothing learned"
    assert layers.passages.text() == "None found"
    assert layers.bare.isHidden()


def test_a_summary_of_earlier_messages_is_read_there(qtbot: QtBot, qapp: QApplication) -> None:
    layers = AnswerLayers(Theme(qapp))
    qtbot.addWidget(layers)
    layers.show()
    layers.fill(Provenance(model="m"), None, {})
    assert layers.earlier.isHidden()
    assert layers.read.isHidden()
    earlier = EarlierSummary(text="The project is called Lantern.", messages=24, last=30)
    layers.fill(Provenance(model="m", earlier=earlier), None, {})
    assert layers.earlier.text() == "A summary of the first 24 messages"
    assert not layers.summary.isVisible()
    click(layers.read)
    assert layers.summary.isVisible()
    assert layers.summary.text() == earlier.text
    forgotten = EarlierSummary(text="", messages=24, last=30)
    layers.fill(Provenance(model="m", earlier=forgotten), None, {})
    assert "went with what was forgotten" in layers.earlier.text()
    assert layers.read.isHidden()
    assert not layers.summary.isVisible()
