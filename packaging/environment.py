"""Set-up: makes the environment and the starter models, once, on any system with Python 3.11."""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from setup_error import SetupError

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
OLDEST = (3, 11)

TORCH = "torch==2.13.0"
CPU_TORCH = "https://download.pytorch.org/whl/cpu"
"""Where PyTorch's makers publish builds without CUDA; asked only as `prefer_cpu_torch` says."""

APT = (
    "sudo apt install build-essential cmake git make python3-venv "
    "libdbus-1-3 libegl1 libfontconfig1 libgl1 libxcb-cursor0 libxkbcommon-x11-0 libxkbcommon0 "
    "libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0"
)
WINDOW_LIBRARIES = ("libEGL.so.1", "libxkbcommon.so.0", "libxcb-cursor.so.0", "libdbus-1.so.3")


def main() -> int:
    """Set everything up (or find it done, in a fraction of a second); 0 done, 1 with a sentence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", metavar="FOLDER")
    parser.add_argument(
        "--torch-index",
        default=os.environ.get("TORCH_INDEX", ""),
        metavar="URL",
        help="package index to take PyTorch from (default: pip's own)",
    )
    told = parser.parse_args()
    try:
        check_python()
        set_up(told.venv, told.torch_index)
    except SetupError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    return 0


def set_up(venv: Path, torch_index: str = "") -> None:
    """Bring `venv` to what pyproject.toml and constraints.txt say, and the starter models into it.

    Raises SetupError with a remedy. A broken-off run is taken up where it stopped: only the stamp
    written at the end makes an environment count as finished.
    """
    python = python_of(venv)
    stamp = venv / "nightschool-setup.txt"
    if not (python.exists() and stamp.exists() and stamp.read_text() == recipe()):
        started = time.monotonic()
        check_compiler(python)
        create(venv, python)
        install(python, torch_index)
        stamp.write_text(recipe())
        print(f"set-up: the environment took {time.monotonic() - started:.0f} s", flush=True)
        explain_missing_libraries()
    if not models_ready(python):
        run([str(python), str(ROOT / "packaging" / "starter_models.py")], "the starter models")


def recipe() -> str:
    """What an environment was made from; another text means it must be brought up to date.

    The folder is part of it because an environment does not survive being moved.
    """
    digest = hashlib.sha256()
    for path in (ROOT / "pyproject.toml", CONSTRAINTS):
        digest.update(path.read_bytes())
    return f"{ROOT} {sys.version_info[0]}.{sys.version_info[1]} {digest.hexdigest()}\n"


def python_of(venv: Path) -> Path:
    """The interpreter inside an environment."""
    return venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def models_ready(python: Path) -> bool:
    """Whether the starter models lie where the application looks for them (a `stat` each)."""
    import starter_models  # after check_python: an old interpreter could not read it

    told = os.environ.get("NIGHTSCHOOL_STARTER_MODELS")
    inside = python.parent.parent / "share" / "nightschool" / "models"
    return starter_models.ready(Path(told) if told else inside)


# ------------------------------------------------------------------ before anything is made


def check_python() -> None:
    """Raise SetupError when this interpreter cannot carry Nightschool."""
    if sys.version_info < OLDEST:
        have = ".".join(map(str, sys.version_info[:3]))
        raise SetupError(
            f"Nightschool needs Python {OLDEST[0]}.{OLDEST[1]} or newer, and this is {have}. "
            "Install a newer one and name it: make run PYTHON=python3.11"
        )
    try:
        import ensurepip
        import venv  # noqa: F401 - Debian ships both in a package of its own
    except ImportError:
        raise SetupError(
            "this Python cannot make environments. "
            "On Debian or Ubuntu: sudo apt install python3-venv"
        ) from None
    del ensurepip


def check_compiler(python: Path) -> None:
    """Raise SetupError when llama-cpp-python must be built and no C++ compiler can be found."""
    if sys.platform == "win32" or any(map(shutil.which, ("c++", "g++", "clang++"))):
        return  # Visual Studio's compiler stands on no path: CMake finds it, or says so
    if python.exists() and succeeds([str(python), "-c", "import llama_cpp"]):
        return
    remedy = "xcode-select --install" if sys.platform == "darwin" else APT
    raise SetupError(
        f"llama.cpp is compiled for this machine, and there is no C++ compiler. Install: {remedy}"
    )


def explain_missing_libraries() -> None:
    """Say which system packages the window will miss; the terminal works without them."""
    if sys.platform != "linux":
        return
    missing = []
    for name in WINDOW_LIBRARIES:
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    if missing:
        print(f"set-up: the window will need {', '.join(missing)}. On Debian or Ubuntu: {APT}")


# ------------------------------------------------------------------ the environment


def create(venv: Path, python: Path) -> None:
    """Make a virtual environment, or one anew where there is one of another Python."""
    same = f"import sys; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
    if succeeds([str(python), "-c", same]):
        return
    print(f"set-up: making {venv} with Python {sys.version.split()[0]}", flush=True)
    run([sys.executable, "-m", "venv", "--clear", str(venv)], "making the environment")


def install(python: Path, torch_index: str) -> None:
    """Install everything at the pinned versions; llama-cpp-python is compiled (about 12 minutes
    on two cores) unless pip's cache holds it from an earlier time.
    """
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
    pinned = ["--constraint", str(CONSTRAINTS)]
    run([*pip, "--quiet", *pinned, "pip", "setuptools", "wheel"], "pip")
    index = torch_index or prefer_cpu_torch(python)
    if index:
        torch = [*pip, "--quiet", "--no-deps", "--retries", "1", "--index-url", index, TORCH]
        if subprocess.run(torch, check=False).returncode and torch_index:
            raise SetupError(f"PyTorch could not be had from {torch_index}. Check the address.")
    print("set-up: installing; llama.cpp may be compiled now, which takes a while", flush=True)
    # Build tools are pinned too: a new release of one must not break an old checkout.
    pinned += ["--build-constraint", str(CONSTRAINTS)]
    run([*pip, "--progress-bar", "off", *pinned, "-e", f"{ROOT}[dev]"], "the packages")


def prefer_cpu_torch(python: Path) -> str:
    """The index to take PyTorch from on Linux without an NVIDIA GPU, or "" for pip's own choice.

    PyPI's Linux wheel brings gigabytes of CUDA that such a machine cannot use. Nothing is asked
    of that index when pip would already take a CPU build; and when it cannot be reached, the
    installation goes on with pip's choice.
    """
    if sys.platform != "linux" or Path("/proc/driver/nvidia").exists():
        return ""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        look = [str(python), "-m", "pip", "install", "--quiet", "--dry-run", "--no-deps"]
        if not succeeds([*look, "--report", str(report), TORCH]):
            return ""
        planned = json.loads(report.read_text(encoding="utf-8"))["install"]
    if all(item["metadata"]["version"].endswith("+cpu") for item in planned):
        return ""  # also when torch is installed already, and nothing is planned
    print("set-up: no NVIDIA GPU here, so PyTorch is taken without CUDA", flush=True)
    return CPU_TORCH


def run(command: list[str], what: str) -> None:
    """Run a command whose output the person sees; raises SetupError when it fails."""
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise SetupError(
            f"{what} failed; the lines above say why. "
            "Once that is mended, run the same command again: it goes on from here."
        )


def succeeds(command: list[str]) -> bool:
    """Whether a command exists and ends well; its output is not shown."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
