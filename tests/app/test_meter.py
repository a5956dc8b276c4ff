"""What work costs: real child processes, and the energy counters of a made-up /sys/class."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.energy import EnergyGauge
from app.meter import Meter
from app.usage_records import Usage

SPIN = "import time\nwhile time.process_time() < 0.5: pass\nprint(flush=True)\ninput()"


class System:
    """A folder like /sys/class that a test fills."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, value: object) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{value}\n")

    def package(self, value: int) -> None:
        self.write("powercap/intel-rapl:0/energy_uj", value)
        self.write("powercap/intel-rapl:0/max_energy_range_uj", 10**10)
        self.write("powercap/intel-rapl:0:0/energy_uj", 77)  # a part of the package

    def battery(self, left: int, status: str = "Discharging") -> None:
        self.write("power_supply/BAT0/type", "Battery")
        self.write("power_supply/BAT0/energy_now", left)
        self.write("power_supply/BAT0/status", status)
        self.write("power_supply/AC/type", "Mains")


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


def test_the_time_of_a_child_is_counted_also_when_it_ended(system: System) -> None:
    meter = Meter(system.root)
    child = subprocess.Popen(
        [sys.executable, "-c", SPIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    running = meter.usage()
    assert running.cpu_seconds >= 0.4
    child.communicate(b"\n")
    ended = meter.usage()
    assert ended.cpu_seconds >= running.cpu_seconds
    assert (ended.energy_wh, ended.energy_of) == (None, ""), "nothing here measures it"
    assert Meter(system.root).usage().cpu_seconds < 0.4, "counted from its making on"


def test_the_counters_of_the_processor_run_over(system: System) -> None:
    system.package(9_000_000_000)
    gauge = EnergyGauge(system.root)
    system.package(200_000_000)
    gauge.sample()
    system.package(2_600_000_000)
    gauge.sample()
    used = gauge.used()
    assert used is not None
    assert used.of == "processor"
    assert used.wh == pytest.approx(1.0)


def test_counters_that_begin_anew_or_go_leave_nothing_known(system: System) -> None:
    system.package(4_000_000_000)
    gauge, other = EnergyGauge(system.root), EnergyGauge(system.root)
    system.package(1_000)  # as after a suspend: too low to have run over
    gauge.sample()
    system.package(4_000_000_000)
    gauge.sample()
    assert gauge.used() is None
    (system.root / "powercap/intel-rapl:0/energy_uj").unlink()
    other.sample()
    assert other.used() is None


def test_a_battery_tells_while_it_is_drained(system: System) -> None:
    system.battery(41_500_000)
    gauge = EnergyGauge(system.root)
    system.battery(38_000_000)
    gauge.sample()
    used = gauge.used()
    assert used is not None
    assert used.of == "computer"
    assert used.wh == pytest.approx(3.5)
    system.battery(39_000_000, "Charging")
    gauge.sample()
    system.battery(38_000_000)
    gauge.sample()
    assert gauge.used() is None


def test_usages_are_added_and_energy_only_where_all_of_it_is_known() -> None:
    first, second = Usage(10.0, 2.0, "processor"), Usage(5.0, 1.0, "processor")
    assert first.plus(second) == Usage(15.0, 3.0, "processor")
    assert first.plus(Usage()) == Usage().plus(first) == first
    assert first.plus(Usage(5.0)) == Usage(15.0)
    assert first.plus(Usage(5.0, 1.0, "computer")) == Usage(15.0)
