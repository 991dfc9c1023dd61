"""What is made of a value before it is checked."""

from __future__ import annotations

MEBIBYTE = 1024 * 1024


def environment_name(value: object) -> object:
    """The short names of environments; others as they are."""
    known = {"production": "prod", "development": "dev", "testing": "test"}
    return (
        known.get(value.strip().lower(), value.strip().lower()) if isinstance(value, str) else value
    )


def lower(value: object) -> object:
    """A text in lower case, trimmed."""
    return value.strip().lower() if isinstance(value, str) else value


def upper(value: object) -> object:
    """A text in upper case, trimmed."""
    return value.strip().upper() if isinstance(value, str) else value


def comma_list(value: object) -> object:
    """The parts of a text between commas."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value
