"""The history command: a table of the sessions in a ledger, and the same as JSON."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from app.history_commands import told
from app.ledger import Ledger
from app.protocol import Night, StudyHistory
from app.terminal import Terminal
from tests.app.storage import opened, report


def history(ledger: Ledger) -> StudyHistory:
    """Two sessions, the later held back, and a night."""
    first = msgspec.structs.replace(report(), learned=3, in_context=1, seconds=90.0)
    ledger.add_report(first)
    ledger.add_report(
        msgspec.structs.replace(
            first,
            started="2026-11-23T23:00:00+00:00",
            activated=False,
            adapter=None,
            exam=None,
            learned=0,
            in_context=4,
            by_night=True,
            decision="It did not\nhelp.",
        )
    )
    ledger.keep_night(Night(night="2026-11-23", minutes=61.6, stretches=2))
    return StudyHistory(tuple(ledger.history()), tuple(ledger.nights()))


def test_every_session_is_a_line_newest_first(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(home) as ledger:
        assert told(StudyHistory()) == "Nothing has been studied yet."
        known = history(ledger)
    head, second, first, empty, nights = told(known).split("\n")
    assert head.split("  ")[0].rstrip() == "When"
    assert ", by itself  not used  3        4           1.5 min  -  " in second
    assert second.endswith("It did not help.")
    assert "v1        3        1           1.5 min  0.010  4 of 4   2 of 2  -" in first
    assert first.endswith("It helps.")
    assert head.index("Drift") == first.index("0.010")
    assert (empty, nights) == ("", "By itself: 62 min in 1 night.")
    Terminal(as_json=True).result(known, "")
    assert msgspec.json.decode(capsys.readouterr().out, type=StudyHistory) == known
