"""Scenes of the window's bench: a real window over the real service, played inside its process."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil
from PySide6.QtCore import QEvent, QEventLoop, QMimeData, QObject, QTimer
from PySide6.QtWidgets import QApplication

from app.protocol import (
    Correct,
    FolderRecord,
    LessonRecord,
    NightReport,
    SetNight,
    WatchFolder,
    Wishes,
)
from tests.bench.wakes import WakeCounter, Wakes
from tests.ui import fake_texts as texts
from ui import application as composition
from ui.drafts import QuestionDraft
from ui.heartbeat import Beats, Heartbeat

PATIENCE_S = 180.0
LESSONS = (
    ("Write a short email to Priya.", "Hi Priya,\n\nCould we meet?\n\nCheers,\nSam"),
    ("Write a short email to Tom.", "Hi Tom,\n\nThe report is done.\n\nCheers,\nSam"),
)


class FirstPicture(QObject):
    """Says when a window was first drawn, then closes it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self.say)
        return False

    def say(self) -> None:
        """Now it is on the screen."""
        print(f"BENCH {time.monotonic()}", flush=True)
        for window in QApplication.topLevelWidgets():
            window.close()


def first_picture() -> None:
    """The very program a person starts, with an eye on its first picture."""
    eye = FirstPicture()
    show = composition.Application.start

    def start(made: composition.Application, *, hidden: bool = False) -> None:
        made.window.gate.installEventFilter(eye)
        show(made, hidden=hidden)

    composition.Application.start = start  # type: ignore
    composition.main([])


class Scene:
    """An opened window with a fresh record."""

    def __init__(self, home: Path, passphrase: str) -> None:
        self._qt = QApplication(["nightschool"])
        self.app = composition.Application(self._qt, home)
        self.window = self.app.window
        self.app.start()
        gate = self.window.gate
        self.until(lambda: gate.confirm.isVisible() or self.app.session.able)
        if gate.confirm.isVisible():
            gate.field.setText(passphrase)
            gate.confirm.setText(passphrase)
            gate._submit()
        status = self.app.session
        self.until(lambda: status.status is not None and status.status.model_state == "ready")
        self.wait(2.0)

    def close(self) -> None:
        """End it as a person does."""
        self.window.leave()

    def wait(self, seconds: float) -> None:
        """Let the window live for a while."""
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for something; raises TimeoutError when it does not come."""
        end = time.monotonic() + PATIENCE_S
        while not true():
            if time.monotonic() > end:
                raise TimeoutError
            self.wait(0.05)

    def ask(self, text: str) -> None:
        """Ask and wait for the whole reply."""
        self.window.chat._ask(QuestionDraft(text))
        self.until(lambda: self.window.chat.asking.turn is None)

    def chat(self) -> None:
        """Some talk, a reply with code and a table, and a correction half typed."""
        for question in ("Why is the sky blue?", "Write a Python function that reads a file."):
            self.ask(question)
        self.window.chat.transcript.answers()[-1].markdown.set_text(texts.MARKDOWN * 3)
        self.window.chat.correct()
        self.wait(1.0)

    def watch(self, name: str, question: str, seconds: float) -> tuple[Beats, float]:
        """The beat while one thing goes on, and the tokens a second of what was answered."""
        heart = Heartbeat(self.window)
        if name == "study":
            self._teach()
        heart.start()
        if name == "quiet":
            self.wait(seconds)
        elif name == "answer":
            self._answers(question, seconds)
        elif name == "study":
            self._study(seconds)
        else:
            self._paste()
        beats = heart.stop()
        self.app.session.stop_study()
        told = [v.message.timings for v in self.window.chat.transcript.answers() if v.message]
        speeds = [timing.tokens_per_s for timing in told if timing is not None]
        return beats, sum(speeds) / len(speeds) if speeds else 0.0

    def rest(self, seconds: float) -> tuple[Wakes, Wakes]:
        """An open window with a watched folder and the night turned on, and nobody there.

        What the window costs, and what the service with its children does.
        """
        papers = self.app.home / "papers"
        papers.mkdir()
        send = self.app.backend.send
        send(WatchFolder(id="", path=str(papers)), FolderRecord)
        send(SetNight(id="", wishes=Wishes(on=True)), NightReport)
        self.window.clearFocus()
        self.wait(30.0)
        (service,) = [one for one in psutil.Process().children() if "app.service" in one.cmdline()]
        family = [service, *service.children(recursive=True)]
        window, rest = WakeCounter([psutil.Process()]), WakeCounter(family)
        self.wait(seconds)
        return window.stop(), rest.stop()

    def _answers(self, question: str, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.ask(question)

    def _study(self, seconds: float) -> None:
        """The beginning of a session, and as long again once it trains (or until it ends)."""
        session = self.app.session
        session.start_study(5.0)
        self.wait(seconds)
        self.until(
            lambda: (
                session.study is None
                or (session.progress is not None and session.progress.phase == "train")
            )
        )
        self.wait(seconds)

    def _teach(self) -> None:
        for prompt, answer in LESSONS:
            request = Correct(id="", prompt=prompt, answer=answer, note="Emails end with Cheers.")
            self.app.backend.send(request, LessonRecord)
        self.until(lambda: len(self.app.session.lessons) == len(LESSONS))

    def _paste(self) -> None:
        pasted = QMimeData()
        pasted.setText("lorem ipsum dolor sit amet " * 38_000)
        chat = self.window.chat
        for _ in range(3):
            chat.composer.field.insertFromMimeData(pasted)
            self.wait(0.3)
            chat.composer._send()
            self.until(lambda: chat.asking.turn is None)
            self.wait(0.3)
            conversation = chat.conversation
            self.window.new_chat()
            self.wait(0.3)
            if conversation is not None:
                chat.open(conversation)
                self.until(lambda: bool(chat.transcript.views))
            self.wait(0.3)
            self.window.new_chat()
