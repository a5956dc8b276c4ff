"""Ctrl+C and the session's end: heard by Qt's loop at once, though nothing polls."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from ui.interrupt import Interrupt


@pytest.fixture
def interrupt() -> Iterator[Interrupt]:
    made = Interrupt()
    yield made
    made.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_wakes_the_sleeping_loop(
    qtbot: QtBot, interrupt: Interrupt, number: signal.Signals
) -> None:
    sent = threading.Timer(0.05, os.kill, (os.getpid(), number))
    with qtbot.waitSignal(interrupt.came):
        sent.start()
    sent.join()
