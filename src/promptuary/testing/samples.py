"""Small made-up records for contracts and tests: every id and time follows from the arguments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import NAMESPACE_OID, uuid5

from promptuary.domain.pages import Page
from promptuary.domain.prompts import NewPrompt, Saved, Verdict, collection_id, prompt_id
from promptuary.domain.templates import (
    EvolutionEvent,
    Family,
    Lineage,
    Placement,
    Slot,
    SlotTally,
    SlotValue,
    Template,
)
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

T = TypeVar("T")
HOME = "default"
HOME_ID = collection_id(HOME)


def an_id(name: str) -> str:
    """A UUID that stands for that name."""
    return str(uuid5(NAMESPACE_OID, ascii(name)))


def moment(hours: int = 0) -> datetime:
    """So many hours into 2030, UTC."""
    return datetime(2030, 1, 1, tzinfo=UTC) + timedelta(hours=hours)


def new_prompt(
    text: str, key: str | None = None, *, allowed: bool = True, at: int = 0, home: str = HOME
) -> NewPrompt:
    """A prompt about to be saved; its key is its text unless given."""
    scores = {} if allowed else {"secret": 0.75}
    verdict = Verdict(allowed, scores, None if allowed else "holds a secret")
    return NewPrompt(
        id=prompt_id(collection_id(home), text),
        text=text,
        key=text if key is None else key,
        verdict=verdict,
        created_at=moment(at),
    )


async def save(record: UnitOfWork, *prompts: NewPrompt | str, home: str = HOME) -> list[Saved]:
    """Save prompts in one transaction; a string is a safe prompt of that text."""
    fresh = [new_prompt(each, home=home) if isinstance(each, str) else each for each in prompts]
    async with record.begin() as tx:
        collection = await tx.collections.ensure(home)
        return await tx.prompts.add(collection.id, fresh)


def template(lineage: str, version: str = "1.0.0", text: str = "Say {{word}}.") -> Template:
    """A version of the lineage of that name."""
    return Template(
        id=an_id(f"{lineage} {version}"),
        lineage_id=an_id(lineage),
        version=version,
        text=text,
        slots=(Slot("word", "text", (SlotValue("yes", 2), SlotValue("no", 1)), True, 0.875),),
        confidence=0.5,
        reason="first seen",
        created_at=moment(1),
    )


def lineage(
    name: str,
    *,
    size: int = 1,
    home: str = HOME,
    family: str | None = None,
    created: int = 0,
    version: str = "1.0.0",
    merged_into: str | None = None,
) -> Lineage:
    """The lineage of that name, in the family of that name."""
    return Lineage(
        id=an_id(name),
        collection=home,
        name=name,
        template=template(name, version),
        family_id=an_id(family) if family else None,
        size=size,
        first_seq=created + 1,
        last_seq=created + size,
        examples=("Say yes.", "Say no."),
        tallies={"word": SlotTally({"yes": 2, "no": 1}, 3)},
        created_at=moment(created),
        updated_at=moment(created + 1),
        merged_into=an_id(merged_into) if merged_into else None,
    )


def family(name: str, *, size: int = 1, created: int = 0, home: str = HOME) -> Family:
    """The family of that name."""
    return Family(
        id=an_id(name),
        collection=home,
        name=name,
        size=size,
        templates=1,
        created_at=moment(created),
        updated_at=moment(created),
    )


def placement(prompt: str, lineage: str, *, version: str = "1.0.0") -> Placement:
    """The prompt of that text under the lineage of that name."""
    return Placement(
        prompt_id=prompt_id(HOME_ID, prompt),
        lineage_id=an_id(lineage),
        template_id=an_id(f"{lineage} {version}"),
        slots={"word": "yes"},
        residual="!",
        similarity=0.75,
        confidence=0.5,
        reasons=("shares 1 of 1 fixed words", "nearest other: 0.25"),
    )


def event(name: str, lineage: str, *, at: int = 0) -> EvolutionEvent:
    """An event of that name in the lineage of that name."""
    return EvolutionEvent(
        id=an_id(name),
        lineage_id=an_id(lineage),
        template_id=an_id(f"{lineage} 1.0.0"),
        type="UPDATED",
        previous_version=None,
        new_version="1.0.0",
        reason=name,
        detected_by="rules",
        created_at=moment(at),
    )


async def found_lineages(record: UnitOfWork, *lineages: Lineage) -> None:
    """Save lineages with the families they name."""
    async with record.begin() as tx:
        for home in {each.collection for each in lineages}:
            await tx.collections.ensure(home)
        named = {each.family_id: each for each in lineages if each.family_id}
        families = [
            Family(own, each.collection, own, 1, 1, moment(), moment())
            for own, each in named.items()
        ]
        await tx.families.save(families)
        await tx.templates.save_lineages(lineages)


class TroubleError(Exception):
    """Something goes wrong in the middle of a transaction."""


async def broken_off(record: UnitOfWork, work: Callable[[Transaction], Awaitable[object]]) -> None:
    """Do the work in a transaction that then fails with TroubleError."""
    async with record.begin() as tx:
        await work(tx)
        raise TroubleError


async def walked(page: Callable[[str | None], Awaitable[Page[T]]]) -> list[T]:
    """Everything a listing holds, page by page."""
    items: list[T] = []
    cursor: str | None = None
    while True:
        got = await page(cursor)
        items += got.items
        cursor = got.next_cursor
        if cursor is None:
            return items
