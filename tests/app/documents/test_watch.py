"""A watch on real folders, with the system's real events and without them."""

from __future__ import annotations

import os
import queue
import random
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from app.documents import mount, watch
from app.documents.events import NoEventsError, Source
from app.documents.ignore import OWN_LIST, Ignore
from app.documents.observed import ObservedEvents
from app.documents.pace import Pace
from app.errors import LedgerError
from tests.app.documents.folder import QUICK, Memory, Watcher, put, save_atomically

Watching = Callable[..., Watcher]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with something in it."""
    put(tmp_path / "root" / "a.md")
    put(tmp_path / "root" / "sub" / "b.md")
    return tmp_path / "root"


@pytest.fixture
def watching() -> Iterator[Watching]:
    """Begins watches that end with the test."""
    begun: list[Watcher] = []

    def begin(root: Path, **options: object) -> Watcher:
        begun.append(Watcher(root, **options))
        return begun[-1]

    yield begin
    for watcher in begun:
        watcher.watch.stop()
        assert not watcher.watch.alive


def changes(root: Path) -> dict[str, Callable[[], object]]:
    outside = root.parent / "outside.md"
    return {
        "create": lambda: put(root / "new.md"),
        "change": lambda: put(root / "sub" / "b.md", "Other words."),
        "append": lambda: (root / "a.md").open("a").write("more"),
        "rename": lambda: (root / "a.md").rename(root / "z.md"),
        "move": lambda: (root / "a.md").rename(root / "sub" / "a.md"),
        "move in": lambda: put(outside).rename(root / "sub" / "in.md"),
        "move out": lambda: (root / "a.md").rename(outside),
        "delete": lambda: (root / "a.md").unlink(),
        "atomic save": lambda: save_atomically(root / "a.md", "Saved."),
        "folder renamed": lambda: (root / "sub").rename(root / "other"),
        "folder deleted": lambda: shutil.rmtree(root / "sub"),
        "permission": lambda: (root / "a.md").chmod(0o644),
        "deep folder at once": lambda: put(root / "x" / "y" / "z" / "deep.md"),
    }


@pytest.mark.parametrize("source", [watch.SOURCE, ObservedEvents], ids=["ours", "observed"])
@pytest.mark.filterwarnings("ignore:Callback with id")  # watchdog's own, of its own folders
@pytest.mark.parametrize("kind", list(changes(Path())))
def test_each_kind_of_change_calls_for_a_scan(
    root: Path, watching: Watching, kind: str, source: Source
) -> None:
    # What macOS and Windows use works here as well, on watchdog's own inotify.
    watcher = watching(root, source=source)
    watcher.scanned(1)
    assert watcher.watch.status() == watch.WatchStatus("watching", "events")
    changes(root)[kind]()
    watcher.scanned(2)


def test_a_change_in_a_folder_that_came_or_was_renamed_later(
    root: Path, watching: Watching
) -> None:
    watcher = watching(root)
    watcher.scanned(1)
    put(root / "new" / "c.md")
    watcher.scanned(2)
    (root / "new").rename(root / "renamed")
    watcher.scanned(3)
    put(root / "renamed" / "c.md", "Other words.")
    watcher.scanned(4)


def test_two_thousand_files_at_once_cost_few_scans(root: Path, watching: Watching) -> None:
    memory = Memory(root)
    watcher = watching(root, pace=Pace(quiet=0.4, patience=30, look=0.05))
    watcher.scanned(1)
    memory.rescan()
    for number in range(2000):
        put(root / f"{number % 20}" / f"{number}.md")
    watcher.scanned(2)
    assert len(memory.rescan().new) == 2000
    assert watcher.calls < 50


def test_reading_calls_for_no_scan(root: Path, watching: Watching) -> None:
    watcher = watching(root)
    watcher.scanned(1)
    memory = Memory(root)
    for _ in range(5):
        memory.rescan()
        (root / "a.md").read_text()
    put(root / "last.md")  # events come in order: this one is the first to count
    watcher.scanned(2)
    assert watcher.calls == 2


def test_what_is_ignored_calls_for_no_scan(root: Path, watching: Watching) -> None:
    put(root / ".git" / "objects" / "x")
    put(root / "node_modules" / "y" / "z.js")
    home = root / "Nightschool"
    put(home / "ledger.txt")
    watcher = watching(root, apart=(home,))
    watcher.scanned(1)
    for ignored in (
        ".git/objects/new", "node_modules/y/new.js", "Nightschool/ledger.txt", "~$a.docx",
        "sub/x.tmp",
    ):  # fmt: skip
        put(root / ignored, "Other words.")
    put(root / "last.md")
    watcher.scanned(2)
    assert watcher.calls == 2


def test_a_new_list_of_what_to_ignore_is_heeded(root: Path, watching: Watching) -> None:
    watcher = watching(root)
    watcher.scanned(1)
    put(root / OWN_LIST, "sub/\n")
    watcher.scanned(2)
    calls = watcher.calls
    put(root / "sub" / "b.md", "Other words.")
    put(root / "last.md")
    watcher.scanned(calls + 1)
    (root / OWN_LIST).unlink()
    watcher.scanned(calls + 2)
    calls = watcher.calls
    put(root / "sub" / "b.md", "Words again.")
    watcher.scanned(calls + 1)


def test_pause_and_resume(root: Path, watching: Watching) -> None:
    watcher = watching(root)
    watcher.scanned(1)
    watcher.watch.pause()
    watcher.is_state("paused")
    calls = watcher.calls
    put(root / "meanwhile.md")
    watcher.watch.resume()
    watcher.is_state("watching")
    watcher.scanned(calls + 1)
    assert watcher.calls == calls + 1
    put(root / "after.md")
    watcher.scanned(calls + 2)


def test_a_root_that_goes_and_comes_back(root: Path, watching: Watching) -> None:
    watcher = watching(root)
    watcher.scanned(1)
    shutil.rmtree(root)
    assert "cannot be reached" in watcher.is_state("missing").why
    calls = watcher.calls
    put(root / "back.md")
    watcher.is_state("watching")
    watcher.scanned(calls + 1)
    calls = watcher.calls
    put(root / "more.md")
    watcher.scanned(calls + 1)


def test_a_root_that_is_replaced_by_another_folder(root: Path, watching: Watching) -> None:
    watcher = watching(root)
    watcher.scanned(1)
    put(root.parent / "other" / "c.md")
    root.rename(root.parent / "aside")
    (root.parent / "other").rename(root)
    watcher.scanned(2)
    calls = watcher.calls
    put(root / "c.md", "Other words.")
    watcher.scanned(calls + 1)


def test_a_root_that_was_never_there(tmp_path: Path, watching: Watching) -> None:
    watcher = watching(tmp_path / "later")
    watcher.is_state("missing")
    assert watcher.calls == 0
    put(tmp_path / "later" / "a.md")
    watcher.scanned(1)


def test_an_empty_mount_point_is_a_missing_drive(tmp_path: Path, watching: Watching) -> None:
    empty = tmp_path / "mount"
    empty.mkdir()
    watcher = watching(empty, device=empty.stat().st_dev + 1)
    assert "drive" in watcher.is_state("missing").why
    assert watcher.calls == 0
    put(empty / "a.md")
    watcher.scanned(1)


def test_a_linked_root_is_followed_to_where_it_leads(root: Path, watching: Watching) -> None:
    (root.parent / "link").symlink_to(root)
    watcher = watching(root.parent / "link")
    watcher.scanned(1)
    put(root / "sub" / "new.md")
    watcher.scanned(2)


def test_links_out_of_the_root_are_not_watched(root: Path, watching: Watching) -> None:
    outside = put(root.parent / "outside" / "x.md")
    (root / "out").symlink_to(outside.parent)
    (root / "loop").symlink_to(root)
    watcher = watching(root)
    watcher.scanned(1)
    put(outside, "Other words.")
    put(root / "last.md")
    watcher.scanned(2)
    assert watcher.calls == 2


@pytest.mark.skipif(sys.platform != "linux", reason="inotify's limit")
def test_more_folders_than_our_share_are_polled_and_it_says_so(
    root: Path, watching: Watching
) -> None:
    for number in range(5):
        (root / str(number)).mkdir()
    watcher = watching(root, room=4)
    watcher.scanned(1)
    status = watcher.watch.status()
    assert (status.state, status.how) == ("watching", "polling")
    assert "more folders" in status.why
    watcher.scanned(4)  # by the clock


@pytest.mark.skipif(sys.platform != "linux", reason="inotify's limit")
def test_folders_that_come_later_than_the_room_for_them(root: Path, watching: Watching) -> None:
    watcher = watching(root, room=4)
    watcher.scanned(1)
    assert watcher.watch.status().how == "events"
    for number in range(5):
        (root / str(number)).mkdir()
    watcher.is_how("polling")
    watcher.scanned(watcher.calls + 2)


LIMITED = """
    import sys
    from pathlib import Path
    Path("/proc/sys/user", sys.argv[2]).write_text(sys.argv[3])
    from tests.app.documents.folder import Watcher
    watcher = Watcher(Path(sys.argv[1]))
    watcher.scanned(2)
    status = watcher.watch.status()
    watcher.watch.stop()
    print(status.state, status.how, status.why)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="inotify's limits")
