"""Bundle: everything for one kind of machine in one folder, to be installed without a network."""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import starter_models
from environment import CONSTRAINTS, ROOT
from setup_error import SetupError

LLAMA = "llama-cpp-python"
PORTABLE = "cmake.args=-DGGML_NATIVE=OFF"
"""llama.cpp for any processor of this kind (AVX2 on x86-64), not only for the one that built it."""

README = """Nightschool {version} for {platform}, Python {python}

Install (no network is used):   python{python} install.py [FOLDER]
FOLDER is where the program goes, by default ~/nightschool. Afterwards start FOLDER/bin/nightschool
(on Windows FOLDER\\\\Scripts\\\\nightschool.exe).

To remove it, delete FOLDER. What you taught lies elsewhere: `nightschool doctor` names the place,
and `nightschool reset --everything --yes` destroys it.
"""


def main() -> int:
    """Build the bundle under dist/; 0 done, 1 with a sentence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="FOLDER")
    parser.add_argument(
        "--native", action="store_true", help="take llama.cpp as built for this very processor"
    )
    told = parser.parse_args()
    try:
        made = bundle(told.out, native=told.native)
    except SetupError as error:
        print(f"bundle: {error}", file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    print(f"bundle: {made}, {size / 1e6:,.0f} MB")
    return 0


def bundle(out: Path, *, native: bool) -> Path:
    """Wheels, models, installer and licence in one folder; returns it. Raises SetupError.

    The folder appears under its name only when it is whole.
    """
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    name = f"nightschool-{version}-{sysconfig.get_platform()}-py{python_version()}"
    making = out / f".{name}.making"
    shutil.rmtree(making, ignore_errors=True)
    (making / "wheels").mkdir(parents=True)
    collect_wheels(making / "wheels", native=native)
    starter_models.bring(making / "models")
    shutil.copy(ROOT / "packaging" / "install.py", making)
    shutil.copy(ROOT / "LICENSE", making)
    text = README.format(version=version, platform=platform.platform(), python=python_version())
    (making / "README.txt").write_text(text, encoding="utf-8")
    done = out / name
    shutil.rmtree(done, ignore_errors=True)
    making.rename(done)
    return done


def collect_wheels(folder: Path, *, native: bool) -> None:
    """Nightschool's wheel and those of all it needs, at the pinned versions."""
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", str(folder)]
    pinned = ["--constraint", str(CONSTRAINTS), "--build-constraint", str(CONSTRAINTS)]
    if not native:
        # Never from pip's cache, where a build for this very processor may lie.
        portable = ["--no-cache-dir", "--no-deps", "--config-settings", PORTABLE]
        run([*wheel, *pinned, *portable, LLAMA])
    run([*wheel, *pinned, "--find-links", str(folder), str(ROOT)])


def python_version() -> str:
    """As in a command's name: 3.11."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def run(command: list[str]) -> None:
    """Run a command; raises SetupError when it fails."""
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise SetupError("pip could not make the wheels; the lines above say why.")


if __name__ == "__main__":
    sys.exit(main())
