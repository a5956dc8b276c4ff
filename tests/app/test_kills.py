"""Killed at any moment: what was acknowledged is there, what was not leaves nothing half done."""

from __future__ import annotations

import random
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.adapters import AdapterStore
from app.paths import TEMPORARY
from tests.app.killed_writer import STEPS
from tests.app.storage import lesson, made, manifest, opened

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")

CYCLES = 10


def writer(home: Path, task: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.app.killed_writer", str(home), task],
        stdout=subprocess.PIPE,
        text=True,
    )


def assert_tidy(home: Path) -> None:
    """Nothing half written, and nothing that others may read."""
    for path in (home, *home.rglob("*")):
        assert TEMPORARY not in path.suffixes, path
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_every_acknowledged_row_outlives_a_kill(home: Path) -> None:
    chosen = random.Random(20261124)
    acknowledged: list[list[str]] = []
    for _ in range(CYCLES):
        with writer(home, "write") as child:
            assert child.stdout is not None
            lines = [child.stdout.readline() for _ in range(chosen.randrange(1, 40))]
            child.send_signal(signal.SIGKILL)
            # What it said before it died counts, too; its last line may be half.
            lines += child.stdout.read().split("\n")[:-1]
            acknowledged += [line.split() for line in lines]
    assert len(acknowledged) > 10 * CYCLES
    with opened(home) as ledger:
        assert ledger.check() == []
        for kind, id_, length in acknowledged:
            text = ledger.message(int(id_)).text if kind == "message" else ledger.lesson(id_).prompt
            assert len(text) == int(length)
        assert ledger.counts().conversations == CYCLES
    assert_tidy(home)


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_while_a_version_is_activated_keeps_the_former_one(home: Path, step: str) -> None:
    with opened(home) as ledger:
        store = AdapterStore(made(home), ledger)
        taught = lesson(ledger)
        store.activate(store.add(b"first version " * 1000, manifest(taught.id)))
        later = lesson(ledger, "Who is Bo?")
    with writer(home, step) as child:
        assert child.wait() == -signal.SIGKILL
    with opened(home) as ledger:
        store = AdapterStore(made(home), ledger)
        notes = store.sweep()
        assert ledger.active_adapter() == 1
        assert ledger.lesson(taught.id).adapter == 1
        assert ledger.lesson(later.id).state == "new"
        kept = {record.version for record in ledger.adapters()}
        assert kept == ({1, 2} if step in ("recorded", "switching") else {1})
        assert bool(notes) == (kept == {1})
        files = {path.name for path in (home / "adapters").iterdir() if path.is_file()}
        assert files == {store.path(version).name for version in kept}
        assert_tidy(home)
        if 2 in kept:
            store.activate(2)
            assert ledger.lesson(later.id).adapter == 2
        else:
            assert store.add(b"third try", manifest(taught.id, parent=1)) == 2
