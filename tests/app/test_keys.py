"""Keys: never a new one beside a ledger, never a plain-text store, never a silent failure."""

from __future__ import annotations

import json
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from app.errors import (
    BadRequestError,
    KeyMissingError,
    KeyringError,
    LockedError,
    WrongPassphraseError,
)
from app.keys import KeyStore, RootKey
from app.ledger import Ledger
from app.os_keyring import SystemKeyring, allowed_backends
from app.paths import Home
from tests.app.storage import fake_backend, keyring_of, made, no_keyring

PASSPHRASE = "Fünf ruhige Worte, 静か"


@pytest.fixture
def place(home: Path) -> Home:
    return made(home)


def with_ledger(place: Home, root: RootKey) -> None:
    Ledger.open(place, root.subkey("ledger")).close()


# ------------------------------------------------------------------ root and subkeys


def test_subkeys_differ_and_show_nothing_of_the_root() -> None:
    root = RootKey(b"r" * 32)
    keys = {root.subkey("ledger"), root.subkey("adapters"), root.subkey("backups")}
    assert len(keys | {root.secret}) == 4
    assert {len(key) for key in keys} == {32}
    assert "rrr" not in repr(root)


# ------------------------------------------------------------------ passphrase


def test_without_a_keyring_a_passphrase_is_chosen(place: Home) -> None:
    store = KeyStore(place, no_keyring())
    assert store.state() == "new_passphrase"
    with pytest.raises(LockedError):
        store.root_key(None)
    assert not place.keys.exists()
    root = store.create(PASSPHRASE)
    with_ledger(place, root)
    again = KeyStore(place, no_keyring())
    assert again.state() == "passphrase"
    assert again.root_key(PASSPHRASE) == root
    with pytest.raises(LockedError):
        again.root_key(None)


def test_a_wrong_passphrase_is_told_from_a_damaged_ledger(place: Home) -> None:
    store = KeyStore(place, no_keyring())
    with_ledger(place, store.create(PASSPHRASE))
    for wrong in ("", "something else", PASSPHRASE.upper()):
        with pytest.raises(WrongPassphraseError):
            store.root_key(wrong)


def test_the_same_passphrase_typed_on_another_system_opens(place: Home) -> None:
    store = KeyStore(place, no_keyring())
    root = store.create("caf\u00e9 cr\u00e8me")
    assert store.root_key("cafe\u0301 cre\u0300me") == root


@pytest.mark.parametrize("empty", ["", "  \n"])
def test_an_empty_passphrase_is_refused(place: Home, empty: str) -> None:
    with pytest.raises(BadRequestError):
        KeyStore(place, no_keyring()).create(empty)
    assert not place.keys.exists()


def test_the_key_file_holds_nothing_secret(place: Home) -> None:
    root = KeyStore(place, no_keyring()).create(PASSPHRASE)
    text = place.keys.read_text()
    assert root.secret.hex() not in text
    assert PASSPHRASE not in text
    assert json.loads(text)["scrypt"]["n"] == 2**17
    if sys.platform != "win32":
        assert stat.S_IMODE(place.keys.stat().st_mode) == 0o600


def test_two_homes_with_one_passphrase_have_different_keys(tmp_path: Path) -> None:
    one = KeyStore(made(tmp_path / "one"), no_keyring()).create(PASSPHRASE)
    two = KeyStore(made(tmp_path / "two"), no_keyring()).create(PASSPHRASE)
    assert one != two


# ------------------------------------------------------------------ keyring


def test_the_keyring_keeps_the_key_without_asking_anybody(place: Home) -> None:
    kept: dict[str, str] = {}
    store = KeyStore(place, keyring_of(kept))
    assert store.state() == "open"
    assert not kept
    root = store.root_key(None)
    with_ledger(place, root)
    assert list(kept.values()) == [root.secret.hex()]
    assert KeyStore(place, keyring_of(kept)).root_key(None) == root
    assert KeyStore(place, keyring_of(kept)).state() == "open"


def test_homes_share_a_keyring_without_mixing_their_keys(tmp_path: Path) -> None:
    kept: dict[str, str] = {}
    stores = [KeyStore(made(tmp_path / name), keyring_of(kept)) for name in ("one", "two")]
    first, second = (store.root_key(None) for store in stores)
    assert first != second
    assert [store.root_key(None) for store in stores] == [first, second]


def test_a_passphrase_given_to_a_fresh_home_is_used_although_there_is_a_keyring(
    place: Home,
) -> None:
    kept: dict[str, str] = {}
    KeyStore(place, keyring_of(kept)).root_key(PASSPHRASE)
    assert not kept
    assert KeyStore(place, keyring_of(kept)).state() == "passphrase"


def test_an_empty_keyring_beside_a_ledger_never_gets_a_new_key(place: Home) -> None:
    kept: dict[str, str] = {}
    with_ledger(place, KeyStore(place, keyring_of(kept)).root_key(None))
    kept.clear()
    with pytest.raises(KeyMissingError) as caught:
        KeyStore(place, keyring_of(kept)).root_key(None)
    assert "no longer has the key" in caught.value.message
    assert not kept


def test_a_keyring_that_is_gone_beside_a_ledger_is_explained(place: Home) -> None:
    with_ledger(place, KeyStore(place, keyring_of({})).root_key(None))
    store = KeyStore(place, no_keyring())
    assert store.state() == "missing"
    with pytest.raises(KeyringError) as caught:
        store.root_key(None)
    assert "not running" in caught.value.message


