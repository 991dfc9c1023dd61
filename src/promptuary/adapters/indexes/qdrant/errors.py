"""The client's failures as our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import grpc
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException
from qdrant_client.http.exceptions import UnexpectedResponse as Refused

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
    Unsupported,
)

_BY_STATUS: dict[int, type[PromptuaryError]] = {
    400: InvalidInput,
    401: Misconfigured,
    403: Misconfigured,
    404: Unavailable,
    408: TimedOut,
    413: TooLarge,
    422: InvalidInput,
    504: TimedOut,
}
_BY_CODE: dict[grpc.StatusCode, type[PromptuaryError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidInput,
    grpc.StatusCode.UNAUTHENTICATED: Misconfigured,
    grpc.StatusCode.PERMISSION_DENIED: Misconfigured,
    grpc.StatusCode.DEADLINE_EXCEEDED: TimedOut,
    grpc.StatusCode.UNIMPLEMENTED: Unsupported,
    grpc.StatusCode.OUT_OF_RANGE: TooLarge,
}
_WAIT = 1.0


@contextmanager
def translated() -> Iterator[None]:
    """Turns errors of the client into errors of the house."""
    try:
        yield
    except PromptuaryError:
        raise
    except Refused as error:
        raise _refusal(error.status_code or 0, error.content.decode(errors="replace")) from error
    except grpc.aio.AioRpcError as error:
        said = error.details() or ""
        raise distrusted(error) or _failure(error.code(), said) from error
    except ResponseHandlingException as error:
        kind = TimedOut if "timed out" in str(error).lower() else Unavailable
        raise distrusted(error) or kind(f"the index cannot be reached: {error}") from error
    except (ApiException, OSError) as error:
        raise Unavailable(f"the index cannot be reached: {error}") from error


def _refusal(status: int, said: str) -> PromptuaryError:
    if status == 429:
        return RateLimited(f"the index says: {said}", retry_after=_WAIT)
    return _worded(_BY_STATUS.get(status, Unavailable), said)


def _failure(code: grpc.StatusCode, said: str) -> PromptuaryError:
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        if "larger" in said:
            return TooLarge(f"the index says: {said}")
        return RateLimited(f"the index says: {said}", retry_after=_WAIT)
    return _worded(_BY_CODE.get(code, Unavailable), said)


def _worded(kind: type[PromptuaryError], said: str) -> PromptuaryError:
    full = "No space left" in said or "disk" in said.lower()
    return (StorageFull if full else kind)(f"the index says: {said}")
