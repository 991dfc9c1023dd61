"""What a user can see of an ingest, in a form that two runs can be compared by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from promptuary import IncomingPrompt, Promptuary
from promptuary.canon.templates import residual
from promptuary.canon.templates.filling import fill

START = datetime(2026, 3, 2, tzinfo=UTC)


def traffic(rounds: int) -> list[IncomingPrompt]:
    """Two templates, a wording that changes, one-offs and repetitions: every kind of write. Four
    prompts a round."""
    texts: list[str] = []
    for n in range(rounds):
        lines = "two lines" if n < rounds * 2 // 3 else "at most two short lines"
        texts += [
            f"Summarise ticket number {n * 7919 % 997} for the support team in {lines}.",
            f"Translate the word 'w{n * 31 % 211}' into Finnish and give an example.",
            f"Remark {' '.join(f'{(n * k) % 89}q{k}' for k in range(3, 9))}",
            texts[n] if texts else "The very first prompt asks for nothing in particular.",
        ]
    return [
        IncomingPrompt(text, created_at=START + timedelta(hours=n)) for n, text in enumerate(texts)
    ]


async def outcome(opened: Promptuary) -> dict[str, Any]:
    """Everything there is to see, part by part."""
    lines = (await opened.templates(limit=1000)).items
    return {
        "placements": [asdict(row) async for row in opened.placements()],
        "lineages": [asdict(line) for line in lines],
        "versions": [[asdict(one) for one in await opened.versions(line.id)] for line in lines],
        "events": [[asdict(one) for one in await opened.events(line.id)] for line in lines],
        "families": [asdict(one) for one in (await opened.families(limit=1000)).items],
        "prompts": [asdict(one) for one in (await opened.prompts(limit=1000)).items],
        "found": [sorted(await found(opened, words)) for words in ("ticket", "Finnish word")],
        "index": (await opened.index_health()).entries,
    }


async def found(opened: Promptuary, words: str) -> list[str]:
    """All that has one of the words, with everything the index knows about it."""
    hits: list[str] = []
    cursor: str | None = None
    while True:
        answer = await opened.search(words, mode="words", limit=100, cursor=cursor)
        assert answer.partial is None, answer.partial
        hits += [f"{hit.id} {sorted(hit.texts.items())}{hit.payload}" for hit in answer.hits]
        cursor = answer.next_cursor
        if cursor is None:
            return hits


async def texts(opened: Promptuary, collection: str = "default") -> dict[str, str]:
    """Every distinct text of the record, by its prompt's id."""
    known: dict[str, str] = {}
    cursor: str | None = None
    while True:
        page = await opened.prompts(collection=collection, cursor=cursor, limit=1000)
        known |= {prompt.id: prompt.text for prompt in page.items}
        cursor = page.next_cursor
        if cursor is None:
            return known


async def verify_all_is_kept(
    opened: Promptuary, sent: Iterable[str], collection: str = "default"
) -> None:
    """Every sent text is in the record, and every placed one comes back byte for byte."""
    known = await texts(opened, collection)
    assert set(known.values()) == set(sent)
    async for row in opened.placements(collection):
        if row.template is not None:
            assert row.residual is not None
            filled = fill(row.template, row.slots)
            assert residual.apply(row.residual, filled) == known[row.prompt_id]
