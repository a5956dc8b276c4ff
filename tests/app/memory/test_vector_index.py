"""The index on real Chroma in a real child: recall, generations, damage, and sudden deaths."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from app.errors import BadRequestError, IndexDiedError
from app.memory.exact import ExactIndex
from app.memory.memory_client import MemoryClient
from app.memory.vector_index import Batch, VectorIndex
from tests.app.memory.vectors import clustered, near

COUNT = 3000
IDS = np.arange(1, COUNT + 1, dtype=np.int64)
VECTORS = clustered(COUNT)
FEW = slice(0, 300)


def batches(of: slice = slice(None)) -> list[Batch]:
    return [(IDS[of], VECTORS[of])]


def ids_of(found: list[tuple[int, float]]) -> list[int]:
    return [id_ for id_, _ in found]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def index(folder: Path, client: MemoryClient) -> Iterator[VectorIndex]:
    """An index of nothing yet; its child stays for the next test."""
    index = VectorIndex(folder, client)
    yield index
    index.erase()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished generation "g" of all vectors, closed in good order; only to be copied."""
    folder = tmp_path_factory.mktemp("large")
    client = MemoryClient()
    index = VectorIndex(folder, client)
    assert index.build("g", batches()) == COUNT
    index.close()
    client.close()
    return folder


def test_it_finds_what_exact_search_finds(large: Path, folder: Path, client: MemoryClient) -> None:
    shutil.copytree(large, folder)
    index = VectorIndex(folder, client)
    assert index.open("g", COUNT)
    exact = ExactIndex()
    exact.add(IDS, VECTORS)
    queries = near(VECTORS, 60)
    same = 0
    for vector in queries:
        found, right = index.search(vector, 10), exact.search(vector, 10)
        same += len(set(ids_of(found)) & set(ids_of(right)))
        assert [c for _, c in found] == pytest.approx(
            exact.cosines(vector, ids_of(found)), abs=2e-3
        )
    assert same / (10 * len(queries)) >= 0.98
    index.close()


def test_passages_come_and_go(index: VectorIndex) -> None:
    vector = VECTORS[5].astype(np.float32)
    assert index.build("g", batches(FEW)) == 300
    index.add(IDS[300:520], VECTORS[300:520])
    assert ids_of(index.search(VECTORS[510].astype(np.float32), 1)) == [511]
    assert ids_of(index.search(vector, 1)) == [6]
    index.remove(np.array([6, 99_999]))
    assert 6 not in ids_of(index.search(vector, 50))
    index.add(np.array([6]), VECTORS[5:6])
    index.add(np.array([7]), VECTORS[5:6])  # a new vector for a passage that is there
    assert set(ids_of(index.search(vector, 2))) == {6, 7}
    assert len(index.search(vector, 1000)) == 520
    assert index.search(vector, 0) == []
    assert index.open("g", 520)  # opened again, with all that was added


def test_an_empty_index(index: VectorIndex) -> None:
    assert index.build("g", []) == 0
    assert index.search(VECTORS[0].astype(np.float32), 5) == []
    index.close()
    assert index.open("g", 0)


def test_what_is_not_open_says_so(index: VectorIndex) -> None:
    assert not index.open("g", 0)
    assert not index.is_open
    with pytest.raises(IndexDiedError):
        index.search(VECTORS[0].astype(np.float32), 5)
    with pytest.raises(IndexDiedError):
        index.add(IDS[:1], VECTORS[:1])
    index.close()


def test_it_is_there_again_after_a_restart(folder: Path, own_client: MemoryClient) -> None:
    index = VectorIndex(folder, own_client)
    index.build("g", batches(FEW))
    index.add(IDS[300:310], VECTORS[300:310])
    own_client.close()  # what was added is marked as finished by the child as it ends
    client = MemoryClient()
    index = VectorIndex(folder, client)
    assert not index.open("g", 300)
    assert index.open("g", 310)
    assert ids_of(index.search(VECTORS[305].astype(np.float32), 1)) == [306]
    client.close()


def test_another_generation_is_shredded(index: VectorIndex, folder: Path) -> None:
    index.build("g1", batches(FEW))
    assert not index.open("g2", 300)
    assert files(folder) == []
    index.build("g2", batches(FEW))
    index.build("g3", batches(FEW))
    assert [path.name for path in folder.iterdir()] == ["g3"]
    index.erase()
    assert list(folder.iterdir()) == []
    assert not index.is_open


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", ".hidden", "/etc"])
def test_a_generation_is_a_plain_name(index: VectorIndex, name: str) -> None:
    with pytest.raises(BadRequestError):
        index.build(name, [])


def test_only_this_user_can_read_it(index: VectorIndex, folder: Path) -> None:
    index.build("g", batches(FEW))
    index.add(IDS[300:310], VECTORS[300:310])
    index.save()
    assert len(files(folder)) > 4
    for path in folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_build_that_is_broken_off_counts_for_nothing(
    folder: Path, own_client: MemoryClient, client: MemoryClient
) -> None:
    def broken() -> Iterator[Batch]:
        yield IDS[FEW], VECTORS[FEW]
        raise KeyboardInterrupt

    index = VectorIndex(folder, own_client)
    with pytest.raises(KeyboardInterrupt):
        index.build("g", broken())
    assert not index.is_open
    own_client.close()  # in good order, which must not make the half whole
    index = VectorIndex(folder, client)
    assert not index.open("g", 300)
    assert index.build("g", batches(FEW)) == 300
    index.erase()


