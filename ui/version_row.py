"""Version row: one version of what was learned, what it holds, and putting it to use."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.protocol import AdapterRecord, Kept
from ui.controls import Button, Picture, clear, column, empty, label, row, set_role
from ui.elided import Elided
from ui.flow import Flow
from ui.theme import Theme
from ui.words import count, file_size, moment

KEPT: dict[Kept, str] = {
    "active": "",
    "pinned": "Pinned",
    "before": "Kept to go back to",
    "model": "Newest for its model",
    "last": "Among the last",
    "": "Goes after the next study",
}
"""Why a version stays; what is in use has a mark of its own."""

UNTOUCHED = 0
"""The number that stands for the model as it came."""


def in_use(version: int) -> str:
    """What going to a version means, in a sentence."""
    if version == UNTOUCHED:
        return (
            "The untouched model answers from your next question on; your lessons are shown to it."
        )
    return f"Version {version} is in use from your next question on."


def _change(drift: float | None) -> str:
    return "" if drift is None else f"changes unrelated answers by {drift:.3f}"


class VersionRow(QFrame):
    """Emits `use_wanted` with the version (0 stands for the untouched model), and what else is

    wanted of it: a name, a pin or none, a file.
    """

    use_wanted = Signal(int)
    name_wanted = Signal(int)
    pin_wanted = Signal(int, bool)
    export_wanted = Signal(int)

    def __init__(self, theme: Theme, version: int) -> None:
        super().__init__()
        self._theme = theme
        self.version = version
        self.active = False
        self._titles: tuple[str, ...] = ()
        self._pinned = False
        name = f"Version {version}" if version else "Nothing learned"
        self._name = Elided(name, "strong")
        self._picture = Picture(theme, "learned" if version else "model", "text_faint", 20)
        self._chip = label("In use", "chip-new")
        self._other = label("Other model", "chip")
        self._kept = label("", "chip")
        self._kept.hide()
        self._told = label("", "caption", wrap=True)
        self.use = Button(theme, "Use this", name=f"Use {name.lower()}")
        self.use.clicked.connect(lambda: self.use_wanted.emit(self.version))
        self.more = Button(theme, "", "quiet", icon="right", tip="Show more", size=14)
        self.more.clicked.connect(self.toggle)
        self._lessons = QVBoxLayout()
        self._lessons.setSpacing(4)
        inside = column(self._lessons, self._acts(), gap=6)
        inside.setContentsMargins(36, 0, 8, 6)
        self._holder = clear(inside)
        self._holder.hide()
        title = row(self._name, self._chip, self._kept, self._other, -1, gap=8)
        words = column(title, self._told, gap=2)
        head = row(gap=14)
        head.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addLayout(words, 1)
        head.addWidget(self.more, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.use, 0, Qt.AlignmentFlag.AlignVCenter)
        layout = column(head, self._holder, gap=8)
        layout.setContentsMargins(18, 12, 14, 12)
        self.setLayout(layout)

    def _acts(self) -> Flow:
        """What can be done with a version besides using it."""
        number = self.version
        self.rename = Button(self._theme, "Name…", "link-small", name=f"Name version {number}")
        self.rename.clicked.connect(lambda: self.name_wanted.emit(number))
        self.pin = Button(self._theme, "Pin", "link-small")
        self.pin.clicked.connect(lambda: self.pin_wanted.emit(number, not self._pinned))
        self.export = Button(self._theme, "Export…", "link-small", name=f"Export version {number}")
        self.export.clicked.connect(lambda: self.export_wanted.emit(number))
        made = Flow(10)
        for button in (self.rename, self.pin, self.export):
            made.addWidget(button)
        return made

    def show_untouched(self, *, active: bool) -> None:
        """The model as it came."""
        self._told.setText(
            "The model as it came. Your lessons are shown to it with your questions."
        )
        self.more.hide()
        self._other.hide()
        self._show_use(active=active, above=False)

    def show_record(
        self, record: AdapterRecord, titles: tuple[str, ...], *, model: str, active: int
    ) -> None:
        """A version as it is now; `titles` are of the lessons it holds that are still there."""
        size, held = file_size(record.size), count(len(record.lesson_ids), "lesson")
        other = bool(model) and record.base_model != model
        about = [_change(record.drift), f"made for {record.base_model}" if other else ""]
        # Each part stays whole where the line breaks.
        parts = (part.replace(" ", "\N{NO-BREAK SPACE}") for part in (held, size))
        first = "  ·  ".join((moment(record.created), *parts))
        goes = " It goes after the next study." if record.trouble and not record.kept else ""
        lines = [first, "  ·  ".join(part for part in about if part), record.trouble + goes]
        self._show_kept(record)
        self._told.setText("\n".join(line[0].upper() + line[1:] for line in lines if line))
        self._other.setVisible(other)
        self.more.setAccessibleName(f"More about version {self.version}")
        if titles != self._titles:
            self._titles = titles
            empty(self._lessons)
            for title in titles:
                line = row(
                    Picture(self._theme, "dot", "learn", 14), label(title, "small", wrap=True)
                )
                line.setStretch(1, 1)
                self._lessons.addLayout(line)
        self._show_use(active=record.active, above=self.version > active)

    def _show_kept(self, record: AdapterRecord) -> None:
        """Its name, why it stays, and whether that can be changed."""
        self._pinned = record.pinned
        named = f"  ·  {record.name}" if record.name else ""
        self._name.setText(f"Version {self.version}{named}")
        self._name.setToolTip(record.name)
        why = "Did not start" if record.trouble else KEPT[record.kept]
        self._kept.setText("Pinned" if record.pinned and not record.trouble else why)
        set_role(self._kept, "chip-bad" if record.trouble else "chip")
        self._kept.setVisible(bool(self._kept.text()))
        self.pin.setText("Unpin" if record.pinned else "Pin")
        self.pin.setAccessibleName(f"{self.pin.text()} version {self.version}")
        self.pin.setToolTip("" if record.pinned else "Keep it whatever is studied later")

    def toggle(self) -> None:
        """Show or hide the lessons it holds, and what else can be done with it."""
        self._holder.setVisible(self._holder.isHidden())
        hidden = self._holder.isHidden()
        self.more.set_icon("right" if hidden else "down")
        self.more.setToolTip("Show more" if hidden else "Show less")

    def _show_use(self, *, active: bool, above: bool) -> None:
        self.active = active
        self._chip.setVisible(active)
        self.use.setHidden(active)
        if self.version:
            self.use.setText("Use this" if above else "Roll back")
        else:
            self.use.setText("Use nothing learned")
        set_role(self, "learn-card" if active and self.version else "card")
        self._picture.show_icon(
            "learned" if self.version else "model", "learn_text" if active else "text_faint"
        )
        self.setAccessibleName(
            f"{'In use: ' if active else ''}{self._name.text()}. {self._told.text()}"
        )
