"""Prompts of a batch on their way in: read one by one, handed on in chunks, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from promptuary.api.bodies import checked, parse
from promptuary.api.problems import ProblemRaised
from promptuary.api.prompts import check_length
from promptuary.api.schemas.prompts import BatchOut, ContentIn, PromptIn, RejectedOut
from promptuary.api.serving import Serving
from promptuary.domain.errors import Rejected, TooLarge
from promptuary.domain.prompts import IncomingPrompt
from promptuary.domain.reports import RejectedItem

CHUNK_ITEMS: Final = 1_000
CHUNK_BYTES: Final = 4 * 1024 * 1024
"""A chunk is handed on at so many items or bytes: what of a stream is in memory at once."""
KEPT_REFUSALS: Final = 1_000
UNREADABLE: Final = IncomingPrompt("")
"""Stands for an item that could not be read, so that the others keep their positions."""


@dataclass(slots=True)  # changes: it is filled item by item
class _Chunk:
    """Items in order, where each stood in the batch, and what was wrong with the unreadable."""

    prompts: list[IncomingPrompt] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    unreadable: dict[int, RejectedItem] = field(default_factory=dict)
    size: int = 0

    @property
    def full(self) -> bool:
        """Whether it is time to hand it on."""
        return len(self.prompts) >= CHUNK_ITEMS or self.size >= CHUNK_BYTES


class Intake:
    """Takes the items of one batch and hands them on in chunks. An item keeps the position that it
    has in the whole, so that the same batch sent again, by whatever way, changes nothing."""

    def __init__(self, here: Serving, batch_id: str | None, collection: str) -> None:
        self._here = here
        self._given_id = batch_id
        self._collection = collection
        self._shown_id = batch_id or str(uuid4())
        self._counts: Counter[str] = Counter()
        self._masked = 0
        self._rejected: list[RejectedItem] = []
        self._job_id: str | None = None
        self._chunk = _Chunk()
        self._handed_on = 0

    async def take(self, position: int, item: object, *, size: int) -> None:
        """Take one item: bytes are a line of JSON, None is a line too long, else it is parsed.

        Raises Unavailable when a chunk could not be saved; chunks before it are.
        """
        chunk = self._chunk
        try:
            prompt = self._read(item)
        except Rejected as error:
            chunk.unreadable[position] = RejectedItem(position, error.code, str(error))
            prompt = UNREADABLE
        except ProblemRaised as error:
            problem = error.problem
            chunk.unreadable[position] = RejectedItem(position, problem.code, problem.detail)
            prompt = UNREADABLE
        chunk.prompts.append(prompt)
        chunk.positions.append(position)
        chunk.size += size
        if chunk.full:
            await self._hand_on()

    async def finish(self) -> BatchOut:
        """Hand on what is left; what the whole batch did."""
        if self._chunk.prompts:
            await self._hand_on()
        return self.so_far()

    def so_far(self) -> BatchOut:
        """What was done until now."""
        return BatchOut(
            batch_id=self._shown_id,
            job_id=self._job_id,
            accepted=self._counts["accepted"],
            duplicates=self._counts["duplicate"],
            rejected_count=self._counts["rejected"],
            rejected=[RejectedOut.of(item) for item in self._rejected],
            masked=self._masked,
        )

    def _read(self, item: object) -> IncomingPrompt:
        if item is None:
            most = self._here.settings.max_request_bytes
            raise TooLarge(f"the line is over {most:,} bytes")
        prompt = _of_line(item) if isinstance(item, bytes) else _of_value(item)
        check_length(prompt.text, self._here.settings.max_content_characters)
        return prompt

    async def _hand_on(self) -> None:
        chunk = self._chunk
        report = await self._here.promptuary.ingest(
            chunk.prompts,
            collection=self._collection,
            batch_id=self._given_id,
            first=self._handed_on + 1,
            place=False,
        )
        first, self._handed_on = self._handed_on + 1, self._handed_on + len(chunk.prompts)
        self._chunk = _Chunk()
        self._job_id = report.job_id or self._job_id
        self._masked += report.masked
        for status, number in (
            ("accepted", report.accepted),
            ("duplicate", report.duplicates),
            ("rejected", report.rejected_count),
        ):
            self._counts[status] += number
            self._here.meters.prompts(status, number)
        for item in report.rejected:
            position = chunk.positions[item.position - first]
            self._refuse(chunk.unreadable.get(position) or _moved(item, position))

    def _refuse(self, item: RejectedItem) -> None:
        self._here.meters.refusal(item.code)
        if len(self._rejected) < KEPT_REFUSALS:
            self._rejected.append(item)


def _of_line(line: bytes) -> IncomingPrompt:
    if line.startswith(b'"'):
        return IncomingPrompt(parse(line, ContentIn).root)
    return parse(line, PromptIn).incoming()


def _of_value(value: object) -> IncomingPrompt:
    if isinstance(value, str):
        return IncomingPrompt(value)
    return checked(PromptIn, value).incoming()


def _moved(item: RejectedItem, position: int) -> RejectedItem:
    return RejectedItem(position, item.code, item.reason, item.categories, item.prompt_id)
