"""A fake store of older prompts, in memory."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable, Sequence

from promptuary.domain.errors import Unavailable
from promptuary.domain.older_prompts import OlderList, OlderPrompt

A_PAGE = 50


class MemoryPromptArchive:
    """The port `PromptArchive`, and `RehearsingArchive`; `away` makes it Unavailable, and
    `read_only` its writes."""

    def __init__(self) -> None:
        self.prompts: dict[str, bytes] = {}
        self.listed: dict[str, set[str]] = {}
        self.positions: dict[str, int] = {}
        self.away = self.read_only = False

    async def page(self, cursor: str = "") -> tuple[Sequence[OlderPrompt], str]:
        """By id."""
        self._asked()
        ids = sorted(number for number in self.prompts if number > cursor)[: A_PAGE + 1]
        some = [OlderPrompt(number, self.prompts[number]) for number in ids[:A_PAGE]]
        return some, some[-1].id if len(ids) > A_PAGE else ""

    async def lists(self) -> AsyncGenerator[OlderList, None]:
        """Topics, then domains."""
        self._asked()
        for key, ids in list(self.listed.items()):
            of, _, name = key.partition(":")
            yield OlderList(name, "topic" if of == "topic" else "domain", tuple(ids))

    async def get(self, ids: Sequence[str]) -> Sequence[OlderPrompt]:
        """Those that are there."""
        self._asked()
        return [
            OlderPrompt(number, self.prompts[number]) for number in ids if number in self.prompts
        ]

    async def about(
        self, topics: Sequence[str], domain: str | None, limit: int
    ) -> Sequence[OlderPrompt]:
        """By the names of lists."""
        self._asked()
        found = set[str]().union(
            *(self.listed.get(f"topic:{topic.strip().lower()}", ()) for topic in topics)
        )
        if domain is not None:
            found &= set[str]().union(*(self.listed.get(key, ()) for key in _domains(domain)))
        return await self.get(sorted(found, key=lambda each: (len(each), each))[:limit])

    async def write(self, id: str, raw: bytes | None, *, expected: bytes | None) -> bool:
        """Compare, then set."""
        self._asked(writing=True)
        before = self.prompts.get(id)
        if before != expected:
            return False
        for key in _keys(before):
            self.listed.get(key, set()).discard(id)
        self.prompts.pop(id, None)
        if raw is not None:
            self.prompts[id] = raw
            for key in _keys(raw):
                self.listed.setdefault(key, set()).add(id)
        return True

    async def position(self, name: str) -> int | None:
        """What was set."""
        self._asked()
        return self.positions.get(name)

    async def set_position(self, name: str, position: int | None) -> None:
        """Keep it."""
        self._asked(writing=True)
        self.positions.pop(name, None)
        if position is not None:
            self.positions[name] = position

    async def empty(self) -> bool:
        """Whether nothing is there."""
        return not (self.prompts or self.listed or self.positions)

    async def lay(self, prompts: Iterable[OlderPrompt], lists: Iterable[OlderList]) -> None:
        """As it is."""
        self.prompts.update({each.id: each.raw for each in prompts})
        for each in lists:
            self.listed.setdefault(f"{each.of}:{each.name}", set()).update(each.ids)

    async def clear(self) -> None:
        """All of it."""
        self.prompts.clear()
        self.listed.clear()
        self.positions.clear()

    async def aclose(self) -> None:
        """Nothing is held."""

    def _asked(self, *, writing: bool = False) -> None:
        if self.away or (writing and self.read_only):
            raise Unavailable("the archive is away" if self.away else "the archive is read-only")


def _keys(raw: bytes | None) -> list[str]:
    try:
        found = json.loads(raw or b"{}")
        topics, domain = found["response"]["detected_topics"], found["request"]["domain"]
    except (ValueError, KeyError, TypeError):
        return []
    return [*(f"topic:{topic.lower()}" for topic in topics), *_domains(domain)]


def _domains(domain: str) -> tuple[str, str]:
    plain = domain.rpartition(".")[2]
    return f"domain:{plain.lower()}", f"domain:DomainType.{plain.upper()}"
