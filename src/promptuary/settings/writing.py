"""Settings written down: a few lines of `.env`, and nothing else in it touched."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

from promptuary.domain.errors import InvalidInput, Misconfigured
from promptuary.settings.sources import PREFIX


def write_down(values: Mapping[str, str | None], folder: Path | None = None) -> Path:
    """Put settings by their names into `.env` of the folder (the current one), None takes one out;
    gives the file. It is replaced at once or not at all. Raises Misconfigured when it cannot be."""
    path = (folder or Path.cwd()) / ".env"
    names = {f"{PREFIX}{name.upper()}": value for name, value in values.items()}
    try:
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        kept = [line for line in lines if _name_in(line) not in names]
        made = [f"{name}={_quoted(name, value)}" for name, value in names.items() if value]
        _replace(path, "".join(f"{line}\n" for line in [*kept, *made]))
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} cannot be written: {error}") from error
    return path


def _name_in(line: str) -> str:
    found = re.match(r"\s*(?:export\s+)?(\w+)\s*=", line)
    return found[1] if found else ""


def _quoted(name: str, value: str) -> str:
    if not value.isprintable():
        raise InvalidInput("there is a control character in it", fields={name: value})
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _replace(path: Path, text: str) -> None:
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        file.write(text)
    written = Path(file.name)
    written.chmod(path.stat().st_mode if path.exists() else 0o600)
    os.replace(written, path)  # noqa: PTH105 - the one call that says what it does
