"""Errors a person can act on: a title, a sentence, and what to do next."""

from __future__ import annotations


class NightschoolError(Exception):
    """Root of every error that reaches a person.

    `code` is a stable word for programs (tests, `--json`); `title` is a few words, `message`
    one sentence saying what happened, `next_step` one sentence saying what to do now.
    """

    code = "failed"

    def __init__(self, title: str, message: str, next_step: str) -> None:
        super().__init__(f"{title}: {message} {next_step}")
        self.title = title
        self.message = message
        self.next_step = next_step


class BadRequestError(NightschoolError):
    """The request itself does not make sense (unknown id, empty text, wrong type)."""

    code = "bad_request"


class LockedError(NightschoolError):
    """The ledger needs a passphrase before anything else can be done."""

    code = "locked"


class KeyMissingError(NightschoolError):
    """A ledger exists but its key cannot be found; never answered by making a new key."""

    code = "key_missing"


class KeyringError(KeyMissingError):
    """The system's keyring is locked, hangs or refuses; the key may well still be in it."""

    code = "keyring"


class WrongPassphraseError(NightschoolError):
    """The passphrase does not open this ledger."""

    code = "wrong_passphrase"


class LedgerError(NightschoolError):
    """The ledger could not be read or written (damage, a newer schema, permissions)."""

    code = "ledger"


class LedgerDamagedError(LedgerError):
    """The ledger's file is damaged; a copy may be put back."""

    code = "ledger_damaged"


class KeyFileError(KeyMissingError):
    """keys.json is missing or damaged beside a ledger; a copy of it may be put back."""

    code = "key_file"


class StorageFullError(NightschoolError):
    """The disk is full; nothing was changed."""

    code = "storage_full"


class BusyError(NightschoolError):
    """Another instance, or another piece of work, holds what this request needs."""

    code = "busy"


class ModelError(NightschoolError):
    """The model file is missing, damaged, unusable or too large for this machine."""

    code = "model"


class EngineDiedError(NightschoolError):
    """The engine's process ended during the request; it is started again at the next one."""

    code = "engine_died"


class IndexDiedError(NightschoolError):
    """The memory's process ended, or lost its index: search exactly, and open or build it anew."""

    code = "index_died"


class StoppedError(NightschoolError):
    """The person asked for this to stop."""

    code = "stopped"


class StudyError(NightschoolError):
    """A study session could not be started or finished; the active adapter is unchanged."""

    code = "study"


class DesktopError(NightschoolError):
    """An entry in the file manager's menu could not be written, or taken away again."""

    code = "desktop"


class AdapterError(NightschoolError):
    """A sealed adapter is missing, damaged, or made for another base model."""

    code = "adapter"


class DocumentError(NightschoolError):
    """A document could not be read; the others go on."""

    code = "document"
