"""Finding row: one line of the check-up, with what to do when it is a problem."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame

from app.protocol import Finding
from ui.controls import Picture, clear, column, label, row
from ui.theme import Theme
from ui.words import breakable

LOOKS = {
    "ok": ("check", "good", "clear", "In order"),
    "note": ("info", "learn_text", "learn-card", "Good to know"),
    "problem": ("alert", "bad", "bad-card", "Problem"),
}


ORDER = ("problem", "note", "ok")


class FindingRow(QFrame):
    """The severity is said by picture, colour and, to a screen reader, in words.

    What is in order has no frame of its own: such rows stand together in one card.
    """

    def __init__(self, theme: Theme, finding: Finding) -> None:
        super().__init__()
        icon, colour, role, word = LOOKS[finding.severity]
        self.finding = finding
        self.setProperty("role", role)
        words = column(
            label(finding.title, "small-strong", wrap=True),
            label(breakable(finding.message), "small", wrap=True, select=True),
            gap=2,
        )
        if finding.next_step:
            words.addSpacing(4)
            todo = row(gap=8)
            arrow = Picture(theme, "right", colour, 14)
            todo.addWidget(arrow, 0, Qt.AlignmentFlag.AlignTop)
            todo.addWidget(label(finding.next_step, "small", wrap=True, select=True), 1)
            words.addLayout(todo)
        line = row(gap=14)
        line.addWidget(Picture(theme, icon, colour, 18), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(clear(words), 1)
        line.setContentsMargins(16, 11, 16, 11)
        self.setLayout(line)
        told = (word, finding.title, finding.message, finding.next_step)
        self.setAccessibleName(". ".join(part.rstrip(".") for part in told if part))


def by_severity(findings: list[Finding]) -> list[Finding]:
    """Problems first, and what is in order last."""
    return sorted(findings, key=lambda finding: ORDER.index(finding.severity))


def as_text(findings: list[Finding]) -> str:
    """A check-up as lines of plain text, for a message to somebody who helps."""
    lines = []
    for finding in findings:
        word = LOOKS[finding.severity][3]
        lines.append(f"[{word}] {finding.title}: {finding.message}")
        if finding.next_step:
            lines.append(f"    What to do: {finding.next_step}")
    return "\n".join(lines) + "\n"
