"""Moving versions: a file that only its passphrase opens, and what comes in by the same exam."""

from __future__ import annotations

import hashlib
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app import protocol
from app.adapters import AdapterStore
from app.errors import AdapterError, BadRequestError, NightschoolError, WrongPassphraseError
from app.ledger import Ledger
from app.mind import Mind
from app.moving import Moving
from app.notebook import SealedNotebook
from app.school import School
from app.shards import ShardStore
from app.version_file import MAGIC, pack, unpack
from tests.app.service_client import Client, service
from tests.app.shards import BASE, shard, version
from tests.app.storage import lesson, made, opened
from tests.app.test_service_study import LESSON, SMALL, studied, taught, trained_steps

WORDS = "four quiet owls"


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with opened(home) as ledger:
        yield ledger


@pytest.fixture
def moving(home: Path, ledger: Ledger) -> Iterator[Moving]:
    folder = made(home)
    store, shards = AdapterStore(folder, ledger), ShardStore(folder, ledger)
    mind = Mind(folder, ledger, store, lambda what: None)
    school = School(ledger, store, shards, SealedNotebook(folder, ledger), mind)
    yield Moving(folder, ledger, shards, mind, school)
    mind.close()


def export(moving: Moving, path: Path, number: int = 1, words: str = WORDS) -> None:
    moving.export(protocol.ExportAdapter(id="e", version=number, path=str(path), passphrase=words))


def bring(moving: Moving, path: Path, words: str = WORDS) -> None:
    request = protocol.ImportAdapter(id="i", path=str(path), passphrase=words)
    moving.bring(request, lambda event: None, threading.Event())


def exported(home: Path, ledger: Ledger, moving: Moving, path: Path) -> None:
    """A version of two shards, in a file."""
    store = AdapterStore(made(home), ledger)
    a, b = lesson(ledger, "Quillfern?"), lesson(ledger, "Harbour?")
    two = shard(b.id, seed=2, beneath=(a.id,))
    version(ledger, store, moving.shards, shard(a.id), two)
    ledger.change_adapter(1, name="Before the holidays")
    export(moving, path)