@pytest.mark.parametrize(
    ("limit", "value", "expected"),
    [("max_inotify_watches", "1", "more folders"), ("max_inotify_instances", "0", "more programs")],
)
def test_the_kernels_own_limits_reached(root: Path, limit: str, value: str, expected: str) -> None:
    # The limits of a user namespace of its own: nobody else's are touched.
    apart = ["unshare", "--user", "--map-root-user"]
    if shutil.which("unshare") is None or subprocess.run([*apart, "true"], check=False).returncode:
        pytest.skip("no user namespaces here")
    done = subprocess.run(
        [*apart, sys.executable, "-c", textwrap.dedent(LIMITED), str(root), limit, value],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.stdout.startswith("watching polling"), done.stderr
    assert expected in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="inotify's own trouble")
def test_lost_events_and_a_reader_that_dies(root: Path, watching: Watching) -> None:
    from watchdog.observers.inotify_c import InotifyConstants, InotifyEvent

    from app.documents.inotify import InotifyEvents

    made: queue.Queue[InotifyEvents] = queue.Queue()

    class Told(InotifyEvents):
        def start(self) -> None:
            super().start()
            made.put(self)

    watcher = watching(root, source=Told)
    watcher.scanned(1)
    events = made.get(timeout=20)
    events._reader.handle_event(InotifyEvent(-1, InotifyConstants.IN_Q_OVERFLOW, 0, b""))
    watcher.scanned(2)
    for _ in range(4):
        events._reader.stop()
        events = made.get(timeout=20)  # it is begun again, and again
    watcher.is_how("polling")
    assert "stopped telling" in watcher.watch.status().why
    watcher.scanned(watcher.calls + 2)


