"""How the prompts of an older service move into the library, and back."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from promptuary.domain.errors import GuardRefused, InvalidInput, TooLarge
from promptuary.domain.moves import ORDER, Move, MoveKind
from promptuary.domain.older_prompts import OlderPrompt, OlderSaid
from promptuary.domain.reports import Told, silent
from promptuary.domain.upkeep import FAULTS, Verified
from promptuary.library.older_prompts import digest_of, is_older_id, read_older
from promptuary.moving.prompts import relaying
from promptuary.moving.prompts.census import Counted, counted, told_of
from promptuary.moving.prompts.comparing import look, reported, still
from promptuary.moving.prompts.knowing import Known
from promptuary.moving.prompts.sides import BATCH, Both, relay_of
from promptuary.moving.prompts.taking import put_right, take_new
from promptuary.moving.ways import END, Copied
from promptuary.ports.clock import Clock

ROUNDS: Final = 3
"""So often what differs is put right before it counts as not to be put right."""


class VerifyIndex(Protocol):
    """Compares the index with the record; with `repair` puts it right."""

    def __call__(self, *, repair: bool, progress: Told) -> Awaitable[Verified]:
        """Every entry."""
        ...


class PromptsWay:
    """The `Way` of prompts out of an older service's store into the library.

    The store goes on being written to by its own service: whoever copies it compares it again and
    again until both say the same. `index` has the index compared with the record, so that what was
    verified can also be found.
    """

    kind: MoveKind = "prompts"

    def __init__(
        self,
        both: Both,
        clock: Clock,
        ends: tuple[str, str],
        space: str,
        index: VerifyIndex,
    ) -> None:
        self.source, self.target = ends
        self._both = both
        self._clock = clock
        self.space = space
        self._index = index
        self._counted: Counted | None = None

    @property
    def refused(self) -> Mapping[str, str]:
        """Nothing: what cannot be read is counted beforehand, and the library takes the rest."""
        return {}

    async def entries(self) -> int:
        """Prompts in the older store that can be read."""
        self._counted = await counted(self._both.archive, lists=False)
        return len(self._counted.digests)

    async def preflight(self, move: Move, told: Told) -> tuple[str, ...]:  # noqa: ARG002 - as `Way` says
        """The older store takes writes, and what stands there is counted by kind of dirt."""
        held = sum([len(some) async for some in self._both.standing()])
        archive = self._both.archive
        started = self._clock.monotonic()
        self._counted = await counted(archive, told)
        await archive.set_position("preflight", 1)
        if await archive.position("preflight") != 1:
            raise GuardRefused("the older store took a write and did not keep it")
        await archive.set_position("preflight", None)
        # Taking a prompt in costs several times as much as looking at it.
        seconds = 10 * (self._clock.monotonic() - started)
        said = tuple(told_of(self._counted.census(), seconds))
        if held:
            kept = f"{held:,} prompts are here already; those that the older store lacks go there"
            return (*said, kept)
        return said

    async def owe(self, move: Move) -> None:  # noqa: ARG002 - as `Way` says
        """What is written here from now on goes to the older store too."""
        await relaying.begin(self._both)

    async def copy(self, cursor: str) -> Copied:
        """One page of the older store."""
        entries, following = await self._both.archive.page(cursor)
        if self._counted is None:  # another process began
            self._counted = await counted(self._both.archive, lists=False)
        # Asked after the page was read: what of it was relayed from here is known by then.
        own = await self._both.first_here()
        said = self._to_take([each for each in entries if each.id not in own], self._counted)
        twins = self._counted.twins
        names = list(said)
        for start in range(0, len(names), BATCH):
            some = {number: said[number] for number in names[start : start + BATCH]}
            await take_new(self._both, some, twins, self._clock.now())
        # A duplicate is copied with the prompt that says the same.
        done = sum(1 + len(twins.get(number, ())) for number in names)
        return Copied(done, following or END)

    async def level(self, move: Move) -> None:
        """Compare and put right until both say the same; a service that writes all the while
        leaves at most what it wrote in the last round."""
        if move.switched:
            await relaying.relay(self._both)
        for _ in range(ROUNDS):
            if not await self.catch_up(switched=move.switched):
                break
        self._counted = None

    async def catch_up(self, *, switched: bool) -> int:
        """One round: how many prompts were put right."""
        await relaying.relay(self._both)
        seen = await look(self._both, silent)
        if not seen.faults:
            return 0
        faults = await still(self._both, seen)
        now = self._clock.now()
        return await put_right(self._both, faults, now, switched=switched, emptied=False)

    async def compare(self, move: Move, told: Told, *, mend: bool) -> Verified:
        """Compare every id of both sides, and the index with the record. What the older service
        wrote while it was compared may count as different until it is taken up."""
        switched = ORDER.index(move.step) >= ORDER.index("cutover")
        emptied = await relaying.lost(self._both)
        if not emptied:
            await relaying.relay(self._both)
        self._both.known = Known()  # all of both sides is read
        seen = await look(self._both, told, move.total)
        seen.faults = await still(self._both, seen)
        repaired = len(seen.faults) if mend else 0
        if mend and emptied:
            await relaying.send_all(self._both)
        for _ in range(ROUNDS if mend else 0):
            if not seen.faults:
                break
            now = self._clock.now()
            await put_right(self._both, seen.faults, now, switched=switched, emptied=emptied)
            await relaying.relay(self._both)
            # What the older service writes meanwhile is no fault of these: the next look has it.
            seen.faults = await still(self._both, seen)
        index = await self._index(repair=mend, progress=told)
        return _together(reported(seen, repaired), index)

    async def deliver(self, move: Move) -> None:  # noqa: ARG002 - as `Way` says
        """Give the older store what was written here."""
        await relaying.relay(self._both)

    async def end(self, move: Move) -> None:
        """Forget how far the relay came."""
        await self._both.archive.set_position(relay_of(move.tenant), None)

    def _to_take(self, entries: Sequence[OlderPrompt], known: Counted) -> dict[str, OlderSaid]:
        """What can be read and is no duplicate, by id."""
        said: dict[str, OlderSaid] = {}
        for entry in entries:
            if not is_older_id(entry.id):
                continue
            try:
                read = read_older(entry.raw).said
            except (InvalidInput, TooLarge):
                continue
            if known.firsts.get(digest_of(read), entry.id) == entry.id:
                said[entry.id] = read
        return said


def _together(sides: Verified, index: Verified) -> Verified:
    faults: dict[str, int] = {
        fault: count
        for fault in FAULTS
        if (count := sides.faults.get(fault, 0) + index.faults.get(fault, 0))
    }
    examples = {
        fault: (*sides.examples.get(fault, ()), *index.examples.get(fault, ())) for fault in faults
    }
    repaired = sides.repaired + index.repaired
    return replace(sides, faults=faults, examples=examples, repaired=repaired)
