"""Places: the folders of a person's desktop, and which file managers there are."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.desktop.registry import Registry, registry_of_this_user

_OTHERS = ("SUDO_UID", "SUDO_USER", "DOAS_USER", "PKEXEC_UID")


@dataclass(frozen=True)
class Places:
    """Where one person's file managers look for entries of their menus.

    `data`, `config` and `config_dirs` are the XDG base directories; `search` is the PATH. `another`
    says that this process runs as somebody else than the person whose desktop it is.
    """

    platform: str
    user: Path
    data: Path
    config: Path
    config_dirs: tuple[Path, ...]
    search: str
    registry: Registry | None = None
    another: bool = False

    @classmethod
    def of_this_user(cls, environment: Mapping[str, str] = os.environ) -> Places:
        """The places of whoever runs this, as the environment names them."""
        user = Path(environment.get("HOME") or Path.home())
        listed = (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
        return cls(
            platform=sys.platform,
            user=user,
            data=_base(environment, "XDG_DATA_HOME", user / ".local" / "share"),
            config=_base(environment, "XDG_CONFIG_HOME", user / ".config"),
            config_dirs=tuple(Path(one) for one in listed if one),
            search=environment.get("PATH", os.defpath),
            registry=registry_of_this_user(),
            another=_somebody_else(environment, user),
        )

    def program(self, name: str) -> bool:
        """Whether a program of this name can be started."""
        return shutil.which(name, path=self.search) is not None


def _base(environment: Mapping[str, str], name: str, default: Path) -> Path:
    """A relative path is to be ignored, says the XDG base directory specification."""
    given = Path(environment.get(name, ""))
    return given if given.is_absolute() else default


def _somebody_else(environment: Mapping[str, str], user: Path) -> bool:
    if sys.platform == "win32":
        return False
    if os.geteuid() == 0 and any(environment.get(name) for name in _OTHERS):
        return True
    return user.exists() and user.stat().st_uid != os.geteuid()
