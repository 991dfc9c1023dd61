"""What stands in an older store, and in which state: counted before anything moves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.older_prompts import DIRT, Census, Dirt, OlderList, OlderPrompt
from promptuary.domain.reports import Progress, Told, silent
from promptuary.library.older_prompts import digest_of, is_older_id, read_older
from promptuary.ports.prompt_archive import PromptArchive

EXAMPLES: Final = 5
FEW: Final = 50
"""So many prompts are looked at before others have their turn."""


class Counted:
    """Counts prompts and lists as they come."""

    def __init__(self) -> None:
        self.firsts: dict[bytes, str] = {}
        """The lowest id of those that say the same, by the digest of what they say."""
        self.digests: dict[str, bytes] = {}
        self._seen: set[str] = set()
        self._listed: set[str] = set()
        self._dirt: dict[Dirt, dict[str, None]] = {}
        self._bytes = self._lists = 0

    def count(self, prompt: OlderPrompt) -> None:
        """One prompt; again changes nothing."""
        if prompt.id in self._seen:
            return
        self._seen.add(prompt.id)
        self._bytes += len(prompt.raw)
        if not is_older_id(prompt.id):
            self._note("odd id", prompt.id)
            return
        try:
            read = read_older(prompt.raw)
        except TooLarge:
            self._note("too large", prompt.id)
            return
        except InvalidInput:
            self._note("unreadable", prompt.id)
            return
        for dirt in read.dirt:
            self._note(dirt, prompt.id)
        digest = self.digests[prompt.id] = digest_of(read.said)
        first = self.firsts.get(digest)
        if first is None or int(prompt.id) < int(first):
            self.firsts[digest] = prompt.id

    def count_list(self, listed: OlderList) -> None:
        """One list; call it when all prompts were counted."""
        self._lists += 1
        for number in listed.ids:
            if number not in self._seen:
                self._note("orphan", f"{listed.name}:{number}")
            elif listed.of == "domain":
                self._listed.add(number)

    def census(self) -> Census:
        """All of it."""
        for number, digest in self.digests.items():
            if self.firsts[digest] != number:
                self._note("duplicate", number)
            if number not in self._listed:
                self._note("unlisted", number)
        found = {dirt: self._dirt[dirt] for dirt in DIRT if dirt in self._dirt}
        return Census(
            prompts=len(self.digests),
            bytes=self._bytes,
            lists=self._lists,
            dirt={dirt: len(ids) for dirt, ids in found.items()},
            examples={dirt: tuple(ids)[:EXAMPLES] for dirt, ids in found.items()},
        )

    @cached_property
    def twins(self) -> Mapping[str, list[str]]:
        """By the lowest id of those that say the same: the others. For when all were counted."""
        found: dict[str, list[str]] = {}
        for number, digest in self.digests.items():
            if (first := self.firsts[digest]) != number:
                found.setdefault(first, []).append(number)
        return found

    def _note(self, dirt: Dirt, what: str) -> None:
        self._dirt.setdefault(dirt, {})[what] = None


async def counted(archive: PromptArchive, told: Told = silent, *, lists: bool = True) -> Counted:
    """Look at everything there."""
    count, cursor, done = Counted(), "", 0
    while True:
        prompts, cursor = await archive.page(cursor)
        for number, prompt in enumerate(prompts):
            count.count(prompt)
            if number % FEW == 0:
                await asyncio.sleep(0)  # reads go on meanwhile
        done += len(prompts)
        told(Progress("preflight", done, None))
        if not cursor:
            break
    if lists:
        async for listed in archive.lists():
            count.count_list(listed)
    return count


def told_of(census: Census, seconds: float) -> Iterator[str]:
    """What a reader of the report should know of it; `seconds` is how long copying may take."""
    yield (
        f"{census.prompts:,} prompts in {census.bytes / 1e6:.1f} MB and {census.lists:,} lists; "
        f"copying them takes about {seconds:.0f} s"
    )
    for dirt, count in census.dirt.items():
        yield f"{count:,} {dirt}: {', '.join(census.examples[dirt])}"
