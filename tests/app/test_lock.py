"""One Nightschool a home: a second one is refused, a killed one is not in the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import BusyError
from app.lock import InstanceLock
from tests.app.storage import made

HOLD = """
import sys, time
from pathlib import Path
from app.lock import InstanceLock
from app.paths import Home
InstanceLock(Home(Path(sys.argv[1]))).acquire()
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_instance_is_told_who_holds_the_home(home: Path) -> None:
    with InstanceLock(made(home)):
        with pytest.raises(BusyError) as caught:
            InstanceLock(made(home)).acquire()
        assert str(os.getpid()) in caught.value.message
    with InstanceLock(made(home)):
        pass


def test_acquiring_and_releasing_twice_is_harmless(home: Path) -> None:
    lock = InstanceLock(made(home))
    lock.acquire()
    lock.acquire()
    lock.release()
    lock.release()
    InstanceLock(made(home)).acquire()


def test_a_killed_process_leaves_no_lock(home: Path) -> None:
    made(home)
    child = subprocess.Popen(
        [sys.executable, "-P", "-c", HOLD, str(home)], stdout=subprocess.PIPE, env=_environment()
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"held\n"
    lock = InstanceLock(made(home))
    with pytest.raises(BusyError) as caught:
        lock.acquire()
    assert str(child.pid) in caught.value.message
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    lock.acquire()
    lock.release()


def test_homes_do_not_disturb_each_other(tmp_path: Path) -> None:
    with InstanceLock(made(tmp_path / "one")), InstanceLock(made(tmp_path / "two")):
        pass


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
