"""Answer layers: what an answer was made of, layer by layer, and where each can be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout

from app.protocol import EarlierSummary, LessonRecord, Provenance, Timings
from ui.controls import Button, column, label, row
from ui.lesson_words import title_of
from ui.theme import Theme
from ui.words import breakable, count, shortened

MOST_LESSONS = 5
"""Named in each layer; of the others only the number is told."""

TITLE = 80
GONE = "a lesson that was forgotten"


class AnswerLayers(QFrame):
    """Emits `page_wanted` (learned, lessons), `passages_wanted` and `compare_wanted`."""

    page_wanted = Signal(str)
    passages_wanted = Signal()
    compare_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "quiet-card")
        self.setAccessibleName("What stood behind this answer")
        self.model, self.weights, self.prompt, self.passages, self.pace = (
            label("", "small", wrap=True, select=True) for _ in range(5)
        )
        self._earlier = label("Earlier messages", "caption")
        self.earlier = label("", "small", wrap=True)
        self.summary = label("", "small", wrap=True, select=True)
        self.summary.hide()
        self.read = _link(theme, "Read", "Read the summary of earlier messages")
        self.read.setCheckable(True)
        self.read.toggled.connect(self.summary.setVisible)
        self.versions = _link(theme, "Versions", "See the versions of what was learned")
        self.versions.clicked.connect(lambda: self.page_wanted.emit("learned"))
        self.lessons = _link(theme, "Lessons", "See all lessons")
        self.lessons.clicked.connect(lambda: self.page_wanted.emit("lessons"))
        self.shown = _link(theme, "Show", "Show the passages")
        self.shown.clicked.connect(self.passages_wanted)
        self.bare = Button(theme, "Without what you learned", "link-small", icon="compare", size=14)
        self.bare.clicked.connect(self.compare_wanted)
        self._lay_out()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(7)
        grid.setColumnStretch(1, 1)
        layers = (
            (label("Model", "caption"), self.model, None),
            (label("In its weights", "caption"), self.weights, self.versions),
            (label("In the prompt", "caption"), self.prompt, self.lessons),
            (self._earlier, self.earlier, self.read),
            (None, self.summary, None),
            (label("Passages", "caption"), self.passages, self.shown),
            (label("Pace", "caption"), self.pace, None),
        )
        top = Qt.AlignmentFlag.AlignTop
        for line, (name, words, link) in enumerate(layers):
            if name is not None:
                grid.addWidget(name, line, 0, top)
            grid.addWidget(words, line, 1)
            if link is not None:
                grid.addWidget(link, line, 2, top)
        layout = column(grid, row(self.bare, -1), gap=10)
        layout.setContentsMargins(18, 12, 14, 12)
        self.setLayout(layout)

    def fill(
        self,
        provenance: Provenance,
        timings: Timings | None,
        lessons: Mapping[str, LessonRecord],
    ) -> None:
        """Tell what stood behind an answer; `lessons` are those there are, by their ids."""
        self.model.setText(breakable(provenance.model))
        self.weights.setText(_weights(provenance, lessons))
        self.prompt.setText(_named(provenance.lessons_in_context, lessons) or "No lesson")
        self._tell_earlier(provenance.earlier)
        self.passages.setText(_passages(provenance))
        self.shown.setVisible(bool(provenance.sources))
        self.pace.setText(_pace(timings))
        self.bare.setVisible(bool(provenance.adapter or provenance.lessons_in_context))

    def _tell_earlier(self, earlier: EarlierSummary | None) -> None:
        for part in (self._earlier, self.earlier):
            part.setVisible(earlier is not None)
        self.earlier.setText(_earlier(earlier) if earlier is not None else "")
        self.summary.setText(breakable(earlier.text) if earlier is not None else "")
        self.read.setChecked(False)
        self.read.setVisible(earlier is not None and bool(earlier.text))


def _link(theme: Theme, words: str, name: str) -> Button:
    return Button(theme, words, "link-small", name=name)


def _weights(provenance: Provenance, lessons: Mapping[str, LessonRecord]) -> str:
    if not provenance.adapter:
        return "Nothing learned"
    held = _named(provenance.lessons_in_weights, lessons)
    return f"Version {provenance.adapter}\n{held}".rstrip()


def _named(ids: Sequence[str], lessons: Mapping[str, LessonRecord]) -> str:
    """Titles of lessons, one a line."""
    titles = [shortened(title_of(lessons[id_]), TITLE) if id_ in lessons else GONE for id_ in ids]
    more = len(titles) - MOST_LESSONS
    lines = [*titles[:MOST_LESSONS], f"and {more} more"] if more > 0 else titles
    return "\n".join(map(breakable, lines))


def _earlier(earlier: EarlierSummary) -> str:
    gone = "" if earlier.text else "; it went with what was forgotten"
    return f"A summary of the first {count(earlier.messages, 'message')}{gone}"


def _passages(provenance: Provenance) -> str:
    if not provenance.sources:
        return "None found" if provenance.documents_asked else "Documents were not searched"
    used = sum(source.used for source in provenance.sources)
    return f"{count(len(provenance.sources), 'passage')} shown to the model, {used} cited"


def _pace(timings: Timings | None) -> str:
    if timings is None:
        return "Not known"
    return (
        f"First word after {timings.first_token_s:.1f} s, {timings.tokens_per_s:.0f} tokens/s;"
        f" {timings.prompt_tokens:,} tokens read, {timings.cached_tokens:,} remembered"
    )