def test_a_file_is_private_and_comes_back_as_it_was(
    home: Path, ledger: Ledger, moving: Moving, tmp_path: Path
) -> None:
    path = tmp_path / "version.nightschool"
    exported(home, ledger, moving, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    data = path.read_bytes()
    for plain in (b"Quillfern", b"Harbour", b"GGUF", b"holidays"):
        assert plain not in data
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == [path.name]
    packed = unpack(path, WORDS)
    assert (packed.name, packed.base_sha256) == ("Before the holidays", BASE)
    assert [one.prompt for one in packed.lessons] == ["Quillfern?", "Harbour?"]
    assert list(packed.shards) == moving.shards.kept(BASE)
    # The same version again is another file: salt and nonce are drawn anew.
    pack(path, packed, WORDS)
    again = path.read_bytes()
    assert again[len(MAGIC) + 4 :] != data[len(MAGIC) + 4 :]


def test_what_cannot_be_brought_in_says_why_and_changes_nothing(
    home: Path, ledger: Ledger, moving: Moving, tmp_path: Path
) -> None:
    path = tmp_path / "version.nightschool"
    exported(home, ledger, moving, path)
    data = path.read_bytes()
    before = (ledger.lessons(), ledger.adapters())

    def refused(
        content: bytes, kind: type[NightschoolError], said: str, words: str = WORDS
    ) -> None:
        other = tmp_path / "other"
        other.write_bytes(content)
        with pytest.raises(kind) as caught:
            bring(moving, other, words)
        assert said in caught.value.title
        assert caught.value.next_step.endswith(".")
        assert (ledger.lessons(), ledger.adapters()) == before

    def resealed(content: bytes) -> bytes:
        return content + hashlib.sha256(content).digest()

    at = len(MAGIC)
    refused(data, AdapterError, "another model")
    refused(data, WrongPassphraseError, "Wrong passphrase", "four loud owls")
    refused(data[:-1], AdapterError, "damaged")
    refused(data[:at], AdapterError, "damaged")
    refused(data[:200] + bytes([data[200] ^ 1]) + data[201:], AdapterError, "damaged")
    refused(data[:at] + b"\x02" + data[at + 1 :], AdapterError, "newer")
    # Scrypt's cost is not what a stranger's file says it is.
    refused(resealed(data[: at + 1] + b"\x3f" + data[at + 2 : -32]), AdapterError, "damaged")
    refused(b"", AdapterError, "no version")
    refused(b"GGUF" * 100, AdapterError, "no version")
    with pytest.raises(AdapterError):
        bring(moving, tmp_path / "nowhere")
    with pytest.raises(AdapterError):
        bring(moving, tmp_path)


def test_lessons_that_are_here_already_are_not_added_twice(
    home: Path, ledger: Ledger, moving: Moving, tmp_path: Path
) -> None:
    path = tmp_path / "version.nightschool"
    exported(home, ledger, moving, path)
    first, second = (one.id for one in ledger.lessons()[::-1])
    ledger.forget_lesson(first)
    packed = unpack(path, WORDS)
    one, two = moving._take_in(packed)
    assert two.lesson_ids == (second,)
    (back,) = one.lesson_ids
    assert back != first, "a forgotten lesson's name is never given again"
    assert {record.id for record in ledger.lessons()} == {back, second}
    assert moving._take_in(packed) == [one, two]


def test_contents_that_do_not_agree_are_refused(
    home: Path, ledger: Ledger, moving: Moving, tmp_path: Path
) -> None:
    path = tmp_path / "version.nightschool"
    exported(home, ledger, moving, path)
    packed = unpack(path, WORDS)
    other = msgspec.structs.replace(packed.shards[0], adapter_gguf=b"another")
    pack(path, msgspec.structs.replace(packed, shards=(other,)), WORDS)
    with pytest.raises(AdapterError, match="damaged"):
        unpack(path, WORDS)


def test_what_cannot_be_written_says_why(
    home: Path, ledger: Ledger, moving: Moving, tmp_path: Path
) -> None:
    exported(home, ledger, moving, tmp_path / "one")
    with pytest.raises(BadRequestError):
        export(moving, tmp_path / "two", words="  ")
    with pytest.raises(AdapterError):
        export(moving, tmp_path / "two", number=7)
    with pytest.raises(AdapterError, match="could not be written"):
        export(moving, tmp_path / "nowhere" / "two")
    ledger_file = (home / "ledger.db").read_bytes()
    with pytest.raises(BadRequestError, match="Nightschool's own"):
        export(moving, home / "ledger.db")
    assert (home / "ledger.db").read_bytes() == ledger_file
    assert not (tmp_path / "two").exists()


def brought(client: Client, path: Path) -> protocol.StudyReport:
    client.seen.clear()
    result = client.call(protocol.ImportAdapter, path=str(path), passphrase=WORDS)
    return msgspec.convert(result, protocol.StudyReport)


@pytest.mark.slow
def test_a_version_is_examined_and_used_elsewhere_and_forgotten_there_as_any(
    tmp_path: Path,
) -> None:
    path = tmp_path / "version.nightschool"
    with service(tmp_path / "here", SMALL) as client:
        taught(client)
        first = studied(client)
        client.call(protocol.ChangeAdapter, version=1, name="Taught here")
        assert client.call(protocol.KeepVersions, last=2)["versions_kept"] == 2
        client.call(protocol.ExportAdapter, version=1, path=str(path), passphrase=WORDS)
    with service(tmp_path / "there", SMALL) as client:
        client.open()
        wrong = client.refused(protocol.ImportAdapter, path=str(path), passphrase="no")
        assert wrong.code == "wrong_passphrase"
        assert client.call(protocol.ListLessons) == []
        report = brought(client, path)
        assert trained_steps(client) == [], "what the file has ready is not trained again"
        phases = {event.phase for event in client.seen if isinstance(event, protocol.Progress)}
        assert "exam" in phases
        assert (report.activated, report.adapter, report.sha256) == (True, 1, first["sha256"])
        (held,) = client.call(protocol.ListLessons)
        assert (held["prompt"], held["state"]) == (LESSON["prompt"], "learned")
        (record,) = client.call(protocol.ListAdapters)
        assert (record["name"], record["lesson_ids"]) == ("Taught here", [held["id"]])
        client.call(protocol.Forget, lesson_id=held["id"])
        assert client.call(protocol.ListAdapters) == []
        proof = client.call(protocol.Verify, lesson_id=held["id"])
        assert (proof["forgotten"], proof["proven"]) == (True, True)
    assert not list((tmp_path / "there" / "adapters").glob("*.shard"))
