"""SetupError: why set-up cannot go on, in a sentence for the person at the keyboard."""

from __future__ import annotations


class SetupError(Exception):
    """The text says what happened and what to do now."""
