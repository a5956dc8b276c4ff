"""A document's text as it is shown, and the snippets of what was found: every place stays right."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from ui.laid_text import LONG_LINE, lay_out
from ui.snippet import LONG, marks_in, snippet_of

LONG_WORD = "x" * (LONG_LINE * 2 + 7)
TEXTS = {
    "plain": "First line.\n\nThe PASSAGE here.\nLast.",
    "windows": "First line.\r\n\r\nThe PASSAGE here.\r\nLast.\r\n",
    "old mac": "First line.\r\rThe PASSAGE here.\rLast.",
    "emoji": "🙂🙂 first\r\n𝔘𝔫𝔦 PASSAGE 👩‍👩‍👧‍👦 after\n🙂",
    "one endless line": f"{LONG_WORD} PASSAGE {LONG_WORD}",
    "odd": "a\0b \u2028c\u2029d \ufdd0e\x0cf PASSAGE \u202eg",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_place_in_the_text_is_the_same_place_in_the_window(qtbot: QtBot, name: str) -> None:
    text = TEXTS[name]
    at = text.index("PASSAGE")
    laid = lay_out(text, (0, at - 3))
    edit = QPlainTextEdit()
    qtbot.addWidget(edit)
    edit.setPlainText(laid.text)
    cursor = edit.textCursor()
    cursor.setPosition(laid.position(at))
    cursor.setPosition(laid.position(at + 7), QTextCursor.MoveMode.KeepAnchor)
    assert cursor.selectedText() == "PASSAGE"
    assert max(len(line) for line in laid.text.split("\n")) <= LONG_LINE


def test_pages_begin_on_lines_of_their_own() -> None:
    text = "One page. Another page.\nThird."
    laid = lay_out(text, (0, 10, 24))
    assert laid.text == "One page. \nAnother page.\nThird."
    assert [laid.text[at:].split()[0] for at in laid.pages] == ["One", "Another", "Third."]


def test_places_outside_the_text_are_its_ends() -> None:
    laid = lay_out("🙂 end", ())
    assert laid.position(999) == len("🙂 end") + 1
    assert laid.position(-5) == 0
    assert lay_out("", (0,)).pages == (0,)


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Das Café öffnet um neun.", "cafe OFFNET", ["Café", "öffnet"]),
        ("deposits and the deposit", "deposit", ["deposits", "deposit"]),
        ("undeposited", "deposit", []),
        ("東京都の条例", "条例", ["条例"]),
        ("a b c", "a", []),
        ("C++ (fast)", "c++ fast(", ["fast"]),
    ],
)
def test_words_are_marked_as_a_person_means_them(text: str, words: str, found: list[str]) -> None:
    assert [text[at : at + size] for at, size in marks_in(text, words)] == found


def test_a_snippet_begins_before_the_first_word_that_fits() -> None:
    text = "filler words " * 60 + "the deposit is paid " + "more words " * 60
    snippet = snippet_of(text, "deposit")
    assert snippet.text.startswith("… ")
    assert snippet.text.endswith(" …")
    assert len(snippet.text) <= LONG + 4
    (at, size), *rest = snippet.marks
    assert snippet.text[at : at + size] == "deposit"
    assert rest == []
    assert snippet.text.removesuffix(" …").split()[-1] in ("more", "words"), "no word is cut"
    richer = snippet_of("deposit " + text + "the deposit is paid, " * 3, "deposit paid")
    assert len(richer.marks) == 6
    assert snippet_of("No word\n of these  fits.", "zebra").text == "No word of these fits."
