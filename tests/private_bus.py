"""A private session bus: a real dbus-daemon that only the test knows."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def private_bus(folder: Path) -> Iterator[str]:
    """Its address; the test is skipped where there is no dbus-daemon."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("there is no dbus-daemon")
    config = folder / "bus.conf"
    config.write_text(
        '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"'
        ' "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">'
        f"<busconfig><type>session</type><listen>unix:path={folder}/bus</listen>"
        '<policy context="default"><allow send_destination="*" eavesdrop="true"/>'
        '<allow eavesdrop="true"/>'
        '<allow own="*"/></policy></busconfig>'
    )
    daemon = subprocess.Popen(
        ["dbus-daemon", f"--config-file={config}", "--nofork"], stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + 30
    while not (folder / "bus").exists():
        assert time.monotonic() < end, "the bus did not start"
        time.sleep(0.02)
    try:
        yield f"unix:path={folder}/bus"
    finally:
        daemon.kill()
        daemon.wait()
