"""OCR: pages that are pictures go to Tesseract; its double here is a real child of the worker.

What the real one reads is tested at the end, where it is installed.
"""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pypdfium2
import pytest

from app.checkup import scan_findings
from app.documents import tesseract
from app.documents.extracted import Extracted
from app.documents.limits import Limits
from app.documents.reader import Reader
from app.documents.tesseract import Tesseract
from app.errors import DocumentError, StoppedError
from tests.app.documents import made_files

ROOT = Path(__file__).resolve().parents[3]
NEVER = threading.Event()
SQUARE = b"0 g 100 100 200 200 re f"
GREY = b"0.5 g 100 100 200 200 re f"
HALTING = b"0 g 0 0 612 400 re f"
WRONG = "some may be wrong."

# Half a page of black keeps it busy for ever; a grey square makes it fail.
DOUBLE = """#!{python} -IB
import os, sys, time
if "--list-langs" in sys.argv:
    print("List of available languages in /usr (3):\\neng\\ndeu\\nosd")
    sys.exit()
head = sys.stdin.buffer.readline().split()
width, height = int(head[1]), int(head[2])
pixels = sys.stdin.buffer.read()
assert head[0] == b"P5" and len(pixels) == width * height
black = pixels.count(0)
if black > len(pixels) // 3:
    time.sleep(600)
if not black:
    sys.exit(1)
{act}
print("black", black > 0, *sys.argv[1:], end="\\n\\f")
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the double is a script")


@pytest.fixture
def double(tmp_path: Path) -> Path:
    return install(tmp_path)


def install(folder: Path, act: str = "") -> Path:
    program = folder / "tesseract"
    program.write_text(DOUBLE.format(python=sys.executable, act=act), encoding="utf-8")
    program.chmod(0o700)
    return program


def read(
    folder: Path, data: bytes, program: Path | None, limits: Limits | None = None
) -> Extracted:
    path = folder / "scan.pdf"
    path.write_bytes(data)
    with closing(Reader(limits, lambda: program)) as reader:
        return reader.read(path, NEVER)


def test_a_scan_is_read_page_by_page_and_says_so(tmp_path: Path, double: Path) -> None:
    found = read(tmp_path, made_files.pdf(SQUARE, SQUARE), double)
    line = "black True stdin stdout -l deu+eng --psm 1 --dpi 200"
    assert found.text == f"{line}\n\n{line}"
    assert found.page_starts == (0, len(line) + 2)
    assert found.note == f"Its words were recognised by Tesseract; {WRONG}"


def test_only_pages_without_text_are_recognised(tmp_path: Path, double: Path) -> None:
    found = read(tmp_path, made_files.pdf("first page", SQUARE, "", "last page"), double)
    second, last = found.text.index("black"), found.text.index("last page")
    assert found.text.startswith("first page\n\nblack True")
    assert found.page_starts == (0, second, last, last)
    assert found.note == f"Tesseract recognised the words of 1 of its 4 pages; {WRONG}"


def test_tesseract_is_used_as_soon_as_it_is_installed(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(made_files.pdf(SQUARE))
    here: list[Path] = []
    with closing(Reader(find_tesseract=lambda: here[0] if here else None)) as reader:
        before = reader.read(path, NEVER)
        here.append(install(tmp_path))
        after = reader.read(path, NEVER)
    assert not before.text
    assert before.note.endswith("Install Tesseract and teach it again, then its words can be read.")
    assert after.text.startswith("black True")


def test_what_is_read_in_the_time_is_kept(tmp_path: Path, double: Path) -> None:
    data = made_files.pdf(SQUARE, HALTING, *[SQUARE] * 58)
    found = read(tmp_path, data, double, Limits(seconds=4))
    assert found.text.startswith("black True")
    assert len(found.page_starts) == 60
    assert found.note == f"Tesseract read 1 of its 60 pages in the time there is; {WRONG}"


def test_a_page_that_fails_does_not_take_the_others_with_it(tmp_path: Path, double: Path) -> None:
    found = read(tmp_path, made_files.pdf(SQUARE, GREY, SQUARE), double)
    assert found.text.count("black True") == 2
    assert found.note == f"Tesseract could read only 2 of its 3 pages; {WRONG}"


def test_a_huge_page_is_drawn_smaller(tmp_path: Path) -> None:
    program = install(tmp_path, "print('fits', width * height < 20_100_000)")
    found = read(tmp_path, made_files.pdf(SQUARE, size="14000 9000"), program)
    assert found.text.startswith("fits True\nblack True")


def test_a_page_of_one_colour_starts_nothing(tmp_path: Path, double: Path) -> None:
    found = read(tmp_path, made_files.pdf(b"0 g 0 0 612 792 re f"), double)
    assert not found.text
    assert found.note.endswith("a picture of each page. Tesseract found no words in it.")


def test_a_page_that_takes_too_long_to_draw_is_left_unread(tmp_path: Path, double: Path) -> None:
    curves = b"9 9 m 600 9 9 700 600 700 c S " * 800_000
    found = read(tmp_path, made_files.pdf(curves, SQUARE), double, Limits(seconds=4))
    assert (found.text, len(found.page_starts)) == ("", 2)
    assert found.note == "Tesseract read none of its pages in the time there is."


def test_tesseract_has_the_workers_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSCHOOL_PASSPHRASE", "a secret of ours")
    act = """
