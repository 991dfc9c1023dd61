"""What a Redis that others fill, or that we fill for others, raises, as errors of the house."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import AuthenticationError, NoPermissionError, RedisError

from promptuary.domain.errors import Misconfigured, Unavailable


@contextmanager
def named() -> Iterator[None]:
    """Raises Misconfigured where Redis lets nobody in by that key, and Unavailable for the rest."""
    try:
        yield
    except (AuthenticationError, NoPermissionError) as error:
        raise Misconfigured(f"Redis does not let us in: {error}") from error
    except (RedisError, OSError) as error:
        raise Unavailable(f"Redis cannot be reached: {error}") from error
