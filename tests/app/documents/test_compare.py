"""What became of files, told from stats alone: real changes on a real disk."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from app.documents.compare import Changes, Known, compare
from app.documents.scan import Found
from tests.app.documents.folder import Memory, found, put, save_atomically


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    """A folder with four known files in it."""
    root = tmp_path / "root"
    for name in ("a.md", "b.md", "sub/c.md", "sub/d.md"):
        put(root / name, f"This is {name}.")
    remembered = Memory(root)
    assert len(remembered.rescan().new) == 4
    assert not remembered.rescan()
    return remembered


def paths(pairs: tuple[tuple[Known, Found], ...], root: Path) -> list[tuple[str, str]]:
    return [
        (os.path.relpath(known.path, root), os.path.relpath(file.path, root))
        for known, file in pairs
    ]


def test_new_changed_and_gone(memory: Memory) -> None:
    put(memory.root / "e.md")
    put(memory.root / "a.md", "Longer than it was before.")
    (memory.root / "b.md").unlink()
    changes = memory.rescan()
    assert [one.path.name for one in changes.new] == ["e.md"]
    assert paths(changes.changed, memory.root) == [("a.md", "a.md")]
    assert [Path(one.path).name for one in changes.gone] == ["b.md"]
    assert changes.moved == ()


def test_an_atomic_save_is_a_change_even_with_equal_size_and_time(memory: Memory) -> None:
    before = (memory.root / "a.md").stat()
    save_atomically(memory.root / "a.md", "This is A.md.")
    os.utime(memory.root / "a.md", ns=(before.st_atime_ns, before.st_mtime_ns))
    changes = memory.rescan()
    assert paths(changes.changed, memory.root) == [("a.md", "a.md")]
    assert not changes.new
    assert not changes.gone


def test_renames_and_moves_are_not_read_again(memory: Memory) -> None:
    (memory.root / "a.md").rename(memory.root / "sub" / "renamed.md")
    changes = memory.rescan()
    assert paths(changes.moved, memory.root) == [("a.md", "sub/renamed.md")]
    assert changes == Changes(moved=changes.moved)
    (memory.root / "sub").rename(memory.root / "other")
    changes = memory.rescan()
    assert len(changes.moved) == 3
    assert changes == Changes(moved=changes.moved)


def test_a_move_over_another_known_file(memory: Memory) -> None:
    (memory.root / "a.md").replace(memory.root / "b.md")
    changes = memory.rescan()
    assert paths(changes.moved, memory.root) == [("a.md", "b.md")]
    assert [Path(one.path).name for one in changes.gone] == ["b.md"]


def test_two_files_that_swap_their_names(memory: Memory) -> None:
    (memory.root / "a.md").rename(memory.root / "t")
    (memory.root / "b.md").rename(memory.root / "a.md")
    (memory.root / "t").rename(memory.root / "b.md")
    changes = memory.rescan()
    assert sorted(paths(changes.moved, memory.root)) == [("a.md", "b.md"), ("b.md", "a.md")]
    assert changes == Changes(moved=changes.moved)


def test_a_moved_file_that_was_edited_is_read_anew(memory: Memory) -> None:
    (memory.root / "a.md").rename(memory.root / "z.md")
    put(memory.root / "z.md", "Edited after the move.")
    changes = memory.rescan()
    assert [one.path.name for one in changes.new] == ["z.md"]
    assert [Path(one.path).name for one in changes.gone] == ["a.md"]


def test_a_second_hard_link_is_new_and_the_first_stays(memory: Memory) -> None:
    os.link(memory.root / "a.md", memory.root / "also.md")
    changes = memory.rescan()
    assert [one.path.name for one in changes.new] == ["also.md"]
    assert not changes.moved
    assert not changes.gone
    (memory.root / "a.md").unlink()
    assert [Path(one.path).name for one in memory.rescan().gone] == ["a.md"]


def test_what_could_not_be_seen_is_not_gone(memory: Memory) -> None:
    rows = memory.rows
    hidden = compare(rows, [], unseen=[str(memory.root / "sub")])
    assert sorted(Path(one.path).name for one in hidden.gone) == ["a.md", "b.md"]
    assert not compare(rows, [], unseen=[str(memory.root)])
    assert len(compare(rows, [], unseen=[str(memory.root / "su")]).gone) == 4


def test_a_device_with_a_new_number_changes_nothing(memory: Memory) -> None:
    assert not compare(
        [replace(row, device=row.device + 1) for row in memory.rows], found(memory.root)
    )


def test_without_steady_inodes_paths_alone_name_a_file(memory: Memory) -> None:
    rows = [replace(row, inode=row.inode + 1000) for row in memory.rows]
    assert len(compare(rows, found(memory.root)).changed) == 4
    assert not compare(rows, found(memory.root), inodes=False)
    (memory.root / "a.md").rename(memory.root / "z.md")
    changes = compare(memory.rows, found(memory.root), inodes=False)
    assert [one.path.name for one in changes.new] == ["z.md"]
    assert [Path(one.path).name for one in changes.gone] == ["a.md"]


def test_rows_without_an_inode_still_match_by_path(memory: Memory) -> None:
    rows = [replace(row, inode=0, device=0) for row in memory.rows]
    assert not compare(rows, found(memory.root))
