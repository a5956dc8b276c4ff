"""The window as a whole: it opens, shows what is there, keeps its place and closes cleanly."""

from __future__ import annotations

from ui.window import MainWindow


def test_a_window_opens_with_the_record_in_it(window: MainWindow) -> None:
    assert window.isVisible()
    assert window.pages.current() == "chat"
    assert window._session.conversations
