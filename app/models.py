"""The model files that can be chosen: the starter model and what lies in the home's folder."""

from __future__ import annotations

from pathlib import Path

from app.errors import ModelError
from app.paths import Home, starter_models
from app.protocol import ModelRecord

STARTER = "smollm2-135m-instruct-q4_1.gguf"

EMBEDDER = "all-minilm-l6-v2-f16.gguf"
"""The embedding model beside it."""


def available(home: Home, in_use: Path) -> list[ModelRecord]:
    """Every chat model at hand, the starter model first; an outside path in use is listed last."""
    starter = starter_models() / STARTER
    paths = [starter, *sorted(home.models.glob("*.gguf"))]
    if in_use not in paths:
        paths.append(in_use)
    return [
        ModelRecord(
            name=path.stem,
            path=str(path),
            size=path.stat().st_size,
            in_use=path == in_use,
            note="Tiny: it shows how Nightschool works, but knows little."
            if path == starter
            else "",
        )
        for path in paths
        if path.is_file()
    ]


def find(home: Home, name: str) -> Path:
    """The file that a name of `available`, or a path, stands for. Raises ModelError."""
    for record in available(home, starter_models() / STARTER):
        if name in {record.name, Path(record.path).name}:
            return Path(record.path)
    path = Path(name).expanduser()
    if path.is_file():
        return path.resolve()
    raise ModelError(
        "No such model",
        f"There is no model named “{name}”, and no file of that name.",
        f"Put a GGUF file into {home.models}, or give its full path.",
    )


def is_starter(path: Path) -> bool:
    """Whether a path is the tiny model that comes with the installation."""
    return path.name == STARTER
