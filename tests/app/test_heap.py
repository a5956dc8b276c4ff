"""The heap is given back by glibc's own means, and left alone where there are none."""

from __future__ import annotations

import sys
import threading
from types import SimpleNamespace

import pytest

from app import heap
from app.heap import give_back
from app.school import School


class Trim:
    """A `malloc_trim` that writes down what it was called with."""

    def __init__(self, went_back: int) -> None:
        self.went_back = went_back
        self.asked: list[int] = []

    def __call__(self, pad: int) -> int:
        self.asked.append(pad)
        return self.went_back


@pytest.mark.parametrize("went_back", [0, 1])
def test_glibc_is_asked_for_all_of_it(went_back: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    trim = Trim(went_back)
    assert give_back(SimpleNamespace(malloc_trim=trim)) is bool(went_back)
    assert trim.asked == [0]
    assert not give_back(SimpleNamespace(malloc=None)), "another C library"


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_nothing_is_done(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    trim = Trim(1)
    assert not give_back(SimpleNamespace(malloc_trim=trim))
    assert trim.asked == []


def test_it_is_done_when_a_session_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[bool] = []
    mind = SimpleNamespace(announce=lambda what: None)
    desk = School(None, None, None, None, mind)  # type: ignore[arg-type]
    monkeypatch.setattr(heap, "give_back", lambda: done.append(desk.in_session))
    with pytest.raises(RuntimeError), desk.free(threading.Event()):
        assert done == []
        raise RuntimeError
    assert done == [False], "once the next may begin"
