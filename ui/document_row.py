"""Document row: one document with where it comes from, where it stands and why, and its menu."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame

from app.protocol import DocumentRecord
from ui.controls import Button, Picture, clear, column, label, row, set_role
from ui.document_menu import DocumentMenu
from ui.document_words import about, standing
from ui.elided import Elided
from ui.theme import Theme
from ui.words import breakable

KEYS = {
    Qt.Key.Key_Return: "open",
    Qt.Key.Key_Enter: "open",
    Qt.Key.Key_Space: "open",
    Qt.Key.Key_Delete: "forget",
}


class DocumentRow(QFrame):
    """Emits `wanted` with what is to be done (see `ui.document_menu`) and the document's id."""

    wanted = Signal(str, int)

    def __init__(self, theme: Theme, document: DocumentRecord) -> None:
        super().__init__()
        self.document = document
        self.menu: DocumentMenu | None = None
        self.setProperty("role", "row")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.title = Elided("", "small-strong")
        self._about = Elided("", "caption", middle=True)
        self._chip = label("")
        self._told = label("", "caption", wrap=True)
        self.more = Button(theme, "", "quiet", icon="more", tip="What can be done", size=16)
        self.more.clicked.connect(self._menu_at_button)
        top = Qt.AlignmentFlag.AlignTop
        state = row(gap=8)
        state.addWidget(self._chip, 0, top)
        state.addWidget(self._told, 1)
        state.setContentsMargins(0, 3, 0, 0)
        self._state = clear(state)
        line = row(gap=12)
        line.addWidget(Picture(theme, "file", "text_faint", 18), 0, top)
        line.addLayout(column(self.title, self._about, self._state, gap=2), 1)
        line.addWidget(self.more, 0, top)
        line.setContentsMargins(14, 9, 8, 9)
        self.setLayout(line)
        self.show_document(document)

    def show_document(self, document: DocumentRecord) -> None:
        """Show the document as it is now."""
        self.document = document
        now = standing(document)
        title = " ".join(document.title.split()) or "Untitled"
        self.title.setText(title)
        self._about.setText(about(document))
        self._state.setVisible(now is not None)
        told = f"{now.word}. {now.told}" if now else ""
        if now is not None:
            self._chip.setText(now.word)
            set_role(self._chip, now.role)
            self._told.setText(breakable(now.told))
        self.setToolTip(document.path)
        self.more.setAccessibleName(f"What can be done with {title}")
        self.setAccessibleName(f"{title}. {about(document)}. {told}")

    # ------------------------------------------------------------------ acts

    def open_menu(self, at: QPoint) -> None:
        """Show the menu at a place of the screen."""
        self.menu = DocumentMenu(self, self.document)
        self.menu.chosen.connect(lambda act: self.wanted.emit(act, self.document.id))
        self.menu.popup(at)

    def _menu_at_button(self) -> None:
        self.open_menu(self.more.mapToGlobal(QPoint(0, self.more.height())))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self._menu_at_button()
        else:
            self.open_menu(event.globalPos())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.pos()):
            self._open()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Del forgets, the arrows go to the row above and below."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._go(1 if key == Qt.Key.Key_Down else -1)
        elif KEYS.get(key) == "open":
            self._open()
        elif key in KEYS:
            self.wanted.emit(KEYS[key], self.document.id)
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        if self.document.state not in ("waiting", "failed"):
            self.wanted.emit("open", self.document.id)

    def _go(self, step: int) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        rows = sorted(
            (x for x in parent.findChildren(DocumentRow) if x.isVisible()), key=lambda x: x.y()
        )
        at = rows.index(self) + step
        if 0 <= at < len(rows):
            rows[at].setFocus(Qt.FocusReason.TabFocusReason)