@pytest.mark.skipif(sys.platform != "linux", reason="inotify's own trouble")
def test_a_storm_of_moves_leaves_every_folder_watched(root: Path) -> None:
    from app.documents.inotify import InotifyEvents

    events = InotifyEvents(Ignore.of(root), lambda list_changed: None)
    events.start()
    rolls = random.Random(7)
    for _ in range(700):
        folders = [root, *(path for path in root.rglob("*") if path.is_dir())][:30]
        one, other = rolls.choice(folders), rolls.choice(folders)
        with suppress(OSError):
            match rolls.randrange(4):
                case 0:
                    (one / f"d{rolls.randrange(9)}" / "e").mkdir(parents=True, exist_ok=True)
                case 1:
                    put(one / f"f{rolls.randrange(9)}.md")
                case 2 if one != root:
                    one.rename(other / f"m{rolls.randrange(9)}")
                case 3 if one != root and rolls.random() < 0.3:
                    shutil.rmtree(one)
    there = {root, *(path for path in root.rglob("*") if path.is_dir())}
    end = time.monotonic() + 20
    while set(events._watches) != there and time.monotonic() < end:
        time.sleep(0.02)
    watched = set(events._watches)
    events.stop()
    assert watched == there
    assert len(there) > 10


def test_setting_up_is_broken_off(root: Path) -> None:
    with pytest.raises(NoEventsError):
        watch.SOURCE(Ignore.of(root), print, room=None, given_up=lambda: True).start()


def test_a_network_drive_is_polled(
    root: Path, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = mount.Mount("nfs4", events=False, steady_inodes=False)
    monkeypatch.setattr(watch, "mount_of", lambda folder: network)
    watcher = watching(root)
    watcher.scanned(3)
    assert "tells of no changes" in watcher.watch.status().why


def test_a_failed_scan_is_told_and_tried_again(root: Path) -> None:
    failing = [LedgerError("No", "The ledger is away.", "Wait."), OSError(5, "Input/output error")]

    def scan() -> None:
        if failing:
            raise failing.pop()

    told: queue.Queue[str] = queue.Queue()
    watched = watch.Watch(root, scan, pace=QUICK, on_status=lambda status: told.put(status.trouble))
    watched.start()
    troubles = [told.get(timeout=20) for _ in range(4)]
    watched.stop()
    assert troubles == ["", "The scan failed: Input/output error.", "The ledger is away.", ""]


def test_a_watch_can_be_stopped_while_it_sets_up(root: Path) -> None:
    for number in range(300):
        (root / f"{number:03}" / "x").mkdir(parents=True)
    watched = watch.Watch(root, lambda: None, pace=QUICK)
    watched.start()
    watched.stop()
    assert not watched.alive
    assert watched.status().state == "stopped"
