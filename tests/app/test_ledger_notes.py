"""Notes in the ledger: kept step by step, of one text only, and gone with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.erase import find_in_ledger
from app.ledger import Ledger
from tests.app.documents_in_ledger import document, passages, vector
from tests.app.storage import KEY, made, opened

QUESTION, ANSWER = "What is the parrot called?", "The parrot answers to Juniper."
SUMMARY = "This tells of a zebra-striped parrot."


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with opened(home) as ledger:
        yield ledger


def begun(ledger: Ledger, document_id: int) -> str:
    """Begin notes of two parts; the text's hash."""
    draft = ledger.begin_notes(document_id, "a-model", 2, 2)
    assert draft is not None
    return draft.sha256


def noted(ledger: Ledger, document_id: int) -> None:
    """Whole notes with one question."""
    sha256 = begun(ledger, document_id)
    (first, *rest) = ledger.passages_of(document_id)
    assert ledger.keep_part_note(document_id, sha256, 1, "Zebra note.")
    assert ledger.keep_summary(document_id, sha256, SUMMARY)
    assert ledger.keep_question(document_id, sha256, first, QUESTION, ANSWER, vector(5))
    assert all(ledger.keep_question(document_id, sha256, one) for one in rest)
    assert ledger.finish_notes(document_id, sha256)


def test_notes_are_kept_and_read(ledger: Ledger) -> None:
    id_ = document(ledger, "/a.txt", "The parrot is called Juniper.", "It is striped.")
    assert ledger.notes(id_) is None
    noted(ledger, id_)
    notes = ledger.notes(id_)
    assert notes is not None
    assert (notes.summary, notes.model, notes.parts, notes.parts_read) == (SUMMARY, "a-model", 2, 2)
    (question,) = notes.questions
    assert (question.question, question.answer) == (QUESTION, ANSWER)
    assert (question.start, question.end) == (0, 29)
    (asked,) = ledger.asked_passages()
    assert (asked.noted, asked.text) == (question, "The parrot is called Juniper.")
    assert asked.vector.tobytes() == vector(5)


def test_what_was_begun_goes_on_and_what_was_finished_begins_anew(ledger: Ledger) -> None:
    id_ = document(ledger, "/a.txt", "One.", "Two.")
    sha256 = begun(ledger, id_)
    ledger.keep_part_note(id_, sha256, 2, "A note.")
    ledger.keep_question(id_, sha256, ledger.passages_of(id_)[1])
    draft = ledger.begin_notes(id_, "a-model", 2, 2)
    assert draft is not None
    assert draft.part_notes == {2: "A note."}
    assert draft.tried == {ledger.passages_of(id_)[1]}
    other = ledger.begin_notes(id_, "another-model", 2, 2)
    assert other is not None
    assert not other.part_notes
    noted(ledger, id_)
    anew = ledger.begin_notes(id_, "a-model", 2, 2)
    assert anew is not None
    assert (anew.summary, anew.part_notes, anew.tried) == (None, {}, frozenset())


def test_the_smallest_without_notes_comes_first(ledger: Ledger) -> None:
    large = document(ledger, "/large.txt", "One.", "Two.", "Three.")
    small = document(ledger, "/small.txt", "One.")
    ledger.add_text("Waiting", "Not read yet.")
    assert ledger.without_notes() == [small, large]
    noted(ledger, small)
    begun(ledger, large)
    assert ledger.without_notes() == [large]


def test_another_text_has_no_notes(ledger: Ledger) -> None:
    id_ = document(ledger, "/a.txt", "The parrot is called Juniper.")
    noted(ledger, id_)
    sha256 = begun(ledger, id_)
    old = ledger.passages_of(id_)[0]
    extracted, new = passages("The parrot is called Rosemary.")
    ledger.keep_document(id_, extracted, new, title="a", sha256="cd" * 32)
    assert ledger.notes(id_) is None
    assert not ledger.keep_summary(id_, sha256, "Of the old text.")
    assert not ledger.keep_question(id_, sha256, old, QUESTION, ANSWER, vector(1))
    assert not ledger.finish_notes(id_, sha256)
    assert ledger.without_notes() == [id_]


@pytest.mark.parametrize("how", ["forgotten", "failed"])
def test_notes_go_with_the_document_in_every_way(home: Path, how: str) -> None:
    with opened(home) as ledger:
        id_ = document(ledger, "/a.txt", "Something plain.")
        noted(ledger, id_)
        begun(ledger, id_)
        ledger.keep_part_note(id_, begun(ledger, id_), 1, "Zebra note.")
        noted(ledger, document(ledger, "/b.txt", "Something else."))
        if how == "forgotten":
            ledger.forget_documents([id_])
        else:
            ledger.fail_document(id_, "It is damaged.")
        assert ledger.notes(id_) is None
        assert ledger.rows_naming("Zebra note") == {}
        assert ledger.rows_naming("Juniper") == {"document_questions": 1}, "the other document's"
        ledger.forget_documents([one.id for one in ledger.documents()])
        ledger.scrub()
    words = [b"Juniper", b"zebra-striped", b"Zebra note", QUESTION.encode()]
    assert list(find_in_ledger(made(home).ledger, KEY, words)) == []
