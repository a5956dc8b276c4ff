"""Registry: the few things done to Windows' registry, below HKEY_CURRENT_USER only."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Protocol

if sys.platform == "win32":
    import winreg


class Registry(Protocol):
    """Keys by their path below HKEY_CURRENT_USER; values are texts, "" is a key's default one."""

    def read(self, key: str) -> dict[str, str] | None:
        """The values of a key, or None where there is none. Raises OSError."""

    def write(self, key: str, values: Mapping[str, str]) -> None:
        """Make a key, and those above it, with exactly these values. Raises OSError."""

    def delete(self, key: str) -> None:
        """Remove a key that has none below it. Raises OSError."""

    def write_value(self, key: str, name: str, value: str) -> None:
        """Set one value of a key, made if need be, and leave the others. Raises OSError."""

    def delete_value(self, key: str, name: str) -> None:
        """Remove one value of a key, and leave the others. Raises OSError."""


def registry_of_this_user() -> Registry | None:
    """The real one on Windows, None elsewhere."""
    if sys.platform == "win32":
        return _WindowsRegistry()
    return None


if sys.platform == "win32":

    class _WindowsRegistry:
        def read(self, key: str) -> dict[str, str] | None:
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                    count = winreg.QueryInfoKey(opened)[1]
                    found = (winreg.EnumValue(opened, number) for number in range(count))
                    return {name: str(value) for name, value, _ in found}
            except FileNotFoundError:
                return None

        def write(self, key: str, values: Mapping[str, str]) -> None:
            old = self.read(key) or {}
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as made:
                for name in old.keys() - values.keys():
                    winreg.DeleteValue(made, name)
                for name, value in values.items():
                    winreg.SetValueEx(made, name, 0, winreg.REG_SZ, value)

        def delete(self, key: str) -> None:
            winreg.DeleteKey(winreg.HKEY_CURRENT_USER, key)

        def write_value(self, key: str, name: str, value: str) -> None:
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as made:
                winreg.SetValueEx(made, name, 0, winreg.REG_SZ, value)

        def delete_value(self, key: str, name: str) -> None:
            with winreg.OpenKey(
                winreg.HKEY_CURRENT_USER, key, access=winreg.KEY_SET_VALUE
            ) as opened:
                winreg.DeleteValue(opened, name)
