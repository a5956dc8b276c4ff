"""Document menu: what can be done with one document, from preview and asking to forgetting."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from app.protocol import DocumentRecord

ACTS = (
    ("open", "Open &preview"),
    ("ask", "&Ask about this"),
    ("through", "&Read it through…"),
    ("again", "&Teach this again"),
    ("folder", "Show in &folder"),
    ("check", "&Check that nothing is left…"),
    ("forget", "F&orget…"),
)


class DocumentMenu(QMenu):
    """Emits `chosen` with `open`, `ask`, `through`, `again`, `folder`, `check` or `forget`."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget, document: DocumentRecord) -> None:
        super().__init__(parent)
        able = {
            "open": document.state in ("ready", "missing", "reading"),
            "ask": document.state in ("ready", "missing", "reading"),
            "through": document.state in ("ready", "missing") and document.passages > 0,
            "again": bool(document.path) and document.state not in ("waiting", "reading"),
            "folder": bool(document.path) and Path(document.path).parent.is_dir(),
            "check": bool(document.path) and Path(document.path).is_file(),
            "forget": True,
        }
        for name, words in ACTS:
            if name == "check":
                self.addSeparator()
            action = self.addAction(words)
            action.setData(name)
            action.setEnabled(able[name])
            action.triggered.connect(lambda _=False, act=name: self.chosen.emit(act))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
