"""The real service that takes half a second without a request for idle time."""

from __future__ import annotations

import sys

from app import idleness, notes_keeper, service


def main() -> int:
    """`python -m tests.app.idle_service ARGUMENTS…`."""
    idleness.IDLE_SECONDS = 0.5
    notes_keeper.LOOK_SECONDS = 0.1
    return service.main()


if __name__ == "__main__":
    sys.exit(main())
