"""Install: puts a bundle's wheels and models into a folder of its own; needs nothing but Python."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Install from beside this file; 0 done, 1 with a sentence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path.home() / "nightschool")
    target = parser.parse_args().folder.expanduser().resolve()
    if target.exists() and any(target.iterdir()) and not (target / "pyvenv.cfg").exists():
        print(f"{target} is not empty. Name another folder.", file=sys.stderr)
        return 1
    venv.create(target, with_pip=True)
    windows = sys.platform == "win32"
    python = target / ("Scripts/python.exe" if windows else "bin/python")
    offline = ["--no-index", "--find-links", str(HERE / "wheels"), "--disable-pip-version-check"]
    done = subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", *offline, "nightschool"], check=False
    )
    if done.returncode:
        print("The installation failed; the lines above say why.", file=sys.stderr)
        return 1
    models = target / "share" / "nightschool" / "models"
    models.mkdir(parents=True, exist_ok=True)
    for model in (HERE / "models").iterdir():
        shutil.copy(model, models)
    print(f"Installed. Start {python.parent / 'nightschool'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
