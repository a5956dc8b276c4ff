"""The versions command: names, pins, what is kept, export and import, in one home."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.adapters import AdapterStore
from app.assistant import Assistant
from app.errors import AdapterError, BadRequestError, NightschoolError
from app.keys import KeyStore
from app.ledger import Ledger
from app.shards import ShardStore
from app.terminal import Terminal
from app.version_commands import PASSPHRASE
from tests.app.service_client import PASSPHRASE as WORDS
from tests.app.shards import shard, version
from tests.app.storage import lesson, made, no_keyring

Run = Callable[..., Any]


@pytest.fixture
def run(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Carries commands out in a home with three versions; gives their JSON."""
    keys = KeyStore(made(home), no_keyring()).create(WORDS)
    ledger = Ledger.open(made(home), keys.subkey("ledger"))
    store, shards = AdapterStore(made(home), ledger), ShardStore(made(home), ledger)
    for number in (1, 2, 3):
        version(ledger, store, shards, shard(lesson(ledger).id, seed=number))
    ledger.close()
    monkeypatch.setenv(PASSPHRASE, "four quiet owls")
    assistant = Assistant(made(home), lambda what: None)
    assistant.start()

    def run(*words: str) -> Any:
        options = cli._parser().parse_args(["versions", *words], argparse.Namespace())
        assert options.run(assistant, options, Terminal(as_json=True)) == 0
        return json.loads(capsys.readouterr().out)

    try:
        assistant.unlock(WORDS, create=False)
        yield run
    finally:
        assistant.close()


def test_versions_are_named_pinned_kept_and_exported(run: Run, tmp_path: Path) -> None:
    assert run("keep", "0") == {"last": 0, "going": [1]}
    assert run("name", "1", "Before the holidays")["name"] == "Before the holidays"
    assert run("pin", "1")["kept"] == "pinned"
    assert [(one["version"], one["kept"]) for one in run()] == [
        (3, "active"), (2, "before"), (1, "pinned")
    ]  # fmt: skip
    assert run("unpin", "1")["kept"] == ""
    wrongs: tuple[tuple[type[NightschoolError], tuple[str, ...]], ...] = (
        (BadRequestError, ("pin", "x")),
        (AdapterError, ("name", "9", "x")),
        (BadRequestError, ("keep", "1000")),
        (BadRequestError, ("import",)),
        (BadRequestError, ("export", "3")),
    )
    for kind, wrong in wrongs:
        with pytest.raises(kind):
            run(*wrong)

    file = tmp_path / "mine.nightschool"
    assert run("export", "3", str(file)) == {"version": 3, "file": str(file)}
    before = file.read_bytes()
    with pytest.raises(BadRequestError, match="such a file already"):
        run("export", "3", str(file))
    assert file.read_bytes() == before
    run("export", "3", str(file), "--replace")
    assert file.read_bytes() != before
    # Its versions were made for no model that is here.
    with pytest.raises(AdapterError, match="another model"):
        run("import", str(file))
