"""The client's calls in threads, in time, and its failures as our errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread
import httpx
from chromadb import errors

from promptuary.adapters.indexes._shared.authorities import distrusted
from promptuary.domain.errors import (
    InvalidInput,
    Misconfigured,
    PromptuaryError,
    RateLimited,
    StorageFull,
    TimedOut,
    TooLarge,
    Unavailable,
)

P = ParamSpec("P")
T = TypeVar("T")

_BY_WORD: dict[str, type[PromptuaryError]] = {
    "readonly": Unavailable,
    "read-only": Unavailable,
    "disk is full": StorageFull,
    "no space left": StorageFull,
}
_BY_KIND: dict[type[Exception], type[PromptuaryError]] = {
    errors.AuthorizationError: Misconfigured,
    errors.ChromaAuthError: Misconfigured,
    errors.NotFoundError: Misconfigured,
    errors.InvalidArgumentError: InvalidInput,
    errors.BatchSizeExceededError: TooLarge,
    httpx.TimeoutException: TimedOut,
}
_WAIT = 1.0


class Asking:
    """Calls of a client that blocks: one at a time in the process, several to a server."""

    def __init__(self, *, at_once: int, seconds: float) -> None:
        """A call that takes longer than `seconds` is given up with TimedOut."""
        self._limiter = anyio.CapacityLimiter(at_once)
        self._seconds = seconds

    async def __call__(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the call gives back."""
        with translated():
            with anyio.fail_after(self._seconds):
                return await anyio.to_thread.run_sync(
                    partial(call, *args, **kwargs), abandon_on_cancel=True, limiter=self._limiter
                )


@contextmanager
def translated() -> Iterator[None]:
    """Turns errors of the client into errors of the house."""
    try:
        yield
    except PromptuaryError:
        raise
    except errors.RateLimitError as error:
        raise RateLimited(f"the index says: {error}", retry_after=_WAIT) from error
    except (errors.ChromaError, httpx.HTTPError, OSError, ValueError) as error:
        raise _meaning(error) from error


def _meaning(error: Exception) -> PromptuaryError:
    said = str(error) or type(error).__name__
    for word, kind in _BY_WORD.items():
        if word in said.lower():
            return kind(f"the index says: {said}")
    if isinstance(error, TimeoutError):
        return TimedOut("the index did not answer in time")
    for vendors, kind in _BY_KIND.items():
        if isinstance(error, vendors):
            return kind(f"the index says: {said}")
    return distrusted(error) or Unavailable(f"the index cannot be reached: {said}")
