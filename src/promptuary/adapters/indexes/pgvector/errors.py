"""The driver's failures as our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from promptuary.adapters.indexes._shared.authorities import distrusted
from promptuary.domain.errors import (
    Busy,
    InvalidInput,
    Misconfigured,
    PromptuaryError,
    StorageFull,
    TimedOut,
    TooLarge,
    Unavailable,
)

_BY_STATE: dict[str, type[PromptuaryError]] = {
    "53100": StorageFull,
    "53": Unavailable,
    "55P03": Busy,
    "40": Busy,
    "57014": TimedOut,
    "42501": Misconfigured,
    "3D000": Misconfigured,
    "22": InvalidInput,
    "28": Misconfigured,
    "42": Misconfigured,
    "54": TooLarge,
}
"""By SQLSTATE, or by its class (the first two characters)."""


@contextmanager
def translated() -> Iterator[None]:
    """Turns errors of the driver into errors of the house."""
    try:
        yield
    except asyncpg.PostgresError as error:
        state = error.sqlstate or ""
        kind = _BY_STATE.get(state) or _BY_STATE.get(state[:2], Unavailable)
        raise kind(f"the index says: {error}") from error
    except TimeoutError as error:
        raise TimedOut("the index did not answer in time") from error
    except (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        # The last is what a connection says that broke between two steps of one request.
        raise distrusted(error) or Unavailable(f"the index cannot be reached: {error}") from error
