"""When a scan is due, on a clock that the test turns."""

from __future__ import annotations

from app.documents.pace import Due, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def made(polling: bool = False) -> tuple[Due, Clock]:
    clock = Clock()
    due = Due(Pace(), clock)
    due.polling = polling
    return due, clock


def test_a_scan_comes_after_a_quiet_second() -> None:
    due, clock = made()
    assert due.changed()
    assert not due.changed()
    clock.now += 0.9
    due.changed()
    clock.now += 0.9
    assert due.seconds_left() > 0
    clock.now += 0.1
    assert due.seconds_left() == 0


def test_constant_change_cannot_put_it_off_for_more_than_ten_seconds() -> None:
    due, clock = made()
    scans = 0
    for _ in range(600):
        clock.now += 0.1
        due.changed()
        if not due.seconds_left():
            due.begin()
            due.end()
            scans += 1
    assert scans == 5


def test_changes_during_a_scan_are_for_the_next() -> None:
    due, clock = made()
    due.at_once()
    assert due.seconds_left() == 0
    due.begin()
    due.changed()
    clock.now += 0.5
    due.end()
    assert due.seconds_left() == 0.5


def test_without_changes_the_clock_rules() -> None:
    for polling, expected in ((False, 1800.0), (True, 60.0)):
        due, _ = made(polling)
        assert due.seconds_left() == expected


def test_slow_scans_come_more_seldom() -> None:
    due, clock = made(polling=True)
    due.begin()
    clock.now += 30
    due.end()
    assert due.seconds_left() == 600


def test_a_failed_scan_comes_again() -> None:
    due, _ = made()
    due.begin()
    due.end(again=True)
    assert due.seconds_left() == 10
