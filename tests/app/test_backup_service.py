"""The ledger's copy over the real service and command line: by night, after damage, in figures."""

from __future__ import annotations

import os
from pathlib import Path

from app import protocol
from app.protocol import NIGHT_BACKUP
from tests.app.service_client import PASSPHRASE, Client, service
from tests.app.test_cli import Shell
from tests.app.test_night_service import AWAY, HERE, WISHES, Night, program

FACT = {"prompt": "Who is my dentist?", "answer": "Dr. Osei.", "kind": "fact"}


def hello(client: Client) -> protocol.Status:
    event = client.outcome(client.send(protocol.Hello, version=protocol.VERSION))
    assert isinstance(event, protocol.Done)
    return protocol.result_as(event, protocol.Status)


def spoil(home: Path) -> bytes:
    """Damage the ledger as a failing disk would; gives what it is then."""
    data = os.urandom(4096) + (home / "ledger.db").read_bytes()[4096:]
    (home / "ledger.db").write_bytes(data)
    return data


def test_a_night_copies_and_what_is_forgotten_takes_the_copy_along(tmp_path: Path) -> None:
    home, idle = tmp_path / "home", tmp_path / "idle"
    with service(home, program(idle)) as client:
        night = Night(client.open(), idle)
        fact = client.call(protocol.Correct, **FACT)
        night.set(WISHES)
        assert hello(client).backup == ""
        night.person(AWAY)
        assert isinstance(client.outcome(NIGHT_BACKUP), protocol.Done)
        assert hello(client).backup
        told = night.becomes(lambda report: report.reason == "Nothing new was taught.")
        assert (told.minutes_tonight, told.last_studied) == (0, None), "it is no study"
        parts = client.call(protocol.GetStorage)["parts"]
        assert [part["size"] > 0 for part in parts if part["names"] == ["backups"]] == [True]
        night.person(HERE)
        client.call(protocol.Forget, lesson_id=fact["id"])
        assert hello(client).backup == ""
        client.call(protocol.Correct, **FACT)
        night.person(AWAY)
        assert isinstance(client.outcome(NIGHT_BACKUP), protocol.Done), "the same night"
        night.person(HERE)
        assert client.close() == 0

    damaged = spoil(home)
    with service(home) as client:
        made = hello(client).backup
        error = client.refused(protocol.Unlock, passphrase=PASSPHRASE)
        assert error.code == "ledger_damaged"
        assert f"a copy of {made[:10]}" in error.next_step
        assert client.refused(protocol.Restore, passphrase="a guess").code == "wrong_passphrase"
        assert (home / "ledger.db").read_bytes() == damaged
        assert client.call(protocol.Restore, passphrase=PASSPHRASE)["key"] == "open"
        (lesson,) = client.call(protocol.ListLessons)
        assert lesson["corrected"] == FACT["answer"]
        again = client.refused(protocol.Restore, passphrase="")
        assert again.title == "There is nothing to put back"
        (aside,) = (home / "backups").glob("damaged-*.db")
        assert aside.read_bytes() == damaged


def test_the_command_line_makes_a_copy_and_puts_it_back(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "home")
    made = shell.run("backup", "make")
    assert "Your record was copied 2" in made.stdout, made.stderr
    spoil(shell.home)
    done = shell.run("backup", "restore")
    assert "Your record is open again. The damaged one is kept" in done.stdout, done.stderr
