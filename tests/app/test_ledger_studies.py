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


def test_the_history_keeps_its_counts_when_lessons_are_forgotten(home: Path) -> None:
    with opened(home) as ledger:
        gone, stays = lesson(ledger), lesson(ledger, "Who is Bo?")
        old = report(result(gone.id, "Ada"), result(stays.id, "Bo"))
        ledger.add_report(old)
        ledger.add_report(msgspec.structs.replace(old, learned=2, by_night=True))
        ledger.forget_lesson(gone.id)
        newest, oldest = ledger.history()
        assert (newest.learned, newest.in_context, newest.by_night) == (2, 0, True)
        assert oldest.learned == 1, "before counts were kept, those that are left are counted"
        assert newest.lessons == oldest.lessons == ()
        assert ledger.rows_naming(gone.id).keys() <= {"forgotten_lessons"}
