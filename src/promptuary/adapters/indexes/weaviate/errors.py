"""The client's failures as our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from weaviate.exceptions import (
    AuthenticationFailedError,
    InsufficientPermissionsError,
    UnexpectedStatusCodeError,
    WeaviateBaseError,
    WeaviateInvalidInputError,
    WeaviateTimeoutError,
)

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
    401: Misconfigured,
    403: Misconfigured,
    408: TimedOut,
    413: TooLarge,
    422: InvalidInput,
    504: TimedOut,
}
_BY_WORD: dict[str, type[PromptuaryError]] = {
    "read-only": Unsupported,
    "no space left": StorageFull,
    "unauthenticated": Misconfigured,
    "anonymous access": Misconfigured,
    "permission_denied": Misconfigured,
    "deadline": TimedOut,
    "larger than max": TooLarge,
}
"""What stands in the messages of failures that have no status."""

_WAIT = 1.0


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
        raise refusal(str(error)) from error
    except OSError as error:
        raise Unavailable(f"the index cannot be reached: {error}") from error


def refusal(said: str, status: int = 0) -> PromptuaryError:
    """What a message, and the status that came with it, mean."""
    low = said.lower()
    for word, kind in _BY_WORD.items():
        if word in low:
            return kind(f"the index says: {said}")
    if status == 429:
        return RateLimited(f"the index says: {said}", retry_after=_WAIT)
    return _BY_STATUS.get(status, Unavailable)(f"the index says: {said}")
