"""The real command line or service with a small context and short replies, to be quick."""

from __future__ import annotations

import sys
from functools import partial

from app import cli, mind, reading_through, replies, reply_draft, service
from app.engine_client import EngineClient

CONTEXT = 512
REPLY_TOKENS = 48


def shrink() -> None:
    """Everything is done as ever; only fewer tokens go into the window, and come out."""
    mind.EngineClient = partial(EngineClient, n_ctx=CONTEXT)  # type: ignore[assignment, attr-defined]
    reply_draft.REPLY_TOKENS = replies.REPLY_TOKENS = REPLY_TOKENS  # type: ignore[attr-defined]
    reading_through.NOTE_TOKENS = 24


def main() -> int:
    """`python -m tests.app.small_window cli|service ARGUMENTS…`."""
    shrink()
    program = sys.argv.pop(1)
    return cli.main() if program == "cli" else service.main()


if __name__ == "__main__":
    sys.exit(main())
