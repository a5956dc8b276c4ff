"""The heap is kept small by glibc's own means, and left alone where there are none."""

from __future__ import annotations

import sys
import threading
from types import SimpleNamespace

import pytest

from app import heap
from app.heap import few_arenas, give_back
from app.school import School


class Told:
    """A function of a C library that writes down what it was called with."""

    def __init__(self, answer: int) -> None:
        self.answer = answer
        self.asked: list[tuple[int, ...]] = []

    def __call__(self, *asked: int) -> int:
        self.asked.append(asked)
        return self.answer


def glibc(told: Told) -> SimpleNamespace:
    return SimpleNamespace(gnu_get_libc_version=None, malloc_trim=told, mallopt=told)


@pytest.mark.parametrize("answer", [0, 1])
def test_glibc_is_asked_for_all_of_it_and_for_two_heaps(
    answer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    told = Told(answer)
    assert give_back(glibc(told)) is few_arenas(glibc(told)) is bool(answer)
    assert told.asked == [(0,), (-8, 2)]


@pytest.mark.parametrize("platform", ["darwin", "win32", "linux"])
def test_elsewhere_nothing_is_done(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    told = Told(1)
    libc = glibc(told)
    if platform == "linux":
        del libc.gnu_get_libc_version  # as musl has it
    assert not give_back(libc)
    assert not few_arenas(libc)
    assert told.asked == []


def test_it_is_done_when_a_session_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[bool] = []
    mind = SimpleNamespace(announce=lambda what: None)
    desk = School(None, None, None, None, mind)  # type: ignore[arg-type]
    monkeypatch.setattr(heap, "give_back", lambda: done.append(desk.in_session))
    with pytest.raises(RuntimeError), desk.free(threading.Event()):
        assert done == []
        raise RuntimeError
    assert done == [False], "once the next may begin"
