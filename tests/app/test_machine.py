"""The machine's state: what psutil tells is read with care, and one's own work is not counted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from app.machine import Machine


def battery(monkeypatch: pytest.MonkeyPatch, found: Any) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: found, raising=False)


def sensor(current: float, high: float | None) -> dict[str, list[Any]]:
    return {"chip": [SimpleNamespace(current=current, high=high)]}


def test_a_battery_is_told_in_percent(monkeypatch: pytest.MonkeyPatch) -> None:
    battery(monkeypatch, SimpleNamespace(percent=40.4, power_plugged=False))
    state = Machine().look()
    assert (state.mains, state.battery) == (False, 40)
    battery(monkeypatch, None)
    state = Machine().look()
    assert (state.mains, state.battery) == (None, None)
    monkeypatch.delattr(psutil, "sensors_battery")
    assert Machine().look().battery is None


def test_heat_lasts_until_a_sensor_is_well_below_its_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = Machine()
    told = []
    for current in (79.0, 80.0, 71.0, 70.0, 69.9, 75.0):
        monkeypatch.setattr(
            psutil, "sensors_temperatures", lambda now=current: sensor(now, 80.0), raising=False
        )
        told.append(machine.look().hot)
    assert told == [False, True, True, True, False, False]


@pytest.mark.parametrize("high", [None, 0.0, 65_261.85])
def test_limits_that_make_no_sense_are_not_believed(
    monkeypatch: pytest.MonkeyPatch, high: float | None
) -> None:
    monkeypatch.setattr(psutil, "sensors_temperatures", lambda: sensor(99.0, high), raising=False)
    assert not Machine().look().hot


def test_this_process_is_not_counted_among_others(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    used = psutil.Process().cpu_times().user + 0.2
    while psutil.Process().cpu_times().user < used:
        sum(range(10_000))
    real = psutil.cpu_times()
    idle = real._replace(idle=real.idle + 100.0)  # a hundred seconds in which nobody did a thing
    monkeypatch.setattr(psutil, "cpu_times", lambda: idle)
    state = machine.look()
    assert 0 <= state.load < 0.1
    busy = idle._replace(user=idle.user + 100.0)
    monkeypatch.setattr(psutil, "cpu_times", lambda: busy)
    assert machine.look().load > 0.9
