"""The versions command: names, pins, what is kept, export and import, in one home."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.adapters import AdapterStore
from app.keys import KeyStore
from app.ledger import Ledger
from app.shards import ShardStore
from app.version_commands import PASSPHRASE
from tests.app.service_client import PASSPHRASE as WORDS
from tests.app.shards import shard, version
from tests.app.storage import lesson, made, no_keyring

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in a home with three versions; gives its exit code and its JSON."""
    keys = KeyStore(made(home), no_keyring()).create(WORDS)
    ledger = Ledger.open(made(home), keys.subkey("ledger"))
    store, shards = AdapterStore(made(home), ledger), ShardStore(made(home), ledger)
    for number in (1, 2, 3):
        version(ledger, store, shards, shard(lesson(ledger).id, seed=number))
    ledger.close()
    monkeypatch.setenv(cli.PASSPHRASE, WORDS)
    monkeypatch.setenv(PASSPHRASE, "four quiet owls")

    def run(*words: str) -> tuple[int, Any]:
        code = cli.main(["versions", *words, "--json", "--home", str(home)])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_versions_are_named_pinned_and_kept(run: Run) -> None:
    assert run("keep", "0") == (0, {"last": 0, "going": [1]})
    code, named = run("name", "1", "Before the holidays")
    assert (code, named["name"]) == (0, "Before the holidays")
    assert run("pin", "1")[1]["kept"] == "pinned"
    listed = run()[1]
    assert [(one["version"], one["kept"]) for one in listed] == [
        (3, "active"), (2, "before"), (1, "pinned")
    ]  # fmt: skip
    assert run("unpin", "1")[1]["kept"] == ""
    for wrong in (("pin", "x"), ("name", "9", "x"), ("keep", "1000")):
        code, answer = run(*wrong)
        assert code == 1
        assert answer["error"]["next_step"]


def test_a_version_is_exported_and_a_foreign_one_is_not_imported(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.nightschool"
    assert run("export", "3", str(file)) == (0, {"version": 3, "file": str(file)})
    before = file.read_bytes()
    assert run("export", "3", str(file))[1]["error"]["title"] == "There is such a file already"
    assert file.read_bytes() == before
    assert run("export", "3", str(file), "--replace")[0] == 0
    assert file.read_bytes() != before
    # Its versions were made for no model that is here.
    assert run("import", str(file))[1]["error"]["title"] == "It was made for another model"
