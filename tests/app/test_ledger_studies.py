"""Study reports: kept whole, newest first."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tests.app.storage import lesson, opened, report, result


def test_reports_come_back_whole_and_newest_first(home: Path) -> None:
    with opened(home) as ledger:
        assert ledger.last_report() is None
        ids = [lesson(ledger).id for _ in range(3)]
        first = report(*(result(id_, f"question {id_} \0 😀") for id_ in ids))
        second = msgspec.structs.replace(report(), exam=None, adapter=None, activated=False)
        ledger.add_report(first)
        ledger.add_report(second)
    with opened(home) as ledger:
        assert ledger.reports() == [second, first]
        assert ledger.last_report() == second
        assert ledger.counts().studies == 2


def test_settings_keep_their_last_value(home: Path) -> None:
    with opened(home) as ledger:
        assert ledger.setting("model") is None
        ledger.set_setting("model", "tiny")
        ledger.set_setting("model", "large \ud800")
    with opened(home) as ledger:
        assert ledger.setting("model") == "large \ufffd"
