"""Where an older service keeps its prompts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import Protocol, runtime_checkable

from promptuary.domain.older_prompts import OlderList, OlderPrompt


class PromptArchive(Protocol):
    """Prompts as somebody else wrote them, who may go on doing so: nothing read is checked.

    Raises Unavailable when it cannot be reached or takes no writes, Misconfigured where it does not
    let us in.
    """

    async def page(self, cursor: str = "") -> tuple[Sequence[OlderPrompt], str]:
        """Some of the prompts, in no order, and the cursor of those that follow; empty at the end.
        What is there all the while comes at least once. What comes meanwhile may be left out."""
        ...

    def lists(self) -> AsyncGenerator[OlderList, None]:
        """The lists of ids by topic and by domain; one may come twice."""
        ...

    async def get(self, ids: Sequence[str]) -> Sequence[OlderPrompt]:
        """Those that are there, in the order asked."""
        ...

    async def about(
        self, topics: Sequence[str], domain: str | None, limit: int
    ) -> Sequence[OlderPrompt]:
        """What the older service itself answers: prompts in a list of one of the topics, and in one
        of the domain."""
        ...

    async def write(self, id: str, raw: bytes | None, *, expected: bytes | None) -> bool:
        """Keep that under the id, in its lists too, or with None remove it from all of them.
        Changes nothing and returns False where it is not as `expected` (None: not there) any
        more."""
        ...

    async def position(self, name: str) -> int | None:
        """How far a relay of that name has come, None where nothing is known of it: it never
        began, or the store has lost what it held."""
        ...

    async def set_position(self, name: str, position: int | None) -> None:
        """Keep it; None forgets it."""
        ...

    async def aclose(self) -> None:
        """Release what is held; closing twice is harmless."""
        ...


@runtime_checkable
class RehearsingArchive(PromptArchive, Protocol):
    """One that can be filled for a rehearsal, dirt and all."""

    async def empty(self) -> bool:
        """Whether it holds nothing at all."""
        ...

    async def lay(self, prompts: Iterable[OlderPrompt], lists: Iterable[OlderList]) -> None:
        """Put these there exactly as they are."""
        ...

    async def clear(self) -> None:
        """Remove everything that the older service's layout names."""
        ...
