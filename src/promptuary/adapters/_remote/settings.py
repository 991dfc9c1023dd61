"""Keys and hosts on this machine: in the environment or a file, never in a URL."""

from __future__ import annotations

import os
from pathlib import Path

from dotenv import dotenv_values

from promptuary.domain.errors import Misconfigured

SECRETS = "/run/secrets"
"""Where Docker and Kubernetes put secrets: a file a name."""


def nearby(name: str, default: str = "") -> str:
    """The value of a variable on this machine: that of the environment; else what the file holds
    that `NAME_FILE` names; else that of the file NAME in a folder of secrets: `PROMPTUARY_SECRETS`,
    or SECRETS and `secrets` in the home; else what `.env` says in the current folder; else the
    default.

    Raises Misconfigured for a file that was named and cannot be read; never shows what is in one.
    """
    return given(name) or written().get(name) or default


def given(name: str) -> str:
    """The same without `.env`; empty where there is none."""
    if value := os.environ.get(name, "").strip():
        return value
    if named := os.environ.get(f"{name}_FILE", "").strip():
        return _read(Path(named), f"{name}_FILE")
    for folder in _folders():
        if (kept := folder / name).is_file():
            return _read(kept, name)
    return ""


def written() -> dict[str, str]:
    """What `.env` says in the current folder."""
    return _dotenv(Path(".env"))


def keep(name: str, secret: str) -> Path:
    """Put a secret where `nearby` finds it, for this user's eyes only; the file it is in.

    Raises Misconfigured where that cannot be written.
    """
    folder = _folders()[-1]
    path = folder / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = path.with_name(f".{name}.{os.getpid()}")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secret + "\n")
        new.replace(path)
    except OSError as error:
        raise Misconfigured(f"{path} cannot be written: {_kind(error)}") from None
    return path


def _folders() -> list[Path]:
    if named := os.environ.get("PROMPTUARY_SECRETS", "").strip():
        return [Path(named).expanduser()]
    home = os.environ.get("PROMPTUARY_HOME", "").strip() or "~/.promptuary"
    return [Path(SECRETS), Path(home).expanduser() / "secrets"]


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        return {name: value for name, value in dotenv_values(path).items() if value}
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} cannot be read: {_kind(error)}") from None


def _read(path: Path, why: str) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{why}: {path} cannot be read: {_kind(error)}") from None


def _kind(error: Exception) -> str:
    """What went wrong, without what was in the file."""
    return error.strerror or "?" if isinstance(error, OSError) else "it is not UTF-8"
