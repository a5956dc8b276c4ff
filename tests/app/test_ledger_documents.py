"""Documents in the ledger: queued, kept whole, found by their words, and gone when forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from app.erase import find_in_ledger
from app.errors import BadRequestError
from app.ledger import Ledger
from app.memory.words import query
from app.protocol import Provenance, Source
from tests.app.documents_in_ledger import WIDTH, document, passages, stat
from tests.app.storage import KEY, made, opened


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with opened(home) as ledger:
        yield ledger


def found(ledger: Ledger, question: str) -> list[str]:
    ids = [id_ for id_, _ in ledger.word_search(query(question), 10)]
    return [passage.text for passage in ledger.passages(ids)]


def test_a_file_waits_until_it_is_read_and_is_queued_once(ledger: Ledger) -> None:
    first = ledger.add_document("/a.txt", "a.txt", stat())
    second = ledger.add_document("/b.txt", "b.txt", stat())
    assert ledger.add_document("/a.txt", "a.txt", stat(size=7)) == first
    assert ledger.count_waiting() == 2
    waiting = ledger.next_waiting()
    assert waiting is not None
    assert (waiting.id, waiting.path, waiting.stat.size) == (first, "/a.txt", 7)
    assert [record.id for record in ledger.documents()] == [second, first]


def test_what_was_read_is_kept_with_its_places(home: Path) -> None:
    with opened(home) as ledger:
        id_ = document(ledger, "/notes.txt", "The first part.", "The second part.")
    with opened(home) as ledger:
        read = ledger.document_text(id_)
        assert read.text == "The first part.\n\nThe second part."
        assert read.page_starts == (0,)
        assert (read.document.state, read.document.passages) == ("ready", 2)
        for passage in ledger.passages(ledger.passages_of(id_)):
            assert passage.text == read.text[passage.start : passage.end]
            assert passage.title == "Title of /notes.txt"
        assert ledger.next_waiting() is None


def test_what_was_read_in_part_is_read_once_more_when_it_is_taught_again(ledger: Ledger) -> None:
    whole, scan = (document(ledger, path, "Some words.") for path in ("/a.txt", "/b.pdf"))
    extracted, found = passages("Some words.")
    extracted = msgspec.structs.replace(extracted, note="It seems to be a scan.")
    ledger.keep_document(scan, extracted, found, title="b.pdf", sha256="dd" * 32)
    for path in ("/a.txt", "/b.pdf"):
        ledger.add_document(path, path, stat())
    digests: dict[int, str] = {}
    while (waiting := ledger.next_waiting(without=tuple(digests))) is not None:
        digests[waiting.id] = waiting.sha256
    assert bool(digests[whole])
    assert digests[scan] == ""


def test_reading_again_takes_the_place_of_what_was_read(ledger: Ledger) -> None:
    id_ = document(ledger, "/a.txt", "The parrot is called Juniper.")
    ledger.read_again(id_)
    assert found(ledger, "parrot"), "what was read before serves until it is read again"
    extracted, new = passages("The parrot is called Rosemary.")
    kept = ledger.keep_document(id_, extracted, new, title="a", sha256="cd" * 32)
    assert ledger.passages_of(id_) == kept
    assert found(ledger, "Juniper") == []
    assert found(ledger, "Rosemary") == ["The parrot is called Rosemary."]
    assert ledger.count_passages() == 1


def test_what_cannot_be_read_any_more_is_not_found_any_more(ledger: Ledger) -> None:
    id_ = document(ledger, "/a.txt", "The parrot is called Juniper.")
    ledger.read_again(id_)
    assert ledger.fail_document(id_, "It is damaged.")
    assert found(ledger, "parrot") == []
    assert ledger.document_text(id_).text == ""
    assert ledger.next_waiting() is None


def test_a_pasted_text_is_safe_before_it_is_read(ledger: Ledger) -> None:
    first = ledger.add_text("A note", "Tea is at four.")
    second = ledger.add_text("A note", "Tea is at four.")
    assert first != second
    ledger.fail_document(first, "The embedder did not load.")
    assert ledger.document_text(first).text == "Tea is at four."


def test_an_unchanged_file_is_ready_again_without_being_read(ledger: Ledger) -> None:
    id_ = document(ledger, "/a.txt", "The parrot is called Juniper.")
    ledger.add_document("/a.txt", "a.txt", stat(modified_ns=5))
    assert ledger.document(id_).state == "waiting"
    ledger.settle_document(id_, stat(modified_ns=5))
    assert ledger.next_waiting() is None
    assert ledger.document(id_).state == "ready"
    assert found(ledger, "parrot")


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Die Häuser stehen in Zürich.", "hauser"),
        ("Deploying is done by hand.", "How do I deploy?"),
        ("東京都の天気は晴れです。", "京都"),
        ("오늘 회의는 세 시입니다.", "회의"),
        ("Le café est fermé", "CAFE"),
    ],
)
def test_words_are_found_in_any_script(ledger: Ledger, text: str, question: str) -> None:
    document(ledger, "/a.txt", text, "Something else entirely.")
    assert found(ledger, question) == [text]


@pytest.mark.parametrize(
    "question", ['"', "a AND OR NOT", "x*", "-", "col:on ^2", "(((", "' --", ""]
)
def test_a_question_is_never_read_as_an_expression(ledger: Ledger, question: str) -> None:
    document(ledger, "/a.txt", "x and y or z, not a colon")
    asked = query(question)
    assert asked == "" or ledger.word_search(asked, 5) is not None


def test_a_search_is_limited_by_folder_document_type_and_date(ledger: Ledger) -> None:
    folder = ledger.add_folder("/f")
    inside = document(ledger, "/f/a.txt", "apple one", folder_id=folder.id)
    outside = document(ledger, "/b.pdf", "apple two", type_="pdf")
    mine, other = ledger.passages_of(inside)[0], ledger.passages_of(outside)[0]

    def within(**limits: object) -> list[int]:
        allowed = ledger.passages_within(**limits)  # type: ignore[arg-type]
        assert allowed is not None
        return [id_ for id_, _ in ledger.word_search(query("apple"), 5, allowed)]

    assert ledger.passages_within() is None
    assert within(folder_ids=[folder.id]) == [mine]
    assert within(document_ids=[outside]) == [other]
    assert sorted(within(document_ids=[outside], folder_ids=[folder.id])) == [mine, other]
    assert within(types=["pdf"]) == [other]
    assert within(since_ns=stat().modified_ns + 1) == []
    assert sorted(within(since_ns=stat().modified_ns)) == [mine, other]


def test_vectors_come_back_as_they_were_given(ledger: Ledger) -> None:
    id_ = document(ledger, "/a.txt", "one", "two", "three")
    ids, vectors = ledger.vectors(0, 2)
    assert ids.tolist() == ledger.passages_of(id_)[:2]
    assert vectors.shape == (2, WIDTH)
    assert np.allclose(np.linalg.norm(vectors.astype(np.float32), axis=1), 1, atol=1e-2)
    rest, _ = ledger.vectors(int(ids[-1]), 2)
    assert rest.tolist() == ledger.passages_of(id_)[2:]
    assert len(ledger.vectors(int(rest[-1]), 2)[0]) == 0


def test_a_forgotten_document_is_nowhere_in_the_file(home: Path) -> None:
    with opened(home) as ledger:
        gone = document(ledger, "/secret.txt", "The zanzibarine vault opens with quokkaberry.")
        document(ledger, "/other.txt", "Nothing of interest.")
        chat = ledger.new_conversation("A chat")
        source = Source(
            number=1,
            document_id=gone,
            passage_id=ledger.passages_of(gone)[0],
            title="Title of /secret.txt",
            text="The zanzibarine vault opens with quokkaberry.",
            start=0,
            end=45,
            used=True,
        )
        said = ledger.add_message(
            chat, "assistant", "It is open.", provenance=Provenance(model="m", sources=(source,))
        )
        passages_gone = ledger.passages_of(gone)
        assert ledger.forget_documents([gone]) == passages_gone
        ledger.scrub()
        provenance = ledger.message(said.id).provenance
        assert provenance is not None
        assert [(s.number, s.text, s.title) for s in provenance.sources] == [(1, "", "")]
        assert ledger.rows_naming("secret") == {}
        assert ledger.rows_naming("zanzibarine") == {}
        with pytest.raises(BadRequestError):
            ledger.document(gone)
    needles = [b"zanzibar", b"quokka", b"secret.txt"]
    assert find_in_ledger(made(home).ledger, KEY, needles) == []


def test_a_reply_in_the_making_does_not_bring_a_forgotten_document_back(ledger: Ledger) -> None:
    gone = document(ledger, "/secret.txt", "A secret.")
    source = Source(
        number=1, document_id=gone, passage_id=1, title="t", text="A secret.", start=0, end=9
    )
    provenance = Provenance(model="m", sources=(source,))
    said = ledger.add_message(ledger.new_conversation("c"), "assistant", "", provenance=provenance)
    ledger.forget_documents([gone])
    ledger.update_message(
        said.id, text="Done.", state="complete", provenance=provenance, timings=None
    )
    kept = ledger.message(said.id).provenance
    assert kept is not None
    assert kept.sources[0].text == ""


def test_a_folder_counts_what_there_is_of_it(ledger: Ledger) -> None:
    folder = ledger.add_folder("/f")
    assert ledger.add_folder("/f") == folder
    document(ledger, "/f/read.txt", "x", folder_id=folder.id)
    bad = ledger.add_document("/f/bad.pdf", "bad.pdf", stat(), folder.id)
    ledger.fail_document(bad, "It is damaged.")
    assert (ledger.document(bad).state, ledger.document(bad).reason) == ("failed", "It is damaged.")
    ledger.add_document("/f/left.txt", "left.txt", stat(), folder.id)
    counts = ledger.folder_counts(folder.id)
    assert (counts.read, counts.failed, counts.left) == (1, 1, 1)
    assert ledger.pause_folder(folder.id, True).paused
    assert [known.path for known in ledger.known_files(folder.id)] == [
        "/f/read.txt", "/f/bad.pdf", "/f/left.txt",
    ]  # fmt: skip
    ledger.remove_folder(folder.id)
    assert ledger.folders() == []
    assert len(ledger.documents()) == 3
    with pytest.raises(BadRequestError):
        ledger.folder(folder.id)
