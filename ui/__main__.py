"""Starts the window: `python -P -m ui [--home DIR] [--teach PATH…]`."""

from __future__ import annotations

import sys

from ui.application import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
