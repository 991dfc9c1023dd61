"""What the status of a reply means to the caller."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from promptuary.domain.errors import (
    BadReply,
    InvalidInput,
    Misconfigured,
    PromptuaryError,
    RateLimited,
    TimedOut,
    TooLarge,
    Unavailable,
)

LONGEST_WAIT = 3600.0


def refusal(status: int, headers: Mapping[str, str], said: str) -> PromptuaryError:
    """The error for a status that is not 200; `said` names who answered what."""
    match status:
        case 401 | 402 | 403:
            return Misconfigured(f"{said} (is the key right, and the account in credit?)")
        case 404 | 405:
            return Misconfigured(f"{said} (is there such a model and path?)")
        case 408 | 504:
            return TimedOut(said)
        case 413:
            return TooLarge(said)
        case 400 | 422:
            return InvalidInput(said)
        case 429:
            return RateLimited(said, retry_after=retry_after(headers.get("retry-after", "")))
        case _ if status >= 500:
            return Unavailable(said)
    return BadReply(said)


def retry_after(text: str) -> float:
    """Seconds, or a date; 1 where nothing sound is said, an hour at the most."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = _until(text)
    return min(LONGEST_WAIT, max(0.0, seconds)) if seconds == seconds else 1.0  # noqa: PLR0124 - NaN


def _until(date: str) -> float:
    try:
        return (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 1.0
