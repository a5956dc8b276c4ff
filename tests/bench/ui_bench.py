"""The window's bench: start, memory, and how evenly it runs while the machine is busy.

    python tests/bench/ui_bench.py [start memory rest quiet answer study paste]   (none named: all)

Prints a Markdown table for docs/benchmarks.md. The window is real, and so is the service with the
starter model. Without a display it runs on a virtual one (xvfb-run) or Qt's offscreen platform.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

PASSPHRASE = "four quiet owls at noon"
QUESTION = "Write a long story about an owl who opens a night school, with many details."
WATCH_S = 30.0
"""How long the window's beat is watched in each state."""

ROW = "| {what:<64} | {figure:>20} | {bar:>6} |"


def main() -> None:
    """Measure what is named and print a table."""
    measures: dict[str, Callable[[], None]] = {
        "start": start,
        "memory": memory,
        "rest": rest,
        "quiet": lambda: beat("quiet"),
        "answer": lambda: beat("answer"),
        "study": lambda: beat("study"),
        "paste": lambda: beat("paste"),
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--inside", metavar="SCENE", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        inside(asked.inside)
        return
    if unknown := [name for name in asked.names if name not in measures]:
        parser.error(f"nothing is called {', '.join(unknown)}")
    if not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    print(f"{os.cpu_count()} cores, load before {load}\n")
    print(ROW.format(what="What", figure="Measured", bar="Bar"))
    print(ROW.format(what="---", figure="---:", bar="---:"))
    for name in asked.names or measures:
        measures[name]()


def say(what: str, figure: str, bar: str = "") -> None:
    print(ROW.format(what=what, figure=figure, bar=bar), flush=True)


def scene(name: str) -> str:
    """Run one scene in a fresh process; the line it says, after the time its process began."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="nightschool-bench-") as home:
        command = [sys.executable, "-P", __file__, "--inside", name]
        environment = os.environ | {"NIGHTSCHOOL_HOME": home, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
    told = [line.removeprefix("BENCH ") for line in done.stdout.splitlines() if "BENCH " in line]
    return f"{begun} {told[-1]}"


def start() -> None:
    """From the start of the process to the first picture of the window, five times."""
    taken = []
    for _ in range(5):
        begun, seen = map(float, scene("start").split())
        taken.append(seen - begun)
    say("process start to window drawn, median of 5", f"{statistics.median(taken):.2f} s", "1 s")
    say("the slowest of them", f"{max(taken):.2f} s")


def memory() -> None:
    """Resident memory of the window's process after a chat with code, tables and a correction."""
    _, resident, unique = scene("memory").split()
    say("window's process, resident", f"{float(resident):.0f} MB", "200 MB")
    say("of that not shared with other programs", f"{float(unique):.0f} MB")


def rest() -> None:
    """What an open window with a watched folder and the night turned on costs."""
    _, *figures = scene("rest").split()
    for name, told in (("window", figures[:3]), ("service and its children", figures[3:])):
        cpu, busiest, together = map(float, told)
        say(f"{name} at rest, of one core", f"{100 * cpu:.2f} %", "1 %")
        say(f"{name}, wakes of the busiest thread", f"{busiest:.2f} /s", "0.2")
        say(f"{name}, wakes of all threads", f"{together:.2f} /s")


def beat(name: str) -> None:
    """A 10 ms timer in the window's thread: how late it comes."""
    _, beats, p50, p99, worst, over, own, speed = scene(name).split()
    what = {
        "quiet": "quiet window",
        "answer": f"while the model answers ({speed} tokens/s)",
        "study": "while it studies: examples, then training",
        "paste": "while 1 MB is pasted, sent and read again",
    }[name]
    # Pasting is a few single steps: only the longest of them says something.
    say(f"{what}, beat p50 / p99", f"{p50} / {p99} ms", "" if name == "paste" else "16 ms")
    say(f"{what}, worst of {beats}", f"{worst} ms ({over} > 50)", "50 ms")
    say(f"{what}, most work of its own", f"{own} ms")


# ------------------------------------------------------------------ inside the window's process


def inside(name: str) -> None:
    """One scene with a real window; says its figures on a line that begins with BENCH."""
    if name == "start":
        from tests.bench.ui_scenes import first_picture

        first_picture()
        return
    from tests.bench.ui_scenes import Scene

    played = Scene(Path(os.environ["NIGHTSCHOOL_HOME"]), PASSPHRASE)
    if name == "memory":
        played.chat()
        process = psutil.Process().memory_full_info()
        print(f"BENCH {process.rss / 1e6} {process.uss / 1e6}", flush=True)
    elif name == "rest":
        figures = [
            f"{one.cpu / one.seconds} {one.busiest} {one.together}" for one in played.rest(60.0)
        ]
        print(f"BENCH {' '.join(figures)}", flush=True)
    else:
        beats, speed = played.watch(name, QUESTION, WATCH_S)
        print(
            f"BENCH {beats.beats} {beats.p50:.1f} {beats.p99:.1f} {beats.worst:.1f} "
            f"{beats.over_50} {beats.own:.1f} {speed:.0f}",
            flush=True,
        )
    played.close()


if __name__ == "__main__":
    main()
