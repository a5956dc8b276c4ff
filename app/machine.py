"""Machine: power, heat, free memory and what other programs use of the processor."""

from __future__ import annotations

from dataclasses import dataclass

import psutil

COOLER = 10.0
"""Degrees below its limit from which on a sensor that was hot counts as cool again."""

PLAUSIBLE = range(45, 121)
"""Limits in °C that are believed; drivers that know none give 0 or 65,261."""


@dataclass(frozen=True)
class MachineState:
    """`battery` in percent, None without one; `free` in bytes; `load` is a share of all cores."""

    mains: bool | None
    battery: int | None
    hot: bool
    free: int
    load: float


class Machine:
    """Each look tells the load since the look before, without that of this process's family."""

    def __init__(self) -> None:
        self._hot = False
        self._before = _times()

    def look(self) -> MachineState:
        """How the machine is now."""
        mains, battery = _power()
        self._hot = _is_hot(0.0 if not self._hot else COOLER)
        return MachineState(
            mains=mains,
            battery=battery,
            hot=self._hot,
            free=psutil.virtual_memory().available,
            load=self._load(),
        )

    def _load(self) -> float:
        before, self._before = self._before, _times()
        whole, busy, ours = (now - then for now, then in zip(self._before, before, strict=True))
        if whole <= 0:
            return 0.0
        # A child that ended since takes its time with it, so ours may even go down.
        return min(1.0, max(0.0, (busy - max(0.0, ours)) / whole))


def _power() -> tuple[bool | None, int | None]:
    """On mains, and the battery's charge."""
    look = getattr(psutil, "sensors_battery", None)  # not on every system
    found = look() if look is not None else None
    if found is None:
        return None, None
    return found.power_plugged, round(found.percent)


def _is_hot(margin: float) -> bool:
    look = getattr(psutil, "sensors_temperatures", None)  # Linux and FreeBSD
    if look is None:
        return False
    return any(
        one.current >= one.high - margin
        for sensors in look().values()
        for one in sensors
        if one.high is not None and int(one.high) in PLAUSIBLE
    )


def _times() -> tuple[float, float, float]:
    """Processor seconds of all cores: passed, used, and used by this process and its children."""
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    # On Linux the time of guests is counted within that of users.
    whole = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    this = psutil.Process()
    return whole, whole - idle, sum(map(_used, [this, *this.children(recursive=True)]))


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:  # it ended, or is another user's
        return 0.0
    return float(times.user + times.system)
