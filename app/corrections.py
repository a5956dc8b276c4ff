"""Corrections: what a person corrected becomes a lesson, once it is found sound and sorted."""

from __future__ import annotations

from pathlib import Path

from app import protocol
from app.errors import BadRequestError
from app.ledger import Ledger
from app.protocol import LessonRecord
from app.text import clean
from learner.lesson import Kind, Lesson, LessonFileError, problems_of, read_lessons
from learner.sorting import kind_of


def correct(ledger: Ledger, request: protocol.Correct) -> LessonRecord:
    """Make a lesson of a correction; durable when this returns. Raises BadRequestError."""
    asked, rejected = request.prompt, request.rejected
    if request.message_id is not None:
        asked, rejected = _exchange(ledger, request.message_id)
    return _add(ledger, asked, rejected, request)


def add_file(ledger: Ledger, path: str) -> list[LessonRecord]:
    """Read a lesson file; all of it or, when a line is wrong, nothing. Raises BadRequestError."""
    try:
        lessons = read_lessons(Path(path).expanduser(), Lesson)
    except LessonFileError as error:
        raise BadRequestError(error.title, error.message, error.next_step) from error
    return [
        _add(
            ledger,
            lesson.prompt,
            lesson.rejected,
            protocol.Correct(
                id="", answer=lesson.corrected, note=lesson.note, kind=lesson.kind.value
            ),
        )
        for lesson in lessons
    ]


def _exchange(ledger: Ledger, message_id: int) -> tuple[str, str]:
    """The question before a reply, and the reply."""
    messages = ledger.messages(ledger.conversation_of(message_id))
    index = next(i for i, message in enumerate(messages) if message.id == message_id)
    question = next((m for m in reversed(messages[:index]) if m.role == "user"), None)
    if messages[index].role != "assistant" or question is None:
        raise BadRequestError(
            "Only answers can be corrected",
            "This message is not the answer to a question.",
            "Choose an answer of the assistant.",
        )
    return question.text, messages[index].text


def accept(ledger: Ledger, request: protocol.AcceptProposal) -> LessonRecord:
    """Make a lesson of an offer, as the person wants it; durable when this returns.

    Raises BadRequestError.
    """
    proposal = ledger.proposal(request.proposal_id)
    answer = request.answer if request.answer is not None else proposal.corrected
    note = request.note if request.note is not None else proposal.note
    lesson = _sound(proposal.prompt, proposal.rejected, answer, note, request.kind)
    return ledger.accept_proposal(proposal.id, lesson)


def _add(ledger: Ledger, asked: str, rejected: str, request: protocol.Correct) -> LessonRecord:
    lesson = _sound(asked, rejected, request.answer, request.note, request.kind)
    return ledger.teach(lesson, request.message_id)


def _sound(
    asked: str, rejected: str, answer: str, note: str, kind: protocol.KindName | None
) -> Lesson:
    """The lesson of a correction, sorted. Raises BadRequestError where nothing can be learned."""
    asked, rejected, corrected, note = [
        clean(text).strip() for text in (asked, rejected, answer, note)
    ]
    lesson = Lesson(
        id="new",
        kind=Kind(kind) if kind else kind_of(asked, corrected, note),
        prompt=asked,
        corrected=corrected,
        rejected=rejected,
        note=note,
    )
    if problems := problems_of(lesson):
        raise BadRequestError(
            "This cannot become a lesson", " ".join(problems), "Change it, and save it again."
        )
    return lesson
