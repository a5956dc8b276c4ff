"""Study progress: the phases of a running session, the step it is at, and Cancel."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar

from app.protocol import Progress
from ui.controls import Button, Picture, column, label, row, set_role
from ui.theme import Theme
from ui.thinking import Dots
from ui.words import duration

PHASES = (
    ("prepare", "Prepare"),
    ("examples", "Exercises"),
    ("train", "Practice"),
    ("exam", "Exam"),
    ("activate", "Finish"),
)
TOLD = {
    "prepare": "Getting ready",
    "examples": "Writing exercises from your lessons",
    "train": "Practising",
    "exam": "Asking questions it has never seen",
    "activate": "Putting what was learned to use",
}
MEANWHILE = (
    "It goes on while you look at other pages. Closing the window ends it; nothing is changed then."
)


class StudyProgress(QFrame):
    """Shows what the session itself tells; `cancel_wanted` when it should stop."""

    cancel_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "learn-card")
        self._title = label("", "title", wrap=True)
        self._detail = label("", "small", wrap=True)
        self._step = label("", "caption")
        self._left = label("", "caption")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of this phase")
        self.cancel = Button(theme, "Cancel", tip="Stop studying; nothing is changed")
        self.cancel.clicked.connect(self._cancel)
        head = row(Dots(theme), self._title, self.cancel, gap=12)
        head.setStretch(1, 1)
        layout = column(
            head,
            self._phases(theme),
            self.bar,
            row(self._step, -1, self._left),
            self._detail,
            label(MEANWHILE, "caption", wrap=True),
            gap=10,
        )
        layout.setContentsMargins(22, 16, 16, 18)
        self.setLayout(layout)
        self.begin()

    def _phases(self, theme: Theme) -> QHBoxLayout:
        line = row(gap=4)
        self._marks: list[tuple[Picture, QLabel]] = []
        for number, (_, word) in enumerate(PHASES):
            if number:
                line.addStretch(1)
            mark, name = Picture(theme, "dot", "text_faint", 14), label(word, "caption")
            line.addWidget(mark)
            line.addWidget(name)
            self._marks.append((mark, name))
        line.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        return line

    def begin(self) -> None:
        """A session that has told nothing yet."""
        self.cancel.setEnabled(True)
        self.cancel.setText("Cancel")
        self._title.setText("Studying")
        self._detail.setText("")
        self._say_step("Starting…", "")
        self.bar.setRange(0, 0)
        self._mark(-1)

    def show_progress(self, progress: Progress) -> None:
        """Where the session is."""
        self._mark(next(i for i, (key, _) in enumerate(PHASES) if key == progress.phase))
        if self.cancel.isEnabled():
            self._title.setText(TOLD[progress.phase])
        self._detail.setText(progress.detail)
        self.bar.setRange(0, progress.steps)
        self.bar.setValue(min(progress.step, progress.steps))
        step = f"Step {progress.step:,} of {progress.steps:,}" if progress.steps > 1 else ""
        left = progress.seconds_left
        self._say_step(step, "" if left is None else f"About {duration(left)} left")

    def _say_step(self, step: str, left: str) -> None:
        self._step.setText(step)
        self._left.setText(left)
        told = ". ".join(x for x in (self._title.text(), step, left, self._detail.text()) if x)
        self.setAccessibleName(told)

    def _mark(self, now: int) -> None:
        for number, (mark, name) in enumerate(self._marks):
            done, here = number < now, number == now
            colour = "good" if done else "learn_text" if here else "text_faint"
            mark.show_icon("check" if done else "dot", colour)
            set_role(name, "learn" if here else "caption")

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.cancel.setText("Stopping…")
        self._title.setText("Stopping")
        self.cancel_wanted.emit()
