"""System keyring: the desktop's own secret store, allow-listed and never waited on for ever."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from keyring.backend import KeyringBackend
from keyring.errors import KeyringError as BackendError

from app.errors import KeyringError

SERVICE = "Nightschool"
PROBE_SECONDS = 5.0
CALL_SECONDS = 60.0
"""Long enough for a person to type the keyring's own password into the system's dialog."""

Backends = Callable[[], Sequence[type[KeyringBackend]]]
T = TypeVar("T")


def allowed_backends() -> Sequence[type[KeyringBackend]]:
    """The stores that really encrypt, for this platform, best first.

    They are named here and instantiated by us, because keyring's own detection can be steered to
    a plain-text backend by PYTHON_KEYRING_BACKEND or a configuration file.
    """
    if sys.platform == "win32":
        from keyring.backends.Windows import WinVaultKeyring

        return (WinVaultKeyring,)
    if sys.platform == "darwin":
        from keyring.backends.macOS import Keyring as Keychain

        return (Keychain,)
    from keyring.backends.kwallet import DBusKeyring
    from keyring.backends.SecretService import Keyring as SecretService

    return (SecretService, DBusKeyring)


class SystemKeyring:
    """One secret a name. Calls raise KeyringError when the store is locked, hangs or refuses."""

    def __init__(
        self, backends: Backends = allowed_backends, *, call_seconds: float = CALL_SECONDS
    ) -> None:
        self._backends = backends
        self._call_seconds = call_seconds
        self._looked = False
        self._backend: KeyringBackend | None = None

    def available(self) -> bool:
        """Whether there is a store at all; asks once, opens nothing, prompts nobody."""
        if not self._looked:
            try:
                self._backend = _timed(self._choose, PROBE_SECONDS)
            except KeyringError:
                self._backend = None
            self._looked = True
        return self._backend is not None

    def get(self, name: str) -> str | None:
        """The secret, or None when the store answers that it has none."""
        backend = self._need()
        return _timed(lambda: backend.get_password(SERVICE, name), self._call_seconds)

    def set(self, name: str, secret: str) -> None:
        """Keep a secret, and make sure that it was kept."""
        backend = self._need()
        _timed(lambda: backend.set_password(SERVICE, name, secret), self._call_seconds)
        if self.get(name) != secret:
            raise _refused("it did not give back what was put into it")

    def delete(self, name: str) -> None:
        """Remove a secret that is there."""
        if self.get(name) is not None:
            backend = self._need()
            _timed(lambda: backend.delete_password(SERVICE, name), self._call_seconds)

    def _choose(self) -> KeyringBackend | None:
        for kind in self._backends():
            if kind.viable:
                backend = kind()
                if sys.platform == "win32":
                    # The default, "enterprise", lets the key roam to other machines.
                    backend.persist = "local machine"  # type: ignore[attr-defined]
                return backend
        return None

    def _need(self) -> KeyringBackend:
        if not self.available() or self._backend is None:
            raise KeyringError(
                "The system's keyring cannot be reached",
                "The keyring that holds Nightschool's key is not running.",
                "Start your desktop's keyring (or log in to the desktop) and open"
                " Nightschool again.",
            )
        return self._backend


def _timed(call: Callable[[], T], seconds: float) -> T:
    """Run a call into the keyring on its own thread, which is left behind when it hangs."""
    results: list[T] = []
    refusals: list[str] = []

    def work() -> None:
        try:
            results.append(call())
        except (BackendError, OSError, RuntimeError) as error:
            refusals.append(type(error).__name__)

    thread = threading.Thread(target=work, name="keyring", daemon=True)
    thread.start()
    thread.join(seconds)
    if results:
        return results[0]
    if thread.is_alive():
        raise KeyringError(
            "The system's keyring does not answer",
            f"The keyring that holds Nightschool's key gave no answer in {seconds:.0f} seconds.",
            "Unlock the keyring in your desktop's settings and open Nightschool again.",
        )
    # Anything else a backend may raise ends its thread, and is logged as any thread's failure.
    raise _refused(refusals[0] if refusals else "it failed")


def _refused(reason: str) -> KeyringError:
    return KeyringError(
        "The system's keyring refuses",
        f"The keyring that holds Nightschool's key is locked or refuses access ({reason}).",
        "Unlock the keyring and open Nightschool again.",
    )
