"""Points in time as formats write them."""

from __future__ import annotations

from datetime import UTC, datetime

from promptuary.domain.plain import Json


def from_iso(value: Json) -> datetime | None:
    """ISO 8601, without a zone UTC; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def to_iso(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, with milliseconds, as JavaScript writes it."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_unix(value: Json, *, milliseconds: bool = False) -> datetime | None:
    """Seconds (or milliseconds) since 1970; None for anything else, and for times out of reach."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value / 1000 if milliseconds else value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