import resource
print(os.nice(0), *resource.getrlimit(resource.RLIMIT_FSIZE), os.environ["OMP_THREAD_LIMIT"])
print("NIGHTSCHOOL_PASSPHRASE" in os.environ, resource.getrlimit(resource.RLIMIT_CPU)[1] < 60)
print(resource.getrlimit(resource.RLIMIT_AS)[0] < 2**31)
"""
    found = read(tmp_path, made_files.pdf(SQUARE), install(tmp_path, act))
    memory = sys.platform == "linux"
    assert found.text.splitlines()[:3] == ["19 0 0 1", "False True", str(memory)]


def test_a_worker_starts_and_ends_no_other_program(tmp_path: Path, double: Path) -> None:
    program = """
import os, subprocess, sys
from pathlib import Path
from app.documents.tesseract import Tesseract
from app.documents.worker import give_up_rights
tesseract = Tesseract(Path(sys.argv[1]))
give_up_rights(tesseract)
print(*tesseract.languages())
def other(): subprocess.run(["true"])
def dressed_up(): subprocess.run([sys.argv[1]], executable="/bin/sh")
def kill(): os.kill(os.getppid(), 0)
def write(): open(sys.argv[1] + "2", "w")
def write_here(): os.open(sys.argv[1], os.O_RDWR)
for act in (other, dressed_up, kill, write, write_here):
    try:
        act()
    except OSError as error:
        print(act.__name__, type(error).__name__)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(double)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    acts = ("other", "dressed_up", "kill", "write", "write_here")
    assert done.stdout.splitlines() == ["deu eng", *(f"{act} PermissionError" for act in acts)]


# ------------------------------------------------------------------------ nothing stays behind


def busy(folder: Path) -> Iterator[tuple[psutil.Process, psutil.Process]]:
    """Workers and their Tesseracts that are at work for ever, as they turn up below us."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for one in psutil.Process().children(recursive=True):
            with_it = [str(folder / "tesseract"), "stdin"]
            try:
                if all(word in one.cmdline() for word in with_it):
                    yield one.parent(), one
            except psutil.Error:  # it ended meanwhile
                continue
        time.sleep(0.05)


def is_gone(process: psutil.Process) -> bool:
    """Whether it ends within some seconds; a zombie, which waits for its parent, has ended."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def test_stop_ends_tesseract_too(tmp_path: Path, double: Path) -> None:
    stop = threading.Event()
    (tmp_path / "scan.pdf").write_bytes(made_files.pdf(HALTING))
    told: list[BaseException] = []

    def read_it() -> None:
        try:
            reader.read(tmp_path / "scan.pdf", stop)
        except StoppedError as error:
            told.append(error)

    with closing(Reader(find_tesseract=lambda: double)) as reader:
        thread = threading.Thread(target=read_it)
        thread.start()
        worker, started = next(busy(tmp_path))
        stop.set()
        thread.join()
    assert told
    assert is_gone(worker)
    assert is_gone(started)


