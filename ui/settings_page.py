"""Settings page: model, studying by itself, the background, menus, and what is stored where."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from app.protocol import ErrorInfo, GetStorage, Status, Storage
from ui.autostart_row import AutostartRow
from ui.controls import Button, Picture, card, clear, column, label, row
from ui.desktop_menus import DesktopMenus
from ui.flow import Flow
from ui.habits import Habits
from ui.night_card import NightCard
from ui.page import Page
from ui.running_card import RunningCard
from ui.session import Session
from ui.stored_card import StoredCard
from ui.theme import Theme
from ui.words import breakable

TOLD = "Everything here holds for you and this computer. Light and dark follow the system."
ELSEWHERE = (
    ("Watched folders", "documents"),
    ("Versions and privacy reset", "learned"),
    ("Is all well?", "checkup"),
)


class SettingsPage(Page):
    """Emits `model_wanted` when another model is to be chosen."""

    model_wanted = Signal()

    def __init__(self, theme: Theme, session: Session, habits: Habits) -> None:
        super().__init__(theme, session, "Settings", TOLD)
        self.menus = DesktopMenus(theme, session)
        self.stored = StoredCard(theme)
        self.night = NightCard(theme, session)
        self.running = RunningCard(habits)
        self.autostart = AutostartRow(theme, session)
        self.body.addWidget(label("Model", "overline"))
        self.body.addWidget(self._model_card())
        self.body.addSpacing(8)
        self.body.addWidget(label("At night", "overline"))
        self.body.addWidget(self.night)
        self.body.addSpacing(8)
        self.body.addWidget(label("In the background", "overline"))
        self.body.addWidget(self.running)
        self.body.addWidget(self.autostart)
        self.body.addSpacing(8)
        self.body.addWidget(self.menus)
        self.body.addSpacing(8)
        self.body.addWidget(label("What is stored where", "overline"))
        self.body.addWidget(self.stored)
        self.body.addSpacing(8)
        self.body.addWidget(self._elsewhere())
        self.trouble.again_wanted.connect(self.refresh)
        session.status_changed.connect(self._show_model)
        session.opened.connect(self._refresh_if_seen)

    def _model_card(self) -> QFrame:
        made = card()
        self._model = label("", "small-strong", wrap=True)
        self._about = label("", "caption", wrap=True)
        self.choose = Button(self.theme, "Choose another…")
        self.choose.clicked.connect(self.model_wanted)
        words = column(self._model, self._about, gap=2)
        picture = Picture(self.theme, "model", "text_faint", 20)
        line = row(picture, clear(words), self.choose, gap=14)
        line.setStretch(1, 1)
        line.setContentsMargins(18, 12, 14, 12)
        made.setLayout(line)
        return made

    def _elsewhere(self) -> QFrame:
        made = card("quiet-card")
        links = Flow(6)
        for words, page in ELSEWHERE:
            button = Button(self.theme, words, "link")
            button.clicked.connect(lambda _=False, name=page: self.page_wanted.emit(name))
            links.addWidget(button)
        inner = column(label("On other pages", "small-strong"), links, gap=6)
        inner.setContentsMargins(18, 12, 14, 12)
        made.setLayout(inner)
        return made

    def refresh(self) -> None:
        """Read everything again: files and sizes change without this window."""
        if self.session.status is not None:
            self._show_model(self.session.status)
        self.menus.read()
        self.autostart.read()
        self.loading.setVisible(self.stored.isHidden())
        self.session.backend.send(GetStorage(id=""), Storage).then(self._show, self._failed)

    def _refresh_if_seen(self) -> None:
        if self.isVisible():
            self.refresh()

    def _show_model(self, status: Status) -> None:
        self._model.setText(breakable(status.model or "No model"))
        told = "The small model that comes with Nightschool." if status.starter_model else ""
        missing = {"missing": "Its file was not found.", "broken": "Its file is damaged."}
        self._about.setText(missing.get(status.model_state, told))
        self._about.setVisible(bool(self._about.text()))

    def _show(self, stored: Storage) -> None:
        self.loading.hide()
        self.trouble.show_error(None)
        self.stored.show_storage(stored)

    def _failed(self, error: ErrorInfo) -> None:
        self.loading.hide()
        if error.code not in ("service_lost", "locked"):
            self.trouble.show_error(error)
