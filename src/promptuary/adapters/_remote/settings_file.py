"""The settings file in YAML, and what older ones say there of keys and hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from promptuary.adapters._remote.settings import given, written
from promptuary.domain.errors import Misconfigured

FILES = ("config/config.yaml", "config/service.yaml")
"""Where settings may stand in YAML; the first that is there counts."""
NAMED = "PROMPTUARY_CONFIG"
"""The variable that names another file."""
PATHS: Mapping[str, str] = {
    "PORTKEY_API_KEY": "portkey.api_key",
    "PORTKEY_BASE_URL": "portkey.base_url",
}
"""Variables of keys and hosts, and where an older settings file has them."""
REFERENCE = re.compile(r"\$\{(\w+)(?::-?([^}]*))?\}")
"""`${NAME}`, `${NAME:-default}` or `${NAME:default}`."""


def settings_file(folder: Path, named: str | None) -> Path | None:
    """The file that is named, else the one that is there."""
    if named:
        return folder / named
    return next((each for each in (folder / name for name in FILES) if each.is_file()), None)


def values_of(path: Path) -> dict[str, object]:
    """What stands in the file by dotted names, but for what is empty. Raises Misconfigured for a
    file that cannot be read."""
    try:
        loaded = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Misconfigured(f"{path} cannot be read: {error}") from error
    if loaded is not None and not isinstance(loaded, dict):
        raise Misconfigured(f"{path} must hold settings as `name: value`")
    return dict(_flat(loaded or {}, ""))


def configured(name: str) -> str:
    """What the settings file says of a key or host that is known by the variable `name`; empty
    where it says nothing, or names a variable that is not set. Raises as `values_of` does."""
    if name not in PATHS:
        return ""
    path = settings_file(Path.cwd(), given(NAMED) or written().get(NAMED))
    if path is None:
        return ""
    value = str(values_of(path).get(PATHS[name], ""))
    return REFERENCE.sub(lambda hit: given(hit[1]) or written().get(hit[1]) or hit[2] or "", value)


def _flat(values: Mapping[object, object], prefix: str) -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif value is not None and value != "":
            yield f"{prefix}{name}", tuple(value) if isinstance(value, list) else value
