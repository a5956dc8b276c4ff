"""Launch: opens the window, or offers the terminal where there is no display."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping


def has_display(platform: str, environment: Mapping[str, str]) -> bool:
    """Whether a window can be shown; on Linux that takes an X11 or a Wayland session."""
    if not platform.startswith("linux"):
        return True
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(environment.get(name) for name in names)


def main() -> int:
    """Open the window; without a display the terminal chat; without a terminal, say what to do."""
    if has_display(sys.platform, os.environ):
        return nightschool()
    print("There is no display here, so no window can open.")
    if sys.stdin.isatty():
        print("Here is the same Nightschool in the terminal.\n", flush=True)
        return nightschool("chat")
    print(
        "Everything is set up: run `make run` where there is a screen, or talk in a terminal "
        "with `.venv/bin/nightschool chat`."
    )
    return 0


def nightschool(*arguments: str) -> int:
    """Run the application with this interpreter until it ends; returns its exit code."""
    command = [sys.executable, "-P", "-m", "app.cli", *arguments]
    try:
        return subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:  # Ctrl-C reached the application too, which has ended itself
        return 130


if __name__ == "__main__":
    sys.exit(main())
