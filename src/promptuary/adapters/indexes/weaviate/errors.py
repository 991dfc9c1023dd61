"""The client's failures as our errors."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import anyio
from weaviate.exceptions import (
    AuthenticationFailedError,
    InsufficientPermissionsError,
    UnexpectedStatusCodeError,
    WeaviateBaseError,
    WeaviateInvalidInputError,
    WeaviateTimeoutError,
)

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

T = TypeVar("T")

_BY_STATUS: dict[int, type[PromptuaryError]] = {
    401: Misconfigured,
    403: Misconfigured,
    408: TimedOut,
    413: TooLarge,
    422: InvalidInput,
    504: TimedOut,
}
_BY_WORD: dict[str, type[PromptuaryError]] = {
    "read-only": Unavailable,
    "no space left": StorageFull,
    "unauthenticated": Misconfigured,
    "anonymous access": Misconfigured,
    "permission_denied": Misconfigured,
    "could not find class": Misconfigured,
    "class not found": Misconfigured,
    "is not supported. please use weaviate version": Misconfigured,
    "deadline": TimedOut,
    "larger than max": TooLarge,
}
"""What stands in the messages of failures that have no status."""

_WAIT = 1.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where requests by gRPC are answered."""

    host: str
    port: int


@contextmanager
def translated() -> Iterator[None]:
    """Turns errors of the client into errors of the house."""
    try:
        yield
    except (AuthenticationFailedError, InsufficientPermissionsError) as error:
        raise Misconfigured(f"the index says: {error}") from error
    except WeaviateTimeoutError as error:
        raise TimedOut("the index did not answer in time") from error
    except UnexpectedStatusCodeError as error:
        raise refusal(str(error), error.status_code) from error
    except WeaviateInvalidInputError as error:
        raise InvalidInput(f"the index says: {error}") from error
    except WeaviateBaseError as error:
        raise distrusted(error) or refusal(str(error)) from error
    except OSError as error:
        raise Unavailable(f"the index cannot be reached: {error}") from error


async def answered(server: Server, call: Awaitable[T]) -> T:
    """What a request by gRPC gives, or its failure as ours. A server that is away is given up: the
    client itself goes on trying for a minute. The request has a task of its own, which may be
    ended without the caller's."""
    outcome: list[T | Exception] = []

    async def ask() -> None:
        try:
            outcome.append(await call)
        except Exception as error:  # noqa: BLE001 - raised again, in the caller's task
            outcome.append(error)
        asking.cancel_scope.cancel()

    async with anyio.create_task_group() as asking:
        asking.start_soon(ask)
        asking.start_soon(_watch, server, asking.cancel_scope)
    if not outcome:
        raise Unavailable(f"the index cannot be reached: nobody listens at port {server.port}")
    (found,) = outcome
    if isinstance(found, Exception):
        with translated():
            raise found
    return found


async def _watch(server: Server, asking: anyio.CancelScope) -> None:
    """Look every second whether anybody still listens there."""
    while True:
        await anyio.sleep(_WAIT)
        try:
            await (await anyio.connect_tcp(server.host, server.port)).aclose()
        except OSError:
            asking.cancel()
            return


def refusal(said: str, status: int = 0) -> PromptuaryError:
    """What a message, and the status that came with it, mean."""
    low = said.lower()
    for word, kind in _BY_WORD.items():
        if word in low:
            return kind(f"the index says: {said}")
    if status == 429:
        return RateLimited(f"the index says: {said}", retry_after=_WAIT)
    return _BY_STATUS.get(status, Unavailable)(f"the index says: {said}")