def test_a_worker_that_is_killed_takes_tesseract_with_it(tmp_path: Path, double: Path) -> None:
    started: list[psutil.Process] = []

    def kill() -> None:
        worker, its = next(busy(tmp_path))
        started.append(its)
        worker.kill()

    thread = threading.Thread(target=kill)
    thread.start()
    with pytest.raises(DocumentError, match="ended by SIGKILL"):
        read(tmp_path, made_files.pdf(HALTING), double)
    thread.join()
    assert is_gone(started[0])


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends when its time is over")
def test_tesseract_ends_when_nobody_is_left_to_end_it(tmp_path: Path, double: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(made_files.pdf(HALTING))
    program = (
        "import sys, threading; from pathlib import Path; from app.documents.reader import Reader;"
        "program, path = map(Path, sys.argv[1:]);"
        "Reader(find_tesseract=lambda: program).read(path, threading.Event())"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(double), str(tmp_path / "scan.pdf")], cwd=ROOT
    )
    worker, started = next(busy(tmp_path))
    parent.kill()
    parent.wait()
    worker.kill()
    assert is_gone(started)


# ------------------------------------------------------------------------------ what is installed


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere other places are looked at, too")
def test_only_tesseract_itself_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, links = tmp_path / "real", tmp_path / "links"
    real.mkdir()
    links.mkdir()
    program = install(real)
    monkeypatch.setenv("PATH", str(links))
    assert tesseract.find() is None
    (links / "tesseract").symlink_to(program)
    assert tesseract.find() == program
    (links / "tesseract").unlink()
    (links / "tesseract").symlink_to("/bin/sh")
    assert tesseract.find() is None
    monkeypatch.chdir(real)
    monkeypatch.setenv("PATH", ".")
    assert tesseract.find() is None


def test_of_many_languages_the_systems_and_english_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "tesseract"
    script = (
        '#!/bin/sh\nif [ "$1" = --list-langs ]\nthen printf "Languages:\\nafr\\namh\\ndeu\\neng\\n'
        'fra\\nosd\\nscript/Latin\\n"\nelse cat > /dev/null; echo "$@"\nfi\n'
    )
    program.write_text(script, encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", "fr_CH.UTF-8")
    assert Tesseract(program).languages() == ["afr", "amh", "deu", "eng", "fra"]
    assert " -l fra+eng " in read(tmp_path, made_files.pdf(SQUARE), program).text


def test_the_check_up_tells_of_it(tmp_path: Path, double: Path) -> None:
    (missing,) = scan_findings(None)
    (there,) = scan_findings(double)
    (dumb,) = scan_findings(tmp_path / "gone")
    assert (missing.severity, there.severity, dumb.severity) == ("note", "ok", "note")
    assert "not installed" in missing.message
    assert there.message == "Tesseract reads them, in these languages: deu, eng."
    assert "no language" in dumb.message


# -------------------------------------------------------------------------------- the real one


def photographed(data: bytes) -> bytes:
    """A PDF's pages as pictures of them, without any text."""
    source, scan = pypdfium2.PdfDocument(data), pypdfium2.PdfDocument.new()
    for page in source:
        size = page.get_size()
        picture = pypdfium2.PdfImage.new(scan)
        picture.set_bitmap(page.render(scale=2.5, grayscale=True))
        picture.set_matrix(pypdfium2.PdfMatrix().scale(*size))
        new = scan.new_page(*size)
        new.insert_obj(picture)
        new.gen_content()
    out = io.BytesIO()
    scan.save(out)
    return out.getvalue()


@pytest.mark.skipif(tesseract.find() is None, reason="Tesseract is not installed")
def test_the_real_tesseract_reads_words(tmp_path: Path) -> None:
    lines = ("The rent is due on the third of each month.", "The parrot is called Juniper.")
    found = read(tmp_path, photographed(made_files.pdf(*lines)), tesseract.find())
    assert found.text == "\n\n".join(lines)
    assert found.page_starts == (0, len(lines[0]) + 2)
    assert found.note == f"Its words were recognised by Tesseract; {WRONG}"
