"""Several questions to one host at once, but not too many."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import anyio

AT_ONCE = 8
T = TypeVar("T")
R = TypeVar("R")


async def each_of(ask: Callable[[T], Awaitable[R]], of: Sequence[T]) -> list[R]:
    """The answers in order. The first that fails ends the others; its error is raised as it is."""
    answers: dict[int, R] = {}
    failed: list[Exception] = []
    room = anyio.Semaphore(AT_ONCE)

    async with anyio.create_task_group() as group:

        async def one(number: int, about: T) -> None:
            async with room:
                try:
                    answers[number] = await ask(about)
                except Exception as error:  # noqa: BLE001 - raised below, not in a group of errors
                    failed.append(error)
                    group.cancel_scope.cancel()

        for number, about in enumerate(of):
            group.start_soon(one, number, about)
    if failed:
        raise failed[0]
    return [answers[number] for number in range(len(of))]
