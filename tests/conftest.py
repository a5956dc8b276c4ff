"""What every test stands on: a home of its own, no keyring of the person's, the real models."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from starter_models import CHAT, SENTENCES, VOCABULARY, default_folder

# Before Qt is loaded by anything: a test shows no window unless it is told to.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

LOG_LINES = 40
"""Of each log, in the report of a failure."""


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test, nor a child it starts, sees the person's home, session bus or keyring."""
    apart = tmp_path / "apart"
    monkeypatch.setenv("NIGHTSCHOOL_HOME", str(apart / "nightschool"))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(apart / name.lower()))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={apart / 'no-bus'}")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.delenv("NIGHTSCHOOL_PASSPHRASE", raising=False)
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure tells what the child processes wrote down last: what it waited for is there."""
    report = yield
    home = item.funcargs.get("home")
    if report.failed and isinstance(home, Path):
        for path in sorted((home / "logs").glob("*.log")):
            lines = path.read_text(errors="replace").splitlines()
            report.sections.append((f"end of {path.name}", "\n".join(lines[-LOG_LINES:])))
    return report


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of one fresh person, not yet made."""
    return tmp_path / "home"


def _model(name: str) -> Path:
    path = default_folder() / name
    if not path.is_file():
        pytest.fail(f"{path} is missing: run the tests with `make test`, which brings it.")
    return path


@pytest.fixture(scope="session")
def starter_model() -> Path:
    """The real chat model that every installation begins with (SmolLM2-135M-Instruct, Q4_1)."""
    return _model(CHAT.name)


@pytest.fixture(scope="session")
def sentence_models() -> Path:
    """The folder with the real sentence-embedding model for ONNX Runtime and its vocabulary."""
    _model(VOCABULARY.name)
    return _model(SENTENCES.name).parent
