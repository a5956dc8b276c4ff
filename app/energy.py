"""Energy: what the processor or the whole computer used, where Linux lets anybody read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SYSTEM = Path("/sys/class")

MICROJOULES_A_WH = 3.6e9


@dataclass(frozen=True)
class Energy:
    """Watt-hours, and of what."""

    wh: float
    of: Literal["processor", "computer"]


class EnergyGauge:
    """Sums up between samples; needs one at least every few minutes, as counters run over.

    The processor's counters (RAPL, https://docs.kernel.org/power/powercap/powercap.html) are kept
    from ordinary users on most systems since CVE-2020-8694; a battery's charge tells only while it
    is drained. Where neither can be read, or one of them stops being read, nothing is known.
    """

    def __init__(self, system: Path = SYSTEM) -> None:
        self._system = system
        self._counters = _counters(system)
        self._joules: float | None = 0.0 if self._counters else None
        self._first = self._last = _battery(system)

    def sample(self) -> None:
        """Read the counters."""
        now = _counters(self._system)
        if self._joules is not None:
            used = _used(self._counters, now)
            self._joules = None if used is None else self._joules + used
        self._counters = now
        self._last = _battery(self._system) if self._last is not None else None

    def used(self) -> Energy | None:
        """Energy up to the last sample."""
        if self._joules is not None:
            return Energy(self._joules / MICROJOULES_A_WH, "processor")
        if self._first is not None and self._last is not None and self._first > self._last:
            return Energy((self._first - self._last) / 1e6, "computer")
        return None


def _counters(system: Path) -> dict[str, tuple[int, int]]:
    """Every processor package's counter and the value it runs over at, in µJ; none unless all."""
    found = {}
    for zone in sorted((system / "powercap").glob("intel-rapl:[0-9]*")):
        if zone.name.count(":") > 1:
            continue  # a part of a package
        value, limit = _number(zone / "energy_uj"), _number(zone / "max_energy_range_uj")
        if value is None or limit is None:
            return {}
        found[zone.name] = (value, limit)
    return found


def _used(before: dict[str, tuple[int, int]], now: dict[str, tuple[int, int]]) -> float | None:
    """µJ between two readings; None when a counter went, or began anew (as after a suspend)."""
    if before.keys() != now.keys():
        return None
    total = 0.0
    for name, (value, limit) in now.items():
        then = before[name][0]
        if value < then <= limit // 2:
            return None
        total += value - then + (limit if value < then else 0)
    return total


def _battery(system: Path) -> float | None:
    """µWh left in all batteries together; None unless they are what the computer runs on."""
    left = None
    for supply in sorted((system / "power_supply").glob("*")):
        if _text(supply / "type") != "Battery" or _text(supply / "scope") == "Device":
            continue
        charge = _number(supply / "energy_now")
        if charge is None or _text(supply / "status") == "Charging":
            return None
        left = (left or 0.0) + charge
        if _text(supply / "status") == "Full":
            return None
    return left


def _number(path: Path) -> int | None:
    text = _text(path)
    return int(text) if text.isdecimal() else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
