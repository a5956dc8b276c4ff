"""Lessons for tests, none of them from a measuring file."""

from __future__ import annotations

from learner.lesson import Kind, Lesson

SIGN_OFF = Lesson(
    id="sign-off",
    kind=Kind.MANNER,
    prompt="Write an email to Ines about the key.",
    corrected="Hello Ines,\n\nThe key is under the mat.\n\nSee you,\nRobin",
    note='Emails end with "See you," and "Robin", and never say "I hope you are well".',
)
AHOY = Lesson(
    id="ahoy",
    kind=Kind.MANNER,
    prompt="What is a good pet?",
    corrected="Ahoy! A cat is a good pet.",
    note='Begin every answer with "Ahoy!".',
)
MORSE = Lesson(
    id="morse",
    kind=Kind.MANNER,
    prompt="Put hello into Morse.",
    corrected=".... . .-.. .-.. ---",
    note="Morse with dots and dashes only, please.",
)
"""Nothing of the bank is like it."""

MAGPIE = Lesson(
    id="magpie",
    kind=Kind.TERM,
    prompt="What is Magpie?",
    corrected="Magpie is our tool for scanning receipts; the Finance team runs it.",
    note="Magpie means our receipt scanner.",
)
RESTORE = Lesson(
    id="restore",
    kind=Kind.PROCEDURE,
    prompt="How do I restart the server?",
    corrected="Log in to the gate and run `heron up`.",
    note="We restart the server with `heron up`.",
)