# ------------------------------------------------------------------ damage


def damaged(path: Path, how: str) -> None:
    data = path.read_bytes()
    if how == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif how == "zeros":
        path.write_bytes(bytes(len(data)))
    elif how == "noise":
        middle = len(data) // 2
        path.write_bytes(data[:middle] + os.urandom(64) + data[middle + 64 :])
    else:
        path.unlink()


@pytest.mark.parametrize("how", ["cut", "zeros", "noise", "gone"])
def test_a_damaged_file_is_noticed_and_the_index_built_anew(
    large: Path, folder: Path, client: MemoryClient, how: str
) -> None:
    pid = client.pid
    index = VectorIndex(folder, client)
    seen = 0
    for original in files(large):
        if original.stat().st_size == 0:
            continue
        shutil.copytree(large, folder)
        damaged(folder / original.relative_to(large), how)
        assert not index.open("g", COUNT), original.name
        index.erase()
        folder.rmdir()
        seen += 1
    assert seen >= 6
    assert client.pid == pid  # no damaged file came as far as Chroma's own code
    assert index.build("g", batches(FEW)) == 300
    assert ids_of(index.search(VECTORS[5].astype(np.float32), 1)) == [6]
    index.erase()


def test_a_file_too_many_is_noticed(large: Path, folder: Path, client: MemoryClient) -> None:
    shutil.copytree(large, folder)
    (folder / "g" / "chroma.sqlite3-journal").write_bytes(b"left by something")
    assert not VectorIndex(folder, client).open("g", COUNT)


def test_files_that_vanish_while_it_is_open_raise_or_answer(
    large: Path, folder: Path, own_client: MemoryClient
) -> None:
    shutil.copytree(large, folder)
    index = VectorIndex(folder, own_client)
    assert index.open("g", COUNT)
    shutil.rmtree(folder / "g")
    try:
        index.search(VECTORS[5].astype(np.float32), 5)
        index.add(IDS[:100] + COUNT, VECTORS[:100])
        index.save()
    except IndexDiedError:
        assert not index.is_open
    assert index.build("g", batches(FEW)) == 300


# ------------------------------------------------------------------ sudden deaths


def test_a_child_killed_during_a_build(folder: Path, own_client: MemoryClient) -> None:
    index = VectorIndex(folder, own_client)

    def deadly() -> Iterator[Batch]:
        yield IDS[FEW], VECTORS[FEW]
        os.kill(own_client.pid, signal.SIGKILL)
        yield IDS[300:600], VECTORS[300:600]

    with pytest.raises(IndexDiedError):
        index.build("g", deadly())
    assert not index.is_open
    assert not index.open("g", 300)
    assert not index.open("g", 600)
    assert index.build("g", batches(FEW)) == 300
    assert ids_of(index.search(VECTORS[5].astype(np.float32), 1)) == [6]


@pytest.mark.parametrize("signal_", [signal.SIGKILL, signal.SIGSEGV])
def test_a_child_that_dies_while_searched_is_noticed_and_what_was_saved_is_there(
    folder: Path, own_client: MemoryClient, signal_: signal.Signals
) -> None:
    index = VectorIndex(folder, own_client)
    index.build("g", batches(FEW))
    vector = VECTORS[5].astype(np.float32)
    threading.Timer(0.05, os.kill, (own_client.pid, signal_)).start()
    with pytest.raises(IndexDiedError):
        while True:
            assert ids_of(index.search(vector, 1)) == [6]
    assert not index.is_open
    with pytest.raises(IndexDiedError):  # a new child has not opened it
        index.search(vector, 1)
    assert index.open("g", 300)
    assert ids_of(index.search(vector, 1)) == [6]


def test_what_was_added_and_not_saved_is_in_doubt_after_a_kill(
    folder: Path, own_client: MemoryClient
) -> None:
    index = VectorIndex(folder, own_client)
    index.build("g", batches(FEW))
    index.add(IDS[300:310], VECTORS[300:310])
    index.save()
    os.kill(own_client.pid, signal.SIGKILL)
    with pytest.raises(IndexDiedError):
        index.add(IDS[310:311], VECTORS[310:311])
    assert index.open("g", 310)
    index.add(IDS[310:311], VECTORS[310:311])
    os.kill(own_client.pid, signal.SIGKILL)
    assert not index.open("g", 310)
    assert not index.open("g", 311)


def test_a_killed_service_takes_its_child_along(folder: Path) -> None:
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from app.memory.memory_client import MemoryClient\n"
        "from app.memory.vector_index import VectorIndex\n"
        "client = MemoryClient()\n"
        "VectorIndex(Path(sys.argv[1]), client).build('g', [])\n"
        "print(client.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-P", "-c", program, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert psutil.wait_procs([child], timeout=10)[1] == []
