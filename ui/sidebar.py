"""Sidebar: the pages, the conversations, and a foot that says what is in use and what waits."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QVBoxLayout

from app.protocol import Status
from ui.controls import Button, Picture, clear, label, row
from ui.conversation_list import ConversationList
from ui.session import Session
from ui.theme import Theme
from ui.tokens import SIDEBAR
from ui.words import duration

PAGES = (
    ("documents", "&Documents", "documents"),
    ("lessons", "&Lessons", "lessons"),
    ("study", "&Study", "study"),
    ("learned", "L&earned", "learned"),
    ("checkup", "&Check-up", "checkup"),
    ("settings", "Settin&gs", "settings"),
)
BENEATH = {"history": "study"}
"""Pages that are reached from another one, which stays marked."""


class Sidebar(QFrame):
    """Emits which page is wanted; `chat` is the page of conversations."""

    page_wanted = Signal(str)
    new_wanted = Signal()
    model_wanted = Signal()

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setProperty("role", "sidebar")
        self.setFixedWidth(SIDEBAR)
        self.conversations = ConversationList(theme, session)
        self._badge = label("", "badge")
        self._badge.hide()
        self._offered = label("", "caption-strong")
        self._offered.hide()
        self._buttons: dict[str, Button] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        self._new = Button(theme, "&New chat", "nav", icon="compose", tip="New chat (Ctrl+N)")
        self._new.clicked.connect(self.new_wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 14, 12, 12)
        layout.setSpacing(2)
        brand = row(Picture(theme, "mark", "accent", 24), label("Nightschool", "wordmark"), -1)
        brand.setContentsMargins(12, 2, 0, 12)
        layout.addLayout(brand)
        layout.addWidget(self._new)
        for number, (key, name, icon) in enumerate(PAGES, start=2):
            layout.addWidget(self._page_button(theme, key, name, icon, number))
        layout.addSpacing(14)
        layout.addWidget(self.conversations, 1)
        layout.addWidget(self._foot(theme))
        session.status_changed.connect(self._show_status)
        session.study_changed.connect(self._show_study)
        session.proposals_changed.connect(self._show_offered)

    def _page_button(self, theme: Theme, key: str, name: str, icon: str, number: int) -> Button:
        plain = name.replace("&", "")
        made = Button(theme, name, "nav", icon=icon, tip=f"{plain} (Ctrl+{number})")
        made.setCheckable(True)
        made.clicked.connect(lambda: self.page_wanted.emit(key))
        self._buttons[key] = made
        if key == "lessons":
            line = row(-1, self._offered, self._badge, gap=6)
            line.setContentsMargins(0, 0, 10, 0)
            line.setAlignment(self._offered, Qt.AlignmentFlag.AlignVCenter)
            line.setAlignment(self._badge, Qt.AlignmentFlag.AlignVCenter)
            made.setLayout(line)
        return made

    def _foot(self, theme: Theme) -> QFrame:
        foot = QFrame()
        self._model = Button(theme, "Starting…", "nav", icon="model", tip="Choose a model")
        self._model.clicked.connect(self.model_wanted)
        self._learned = label("", "caption")
        inner = QVBoxLayout(foot)
        inner.setContentsMargins(0, 8, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self._model)
        line = row(self._learned, -1)
        line.setContentsMargins(38, 0, 0, 2)
        inner.addWidget(clear(line))
        return foot

    def show_page(self, page: str) -> None:
        """Mark the page in sight."""
        for key, button in self._buttons.items():
            button.setChecked(key == BENEATH.get(page, page))
        if page != "chat":
            self.conversations.select(None)

    def _show_status(self, status: Status) -> None:
        waiting = status.lessons_new
        self._badge.setText(str(waiting))
        self._badge.setVisible(waiting > 0)
        self._badge.setToolTip("Lessons that wait for the next study session")
        metrics = self._model.fontMetrics()
        name = status.model or "No model"
        self._model.setText(metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, SIDEBAR - 90))
        self._model.setToolTip(f"{name}\nChoose a model")
        loading = {"loading": "Loading…", "missing": "Model not found", "broken": "Model damaged"}
        learned = f"Learned: version {status.adapter}" if status.adapter else "Nothing learned yet"
        self._learned.setText(loading.get(status.model_state, learned))
        self._show_study()

    def _show_offered(self) -> None:
        offered = len(self._session.proposals)
        self._offered.setText(f"{offered} offered")
        self._offered.setVisible(offered > 0)
        self._offered.setToolTip("Lessons offered from your chats")

    def _show_study(self) -> None:
        status = self._session.status
        running = self._session.study is not None or bool(status and status.studying)
        words = f"Studying…{self._left()}" if running else "Study"
        self._buttons["study"].setText(f"&{words}")
        self._buttons["study"].setAccessibleName(words)
        self._buttons["study"].set_icon("study", "learn_text" if running else "text_soft")

    def _left(self) -> str:
        """How long the running session still takes, as soon as it knows."""
        progress = self._session.progress if self._session.study is not None else None
        if progress is None or progress.seconds_left is None:
            return ""
        return f"  {duration(progress.seconds_left)} left"
