"""Asynchronous methods as methods that wait, run in the event loop of another thread."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial, update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def waiting(
    method: Callable[Concatenate[Any, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[Any, P], R]:
    """The same method, name, types and docstring, that waits for its result.

    Whose method it becomes keeps what it is a face of as `_inner`, and as `_portal` the
    `anyio.from_thread.BlockingPortal` into its loop. A face within a face is made the same way.
    """

    def call(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:  # noqa: ANN401 - either face
        bound: Callable[[], Coroutine[Any, Any, R]]
        bound = partial(method, self._inner, *args, **kwargs)
        result: R = self._portal.call(bound)
        return result

    update_wrapper(call, method)
    return call
