"""Learned page: every version of what was learned, going to any of them, and Privacy reset."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.protocol import AdapterRecord, ChangeAdapter, ErrorInfo, Rollback, Status
from ui.controls import Button, Picture, card, clear, column, label, row
from ui.empty_state import EmptyState
from ui.kept_card import KeptCard
from ui.lesson_words import title_of
from ui.page import Page
from ui.reset_sheet import ResetSheet
from ui.session import Session
from ui.theme import Theme
from ui.version_row import UNTOUCHED, VersionRow, in_use
from ui.version_sheets import ExportSheet, ImportSheet, NameSheet, file_to_import

TOLD = "Each study session that helped left a version. One is in use; you can go to any other."
STEPS = (
    ("pencil", "text_soft", "Correct answers in the chat: each correction becomes a lesson."),
    ("study", "text_soft", "Study: what passes its exam becomes version 1, and shows up here."),
    ("rollback", "text_soft", "You can always go back, also to the untouched model."),
)
RESET = (
    "Destroys what was learned, or everything, together with the keys it was encrypted under. "
    "You see exactly what will go before you agree."
)


class LearnedPage(Page):
    """Emits `emptied` after a reset of everything: nothing shown elsewhere may stay in sight."""

    emptied = Signal()

    def __init__(self, theme: Theme, session: Session) -> None:
        self.bring = Button(theme, "&Import…", tip="Import a version that was exported")
        super().__init__(theme, session, "Learned", TOLD, self.bring)
        self.bring.clicked.connect(self._import)
        self.rows: dict[int, VersionRow] = {}
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        study = Button(theme, "Go to Stud&y", "primary")
        study.clicked.connect(lambda: self.page_wanted.emit("study"))
        self.empty = EmptyState(theme, "learned", "Nothing learned yet", study, steps=STEPS)
        self.body.addWidget(self.empty)
        self.body.addLayout(self._list)
        self.body.addSpacing(12)
        self.kept = KeptCard(theme, session)
        self.body.addWidget(self.kept)
        self.body.addWidget(self._reset_card())
        for signal in (session.adapters_changed, session.lessons_changed, session.trouble_changed):
            signal.connect(self.refresh)
        session.status_changed.connect(lambda _: self.refresh())
        self.trouble.again_wanted.connect(lambda: session.read("adapters"))
        self.refresh()

    def _reset_card(self) -> QFrame:
        made = card("quiet-card")
        self.reset = Button(self.theme, "&Privacy reset…", "danger-quiet")
        self.reset.clicked.connect(self._reset)
        words = column(label("Privacy reset", "small-strong"), label(RESET, "small", wrap=True))
        words.setSpacing(2)
        line = row(Picture(self.theme, "shield", "text_soft", 22), clear(words), self.reset, gap=14)
        line.setStretch(1, 1)
        line.setContentsMargins(18, 14, 14, 14)
        made.setLayout(line)
        return made

    def refresh(self) -> None:
        """Show the versions as they are now."""
        known = self.show_state("adapters")
        records = self.session.adapters
        self.empty.setVisible(known and not records)
        self.kept.setVisible(bool(records))
        self.kept.refresh()
        active = next((r.version for r in records if r.active), UNTOUCHED)
        wanted = [r.version for r in records] + ([UNTOUCHED] if records else [])
        for gone in [version for version in self.rows if version not in wanted]:
            made = self.rows.pop(gone)
            self._list.removeWidget(made)
            made.hide()
            made.deleteLater()
        for place, version in enumerate(wanted):
            made = self.rows.get(version) or self._make(version)
            if self._list.indexOf(made) != place:
                self._list.insertWidget(place, made)
        status = self.session.status
        for record in records:
            lessons = [self.session.lesson(lesson_id) for lesson_id in record.lesson_ids]
            titles = tuple(title_of(lesson) for lesson in lessons if lesson is not None)
            model = status.model if status else ""
            self.rows[record.version].show_record(record, titles, model=model, active=active)
        if UNTOUCHED in self.rows:
            self.rows[UNTOUCHED].show_untouched(active=active == UNTOUCHED)

    def _make(self, version: int) -> VersionRow:
        made = VersionRow(self.theme, version)
        made.use_wanted.connect(self._use)
        made.name_wanted.connect(self._name)
        made.pin_wanted.connect(self._pin)
        made.export_wanted.connect(self._export)
        self.rows[version] = made
        return made

    def _use(self, version: int) -> None:
        self.set_usable(False)
        call = self.session.backend.send(Rollback(id="", to_version=version), Status)
        call.then(self._used, self._not_used)

    def set_usable(self, usable: bool) -> None:
        """While one version is put to use, no other can be chosen."""
        for made in self.rows.values():
            made.use.setEnabled(usable)

    def _used(self, status: Status) -> None:
        self.set_usable(True)
        self.session.take_status(status)
        title = f"Version {status.adapter}" if status.adapter else "Nothing learned"
        self.note.emit(f"{title} is in use", in_use(status.adapter))

    def _not_used(self, error: ErrorInfo) -> None:
        self.set_usable(True)
        self.session.failed(error)

    # ------------------------------------------------------------------ what else is wanted

    def _record(self, version: int) -> AdapterRecord | None:
        return next((one for one in self.session.adapters if one.version == version), None)

    def _name(self, version: int) -> None:
        if (record := self._record(version)) is not None:
            sheet = NameSheet(self.theme, self.window(), self.session, record)
            self.show_sheet(sheet, sheet.field)

    def _pin(self, version: int, pinned: bool) -> None:
        request = ChangeAdapter(id="", version=version, pinned=pinned)
        call = self.session.backend.send(request, AdapterRecord)
        call.then(lambda _: None, self.session.failed)

    def _export(self, version: int) -> None:
        if (record := self._record(version)) is not None:
            sheet = ExportSheet(self.theme, self.window(), self.session, record)
            sheet.exported.connect(self._exported)
            self.show_sheet(sheet, sheet.field)

    def _exported(self, path: str) -> None:
        self.note.emit("Version exported", f"It is in “{path}”, encrypted with your passphrase.")

    def _import(self) -> None:
        if path := file_to_import(self.window()):
            sheet = ImportSheet(self.theme, self.window(), self.session, path)
            sheet.begun.connect(lambda: self.page_wanted.emit("study"))
            self.show_sheet(sheet, sheet.field)

    # ------------------------------------------------------------------ privacy reset

    def _reset(self) -> None:
        sheet = ResetSheet(self.theme, self.window(), self.session)
        sheet.was_reset.connect(self._was_reset)
        self.show_sheet(sheet, sheet.choices["learned"])

    def _was_reset(self, scope: str, told: str) -> None:
        if scope == "everything":
            self.emptied.emit()
        self.note.emit("Privacy reset done", told)
