"""Forms of values: as they may be written, and as they may be printed."""

from __future__ import annotations

import json
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import SecretStr

MEBIBYTE = 1024 * 1024


def environment_name(value: object) -> object:
    """Other spellings of where this runs."""
    known = {"production": "prod", "development": "dev", "testing": "test"}
    return (
        known.get(value.strip().lower(), value.strip().lower()) if isinstance(value, str) else value
    )


def lower(value: object) -> object:
    """Without blanks around it, in lower case."""
    return value.strip().lower() if isinstance(value, str) else value


def text(value: object) -> object:
    """A number as it is written: YAML takes `2.1` for one."""
    return str(value) if isinstance(value, int | float) else value


def upper(value: object) -> object:
    """The same in upper case."""
    return value.strip().upper() if isinstance(value, str) else value


def comma_list(value: object) -> object:
    """`a, b` as a list."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def listed(value: object) -> object:
    """`a, b`, or the same as a list in JSON, as a list."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            return tuple(json.loads(value))
        except json.JSONDecodeError:
            raise ValueError("is neither a list in JSON nor separated by commas") from None
    return comma_list(value)


def origin(value: str) -> str:
    """What a browser calls the site of a page; `*` is every site."""
    plain = value.strip().lower().removesuffix("/")
    if not re.fullmatch(r"\*|[a-z][a-z0-9+.-]*://[^\s/?#@*]+", plain):
        raise ValueError("an origin is `https://HOST` or `https://HOST:PORT`, and `*` every one")
    return plain


def zone_name(value: str) -> str:
    """The name of a time zone that there is."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"no time zone is called {value!r}; a good one is Europe/Istanbul"
        ) from None
    return value


def show(value: object) -> str:
    """A setting's value as text that may be printed."""
    match value:
        case None | SecretStr() if not value or not value.get_secret_value():
            return ""
        case SecretStr():
            secret = value.get_secret_value()
            return re.sub(r"(?<=//)[^/@]*@", "***@", secret) if _is_url(secret) else "***"
        case tuple():
            return ", ".join(show(each) for each in value)
        case _:
            return str(value)


def _is_url(text: str) -> bool:
    return re.match(r"[a-z][a-z0-9+.-]*:", text) is not None
