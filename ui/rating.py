"""Rating: “Not helpful” under an answer, and that it was copied, told to the service."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.protocol import ErrorInfo, NoteCopied, Rate
from ui.answer_view import AnswerView
from ui.session import Session


class Rating(QObject):
    """What the chat does with what is thought of answers; nothing is learned from it by itself."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session

    def dress(self, view: AnswerView) -> None:
        """Connect an answer's view."""
        view.rated.connect(self._rate)
        view.copied.connect(self._copied)

    def _rate(self, view: AnswerView, unhelpful: bool) -> None:
        if view.message is None:
            return

        def failed(error: ErrorInfo) -> None:
            view.show_rating(unhelpful=not unhelpful)
            self._session.failed(error)

        request = Rate(id="", message_id=view.message.id, unhelpful=unhelpful)
        self._session.backend.send(request, type(None)).then(lambda _: None, failed)

    def _copied(self, view: AnswerView) -> None:
        if view.message is not None and view.message.id >= 0:
            request = NoteCopied(id="", message_id=view.message.id)
            # Whether this is written down is nothing to bother the person with.
            self._session.backend.send(request, type(None))
