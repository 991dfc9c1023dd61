"""Keys and hosts of endpoints: a key stands in the environment or a file, never in a URL."""

from __future__ import annotations

import os
from pathlib import Path

from promptuary.domain.errors import Misconfigured

SECRETS = "/run/secrets"
"""Where Docker and Kubernetes put secrets: a file a name."""


def variable(name: str, default: str = "") -> str:
    """The value of a variable; else what the file holds that `NAME_FILE` names; else that of the
    file NAME in the folder of secrets (`PROMPTUARY_SECRETS`); else the default.

    Raises Misconfigured for a file that was named and cannot be read; never shows what is in one.
    """
    if value := os.environ.get(name, "").strip():
        return value
    if named := os.environ.get(f"{name}_FILE", "").strip():
        return _read(Path(named), f"{name}_FILE") or default
    kept = Path(os.environ.get("PROMPTUARY_SECRETS") or SECRETS, name)
    return (_read(kept, name) if kept.is_file() else "") or default


def _read(path: Path, why: str) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{why}: {path} cannot be read: {_kind(error)}") from None


def _kind(error: Exception) -> str:
    """What went wrong, without what was in the file."""
    return error.strerror or "?" if isinstance(error, OSError) else "it is not UTF-8"