def test_another_key_in_the_keyring_is_recognised(place: Home) -> None:
    kept: dict[str, str] = {}
    with_ledger(place, KeyStore(place, keyring_of(kept)).root_key(None))
    for other in ("00" * 32, "not a key"):
        kept.update(dict.fromkeys(kept, other))
        with pytest.raises(KeyMissingError):
            KeyStore(place, keyring_of(kept)).root_key(None)


def test_a_keyring_that_forgot_before_there_was_a_ledger_gets_a_new_key(place: Home) -> None:
    kept: dict[str, str] = {}
    KeyStore(place, keyring_of(kept)).root_key(None)
    kept.clear()
    root = KeyStore(place, keyring_of(kept)).root_key(None)
    assert list(kept.values()) == [root.secret.hex()]


def test_a_keyring_that_does_not_keep_is_noticed(place: Home) -> None:
    class Forgetful(fake_backend({})):  # type: ignore[misc]
        def set_password(self, service: str, username: str, password: str) -> None:
            pass

    with pytest.raises(KeyringError):
        KeyStore(place, SystemKeyring(lambda: (Forgetful,))).root_key(None)
    assert not place.keys.exists()


# ------------------------------------------------------------------ a ledger without its keys


def test_a_ledger_without_its_key_file_never_gets_a_new_key(place: Home) -> None:
    for keyring in (keyring_of({}), no_keyring()):
        with_ledger(place, RootKey(b"k" * 32))
        store = KeyStore(place, keyring)
        assert store.state() == "missing"
        for passphrase in (None, PASSPHRASE):
            with pytest.raises(KeyMissingError) as caught:
                store.root_key(passphrase)
            assert "keys.json" in caught.value.message
        with pytest.raises(BadRequestError):
            store.create(PASSPHRASE)
        assert not place.keys.exists()


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\xff\x00garbage",
        b"[]",
        b'{"source":"keyring"}',
        b'{"source":"passphrase","id":"1","check":"2"}',
        b'{"source":"passphrase","id":"1","check":"2","scrypt":{"salt":"zz"}}',
        b'{"source":"passphrase","id":"1","check":"2","scrypt":{"salt":"' + b"00" * 16
        + b'","n":1099511627776}}',
    ],
)  # fmt: skip
def test_a_damaged_key_file_beside_a_ledger_is_explained(place: Home, damage: bytes) -> None:
    with_ledger(place, RootKey(b"k" * 32))
    place.keys.write_bytes(damage)
    store = KeyStore(place, no_keyring())
    assert store.state() == "missing"
    with pytest.raises(KeyMissingError) as caught:
        store.root_key(PASSPHRASE)
    assert "damaged" in caught.value.title
    assert place.keys.read_bytes() == damage


def test_an_empty_ledger_file_of_a_killed_start_counts_as_none(place: Home) -> None:
    place.ledger.touch()
    assert KeyStore(place, no_keyring()).state() == "new_passphrase"


# ------------------------------------------------------------------ destruction and check-up


def test_destroyed_keys_are_gone_from_both_places(place: Home) -> None:
    kept: dict[str, str] = {}
    store = KeyStore(place, keyring_of(kept))
    first = store.root_key(None)
    store.destroy()
    assert not kept
    assert not place.keys.exists()
    assert store.root_key(None) != first


def test_destroying_while_the_keyring_refuses_can_be_tried_again(place: Home) -> None:
    kept: dict[str, str] = {}
    KeyStore(place, keyring_of(kept)).root_key(None)
    with pytest.raises(KeyringError):
        KeyStore(place, no_keyring()).destroy()
    KeyStore(place, keyring_of(kept)).destroy()
    assert not kept


def test_the_check_up_says_where_the_key_is(place: Home) -> None:
    kept: dict[str, str] = {}
    store = KeyStore(place, keyring_of(kept))
    assert "No key" in next(store.findings()).message
    with_ledger(place, store.root_key(None))
    assert "keyring" in next(store.findings()).message
    kept.clear()
    with pytest.raises(KeyMissingError):
        next(store.findings())


# ------------------------------------------------------------------ the seam to the system


@pytest.fixture
def released() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_a_hanging_keyring_is_given_up(place: Home, released: threading.Event) -> None:
    kept: dict[str, str] = {}
    with_ledger(place, KeyStore(place, keyring_of(kept)).root_key(None))

    class Hanging(fake_backend(kept)):  # type: ignore[misc]
        def get_password(self, service: str, username: str) -> str | None:
            released.wait()
            return None

    with pytest.raises(KeyringError) as caught:
        KeyStore(place, SystemKeyring(lambda: (Hanging,), call_seconds=0.05)).root_key(None)
    assert "does not answer" in caught.value.title


def test_a_locked_keyring_is_told_from_a_lost_key(place: Home) -> None:
    kept: dict[str, str] = {}
    with_ledger(place, KeyStore(place, keyring_of(kept)).root_key(None))

    class Locked(fake_backend(kept)):  # type: ignore[misc]
        def get_password(self, service: str, username: str) -> str | None:
            raise KeyringLocked("dismissed")

    with pytest.raises(KeyringError) as caught:
        KeyStore(place, SystemKeyring(lambda: (Locked,))).root_key(None)
    assert "KeyringLocked" in caught.value.message
    assert caught.value.code == "keyring"


def test_only_real_keyrings_are_considered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
    names = {backend.__module__ for backend in allowed_backends()}
    assert names <= {
        "keyring.backends.SecretService",
        "keyring.backends.kwallet",
        "keyring.backends.macOS",
        "keyring.backends.Windows",
    }
    assert all(issubclass(backend, KeyringBackend) for backend in allowed_backends())


@pytest.mark.skipif(sys.platform != "linux", reason="needs a system without a session bus")
def test_this_machine_without_a_session_bus_has_no_keyring() -> None:
    assert SystemKeyring().available() is False
