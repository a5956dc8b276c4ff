"""Pictures: real windows of every screen, in light and dark, for docs/images.

Run: xvfb-run -a -s "-screen 0 1280x800x24" python -m tests.ui.pictures OUT [NAME…]
PICTURE_SIZE=760x540 shows how little room is enough.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEventLoop, QMimeData, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.protocol import AdapterRecord, ChangeAdapter, Passage, Search
from ui.application import Application
from ui.backend import Limits
from ui.check_sheet import CheckSheet
from ui.checkup_page import CheckupPage
from ui.document_view import DocumentView
from ui.documents_page import DocumentsPage
from ui.forget_document_sheet import ForgetDocumentSheet
from ui.forget_sheet import ForgetSheet
from ui.history_page import HistoryPage
from ui.learned_page import LearnedPage
from ui.lesson_check_sheet import LessonCheckSheet
from ui.lessons_page import LessonsPage
from ui.page import Page
from ui.place import Place
from ui.reset_sheet import ResetSheet
from ui.settings_page import SettingsPage
from ui.study_page import StudyPage
from ui.validity_sheet import ValiditySheet
from ui.version_sheets import ExportSheet

PageT = TypeVar("PageT", bound=Page)
FAKE = "tests.ui.fake_service"


def wait(ms: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def until(true: Callable[[], bool], ms: int = 8000) -> None:
    for _ in range(ms // 20):
        if true():
            return
        wait(20)
    print("not reached:", true, file=sys.stderr)


class Studio:
    """One window, one home, pictures of it."""

    def __init__(
        self, qt: QApplication, out: Path, size: tuple[int, int], scheme: Qt.ColorScheme, *args: str
    ) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="nightschool-pictures-"))
        command = (sys.executable, "-P", "-m", FAKE, "--home", str(self.home), *args)
        self.app = Application(qt, self.home, command, Limits(delay_s=1.5))
        self.outcome = args[args.index("--night") + 1] if "--night" in args else ""
        self.app.theme.follow(scheme)
        self.window = self.app.window
        self.window.resize(*size)
        self.out = out
        self.app.start()

    def ready(self) -> None:
        until(lambda: self.app.session.status is not None)
        wait(200)

    def page(self, name: str, kind: type[PageT]) -> PageT:
        self.window.show_page(name)
        made = self.window.pages.page(name)
        assert isinstance(made, kind)
        return made

    def take(self, name: str) -> None:
        wait(250)
        self.window.grab().save(str(self.out / f"{name}.png"))
        print(name)

    def close(self) -> None:
        self.window.close()
        wait(50)


def chat(studio: Studio) -> Iterator[str]:
    """Welcome, code, correcting, noted, comparing."""
    window, page = studio.window, studio.window.chat
    studio.ready()
    yield "welcome"
    window._open(1)
    until(lambda: len(page.transcript.views) == 2)
    wait(200)
    yield "chat-code"
    window._open(2)
    until(lambda: len(page.transcript.views) == 2)
    page.correct()
    editor = page.transcript.answers()[0].editor
    assert editor is not None
    editor._answer.setPlainText(
        "Hi Ms. Alvarez,\n\nThe heater in the living room stopped working last night. Could "
        "someone take a look this week?\n\nCheers,\nSam"
    )
    editor._note.setPlainText("My emails are short and end with “Cheers,” and then “Sam”.")
    yield "correcting"
    editor._on_save()
    until(lambda: page.transcript.answers()[0].editor is None)
    page.transcript.to_end()
    yield "noted"
    page._compare(page.transcript.answers()[0])
    wait(900)
    yield "side-by-side"
    window._open(3)
    until(lambda: len(page.transcript.views) == 2)
    page.composer.field.insertPlainText("And why is a sunset red? /slow")
    page.composer._send()
    wait(1200)
    page.composer.field.insertPlainText("While I wait")
    yield "streaming"
    window.show_keys()
    yield "keys"
    assert window.sheet is not None
    window.sheet.close_sheet()
    window.choose_model()
    wait(200)
    yield "models"
    assert window.sheet is not None
    window.sheet.close_sheet()


def crash(studio: Studio) -> Iterator[str]:
    """The service crashes while answering."""
    page = studio.window.chat
    studio.ready()
    studio.window._open(3)
    until(lambda: len(page.transcript.views) == 2)
    page.composer.field.insertPlainText("Why are sunsets red? /crash")
    page.composer._send()
    until(studio.window.banner.isVisible)
    page.composer.field.insertPlainText("Not lost either")
    wait(300)
    yield "crash"
    wait(2500)
    yield "crash-back"


def gate(studio: Studio) -> Iterator[str]:
    studio.ready()
    yield "passphrase"
    studio.window.gate.field.setText("four quiet owls")
    studio.window.gate.confirm.setText("four quiet owls")
    yield "passphrase-typed"
    page = studio.window.chat
    studio.window.gate._submit()
    until(page.composer.field.isVisible)
    page.composer.field.insertPlainText("Why are sunsets red? /crash")
    page.composer._send()
    until(studio.window.gate.field.isVisible)
    wait(300)
    yield "passphrase-again"


def missing(studio: Studio) -> Iterator[str]:
    studio.ready()
    yield "key-missing"


def damaged(studio: Studio) -> Iterator[str]:
    studio.ready()
    yield "damaged"


def no_model(studio: Studio) -> Iterator[str]:
    studio.ready()
    yield "model-missing"


def lessons(studio: Studio) -> Iterator[str]:
    """The list, one lesson open, the search, the menu of kinds, forgetting one."""
    window = studio.window
    studio.ready()
    page = studio.page("lessons", LessonsPage)
    until(lambda: len(page.rows) == 6)
    yield "lessons"
    page.rows["L-email"].toggle()
    wait(100)
    page.bring_into_sight(page.rows["L-email"])
    yield "lesson-open"
    page._forget("L-email")
    yield "forget"
    assert isinstance(window.sheet, ForgetSheet)
    window.sheet.confirm.click()
    until(lambda: "L-email" not in page.rows)
    yield "forgotten"


def offers(studio: Studio) -> Iterator[str]:
    """Lessons offered above those there are, one being accepted."""
    studio.ready()
    page = studio.page("lessons", LessonsPage)
    until(lambda: len(page.offered.rows) == 3)
    yield "offered"
    page.offered.rows[3].accept.click()
    yield "offered-accepting"


def documents(studio: Studio) -> Iterator[str]:
    """Folders and documents, what failed, search, the preview at a passage, forgetting."""
    window, session = studio.window, studio.app.session
    studio.ready()
    page = studio.page("documents", DocumentsPage)
    until(lambda: len(page.rows) == 8)
    yield "documents"
    page.folders[601].failed.setChecked(True)
    page.rows[701].setFocus()
    yield "documents-failed"
    page.folders[601].failed.setChecked(False)
    page.search.setText("deposit paid")
    until(lambda: not page.results.searching)
    yield "documents-search"
    page.search.setText("zebra")
    until(lambda: not page.results.searching)
    yield "documents-none"
    page.search.clear()
    start = next(m.start for m in _passages(studio) if m.page == 2)
    window.desk.open(Place(701, start, start + 172))
    view = window.sheet
    assert isinstance(view, DocumentView)
    until(lambda: view.loaded)
    yield "preview"
    view.side.take(1)
    until(lambda: view.notes.loaded)
    yield "notes-none"
    view.notes.make.click()
    until(lambda: view.notes.notes is not None)
    yield "notes"
    view.close_sheet()
    window.desk.act("forget", 701)
    yield "forget-document"
    assert window.sheet is not None
    window.sheet.close_sheet()
    window.desk.unwatch(601)
    yield "unwatch"
    assert window.sheet is not None
    window.sheet.close_sheet()
    window.drop.show()
    window.drop.raise_()
    yield "drop"
    window.drop.hide()
    window.teaching.teach_text("The bicycle is insured until May 2027. " * 9)
    until(lambda: window.banner.isVisible())
    yield "taught"
    window.banner.hide()
    window.desk.act("ask", 701)
    yield "ask-about"
    page_of = window.chat
    page_of.composer.field.insertPlainText("How much is the deposit? Is it paid back?")
    page_of.composer._send()
    until(lambda: page_of.asking.turn is None and session.status is not None)
    wait(300)
    yield "sources"
    answer = page_of.transcript.answers()[-1]
    answer.sources.more.click()
    wait(200)
    page_of.transcript.verticalScrollBar().setValue(0)
    yield "sources-panel"
    answer.sources.more.click()
    answer.tools.behind.click()
    wait(200)
    page_of.transcript.verticalScrollBar().setValue(100000)
    yield "layers"
    answer.tools.behind.click()
    page_of.composer._choose("none")
    page_of.composer.field.insertFromMimeData(_long_text())
    yield "paste-offer"


def _passages(studio: Studio) -> list[Passage]:
    found: list[list[Passage]] = []
    call = studio.app.backend.send(Search(id="", text="deposit back"), list[Passage])
    call.then(found.append)
    until(lambda: bool(found))
    return found[0]


def _long_text() -> QMimeData:
    made = QMimeData()
    made.setText("The bicycle is insured until May 2027, and the cover includes theft. " * 30)
    return made


def facts(studio: Studio) -> Iterator[str]:
    """Facts with their dates, and the sheet that changes them."""
    studio.ready()
    page = studio.page("lessons", LessonsPage)
    until(lambda: "L-vega" in page.rows)
    yield "facts"
    page.rows["L-vega"].dates.click()
    yield "dates"
    assert isinstance(studio.window.sheet, ValiditySheet)
    studio.window.sheet.ended.setChecked(True)
    studio.window.sheet.until.show_day("2024-01-01")
    studio.window.sheet.confirm.click()
    until(studio.window.sheet.trouble.isVisible)
    yield "dates-refused"


def settings(studio: Studio) -> Iterator[str]:
    """The page from its top to its end, and the entry installed."""
    studio.ready()
    page = studio.page("settings", SettingsPage)
    until(lambda: bool(page.menus.rows) and page.stored.isVisible())
    yield "settings"
    page.night.on.click()
    page.night.at_hours.click()
    until(lambda: page.night._reason.isVisible())
    yield "settings-night"
    page.menus.rows["nautilus"].install.click()
    until(lambda: page.menus.rows["nautilus"].report.installed)
    yield "settings-installed"
    page.bring_into_sight(page.stored)
    yield "settings-stored"
    page._scroll.verticalScrollBar().setValue(100000)
    yield "settings-end"


def checks(studio: Studio) -> Iterator[str]:
    """A document and a lesson forgotten, and the check of each."""
    window = studio.window
    studio.ready()
    file = studio.home / "handbook.txt"
    file.write_text("Kestrel is the invoice service.", encoding="utf-8")
    window.teaching.teach([str(file)])
    page = studio.page("documents", DocumentsPage)
    until(lambda: any(x.path == str(file) for x in studio.app.session.documents))
    number = next(x.id for x in studio.app.session.documents if x.path == str(file))
    until(lambda: page.rows[number].document.state == "ready")
    yield "check-documents-page"
    window.desk.act("check", number)
    until(lambda: isinstance(s := window.sheet, CheckSheet) and bool(s.rows))
    yield "check-document-taught"
    assert window.sheet is not None
    window.sheet.close_sheet()
    window.desk.act("forget", number)
    assert isinstance(window.sheet, ForgetDocumentSheet)
    window.sheet.confirm.click()
    until(lambda: window.sheet is None)
    yield "check-offered"
    window.banner.check.click()
    until(lambda: isinstance(s := window.sheet, CheckSheet) and bool(s.rows))
    yield "check-document"
    assert window.sheet is not None
    window.sheet.close_sheet()
    lessons = studio.page("lessons", LessonsPage)
    for name in ("L-bullets", "L-email"):
        lessons._forget(name)
        asked = window.findChildren(ForgetSheet)[-1]
        asked.confirm.click()
        until(lambda: window.sheet is None)
    until(lambda: len(lessons.forgotten.checks) == 2)
    lessons.bring_into_sight(lessons.forgotten)
    yield "lessons-forgotten"
    lessons.forgotten.checks["L-bullets"].click()
    sheet = window.sheet
    assert isinstance(sheet, LessonCheckSheet)
    yield "check-lesson"
    sheet.probe.setText("What is a kestrel?")
    sheet.full.click()
    until(lambda: "Shard" in sheet._doing.text())
    yield "check-lesson-running"
    until(lambda: bool(sheet.rows))
    yield "check-lesson-done"
    sheet._scroll.verticalScrollBar().setValue(100000)
    yield "check-lesson-answers"


def many(studio: Studio) -> Iterator[str]:
    studio.ready()
    page = studio.page("lessons", LessonsPage)
    until(lambda: len(page.rows) == 40)
    page.search.setText("zebra")
    yield "lessons-none-fits"


def nothing(studio: Studio) -> Iterator[str]:
    """Every page of somebody who has taught nothing."""
    studio.ready()
    for name in ("documents", "lessons", "study", "learned"):
        studio.window.show_page(name)
        wait(200)
        yield f"{name}-empty"
    page = studio.page("checkup", CheckupPage)
    until(lambda: bool(page.rows))
    yield "checkup-fine"


def study(studio: Studio) -> Iterator[str]:
    """What waits and the last report, the session running, cancelled, and its report."""
    studio.ready()
    page = studio.page("study", StudyPage)
    until(lambda: page.report.report is not None)
    yield "study"
    page.start.go.click()
    until(lambda: (p := studio.app.session.progress) is not None and p.phase == "train")
    yield "studying"
    page.progress.cancel.click()
    until(lambda: studio.app.session.study is None)
    yield "study-stopped"
    page.start.go.click()
    until(lambda: studio.app.session.study is not None)
    until(lambda: studio.app.session.study is None, 20000)
    wait(300)
    yield "report"
    page.report.results[0].toggle()
    wait(200)
    page.bring_into_sight(page.report.results[0])
    yield "report-answers"
    page._scroll.verticalScrollBar().setValue(100000)
    yield "report-exam"


def morning(studio: Studio) -> Iterator[str]:
    """What the night did, on the empty chat and on the study page."""
    studio.ready()
    outcome = studio.outcome
    until(lambda: studio.app.session.morning is not None)
    yield f"morning-{outcome}-welcome"
    page = studio.page("study", StudyPage)
    until(lambda: page.morning.isVisible())
    yield f"morning-{outcome}"
    if page.morning.answers is not None:
        page.morning.answers.choice.take(1)
        wait(100)
        page._scroll.verticalScrollBar().setValue(100000)
        yield f"morning-{outcome}-own"


def history(studio: Studio) -> Iterator[str]:
    """The charts, the table, and two versions asked."""
    studio.ready()
    page = studio.page("history", HistoryPage)
    until(lambda: studio.app.session.knows("history"))
    many = len(studio.app.session.history.reports)
    yield f"history-{many}"
    if many not in (12, 200):
        return
    page.as_table.click()
    yield f"history-{many}-table"
    page.as_table.click()
    page.both.field.setText("Write an email to my landlord about the broken heater.")
    page.both.go.click()
    until(lambda: not page.both.asking)
    page.bring_into_sight(page.both)
    page._scroll.verticalScrollBar().setValue(100000)
    yield f"history-{many}-both"
    page.both.left.take(1)
    page.both.go.click()
    until(lambda: not page.both.asking)
    page._scroll.verticalScrollBar().setValue(100000)
    yield f"history-{many}-foreign"


def set_aside(studio: Studio) -> Iterator[str]:
    """A version that did not start, named and pinned ones, and how many are kept."""
    studio.ready()
    page = studio.page("learned", LearnedPage)
    until(lambda: len(page.rows) == 4)
    page.session.backend.send(
        ChangeAdapter(id="", version=1, name="Before the holidays", pinned=True), AdapterRecord
    )
    page.kept.last.setValue(0)
    page.kept._change()
    until(lambda: page.rows[1].pin.text() == "Unpin")
    page.rows[1].toggle()
    yield "set-aside"


def learned(studio: Studio) -> Iterator[str]:
    """The versions, another one in use, and the reset sheet with each of its choices."""
    window = studio.window
    studio.ready()
    page = studio.page("learned", LearnedPage)
    until(lambda: len(page.rows) == 3)
    page.rows[2].toggle()
    yield "learned"
    page.rows[2].export.click()
    export = window.sheet
    assert isinstance(export, ExportSheet)
    export.field.setText("four quiet owls")
    yield "export"
    export.close_sheet()
    page.rows[1].use.click()
    until(lambda: page.rows[1].active)
    yield "learned-rolled-back"
    window.banner.hide()
    page.reset.click()
    sheet = window.sheet
    assert isinstance(sheet, ResetSheet)
    until(sheet.confirm.isEnabled)
    yield "reset"
    sheet.choices["everything"].setChecked(True)
    wait(300)
    sheet.typed.setText("eras")
    yield "reset-everything"
    sheet.typed.setText("erase")
    sheet.confirm.click()
    until(lambda: window.sheet is None)
    wait(300)
    yield "reset-done"


def checkup(studio: Studio) -> Iterator[str]:
    studio.ready()
    page = studio.page("checkup", CheckupPage)
    until(lambda: bool(page.rows))
    yield "checkup"


def refused(studio: Studio) -> Iterator[str]:
    """Pages that could not be read."""
    studio.ready()
    studio.window.banner.hide()
    for name in ("lessons", "checkup"):
        studio.window.show_page(name)
        wait(300)
        yield f"{name}-refused"


PLAN: dict[str, tuple[Callable[[Studio], Iterator[str]], tuple[str, ...]]] = {
    "chat": (chat, ("--seed", "--delay", "0.002")),
    "crash": (crash, ("--seed", "--delay", "0.01")),
    "gate": (gate, ("--key", "passphrase")),
    "missing": (missing, ("--key", "missing")),
    "damaged": (damaged, ("--key", "missing", "--damaged")),
    "lessons": (lessons, ("--seed",)),
    "documents": (documents, ("--seed", "--delay", "0.001")),
    "offers": (offers, ("--seed", "--offers")),
    "facts": (facts, ("--seed", "--facts")),
    "many": (many, ("--seed", "--many", "60")),
    "nothing": (nothing, ("--fine",)),
    "study": (study, ("--seed", "--delay", "0.02")),
    "morning": (morning, ("--seed", "--night", "learned")),
    "held-back": (morning, ("--seed", "--night", "held-back")),
    "interrupted": (morning, ("--seed", "--night", "interrupted")),
    "notes-night": (morning, ("--seed", "--night", "notes")),
    "history": (history, ("--seed", "--sessions", "12")),
    "history-none": (history, ()),
    "history-one": (history, ("--seed", "--sessions", "1")),
    "history-many": (history, ("--seed", "--sessions", "200")),
    "learned": (learned, ("--seed",)),
    "set-aside": (set_aside, ("--seed", "--set-aside")),
    "checkup": (checkup, ()),
    "settings": (settings, ()),
    "checks": (checks, ("--seed", "--delay", "0.5")),
    "refused": (refused, ("--seed", "--fail", "listlessons,doctor")),
    "model": (no_model, ("--model", "missing")),
}


def main() -> None:
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    qt = QApplication(["nightschool"])
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[2:] or list(PLAN)
    width, _, height = os.environ.get("PICTURE_SIZE", "1180x780").partition("x")
    size = (int(width), int(height))
    for dark in (False, True):
        scheme = Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light
        for name in wanted:
            story, args = PLAN[name]
            studio = Studio(qt, out, size, scheme, *args)
            for picture in story(studio):
                studio.take(f"{picture}-{'dark' if dark else 'light'}")
            studio.close()


if __name__ == "__main__":
    main()
