"""What `eval retrieval` and `eval prompts` do between reading the questions and the truth."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

import anyio

from promptuary.cli.opening import settings_of
from promptuary.domain.reports import Progress, Told
from promptuary.models import wished_by
from promptuary.plugins import open_index, word_model
from promptuary.retrieval.evaluating.collections import Asked, Row
from promptuary.retrieval.evaluating.running import (
    Shelf,
    keep_documents,
    keep_prompts,
    look_for_documents,
    look_for_prompts,
)
from promptuary.retrieval.hybrid import Mode, Ranked
from promptuary.retrieval.thesaurus import Thesaurus

About: TypeAlias = Literal["documents", "prompts"]
Look: TypeAlias = Callable[[Shelf, Asked], Awaitable[list[Ranked]]]
Found: TypeAlias = dict[str, dict[str, float]]


def find_all(
    about: About,
    place: Path,
    spec: str | None,
    ranker: Mode,
    rows: Sequence[Row],
    queries: Sequence[Asked],
    told: Told,
) -> Found:
    """What is found for each query, with scores, in an index below `place` that holds the rows.

    `spec` names the embedding model; without it the settings do.
    """
    return anyio.run(partial(_find_all, about, place, spec, ranker, rows, queries, told))


async def _find_all(
    about: About,
    place: Path,
    spec: str | None,
    ranker: Mode,
    rows: Sequence[Row],
    queries: Sequence[Asked],
    told: Told,
) -> Found:
    settings = settings_of(place)
    if spec is not None:
        settings = settings.model_copy(update={"embedder": spec})
    prompts = about == "prompts"
    keep, look = (
        (keep_prompts, look_for_prompts) if prompts else (keep_documents, look_for_documents)
    )
    async with AsyncExitStack() as stack:
        embedder = (await stack.enter_async_context(await wished_by(settings))).embedder
        index = await open_index(f"edge:{place / 'eval-index'}", space=embedder.space)
        stack.push_async_callback(index.aclose)
        thesaurus = Thesaurus(word_model(embedder.inner))
        shelf = Shelf(index, embedder, thesaurus, ranker)
        await index.clear()
        await keep(shelf, rows, told)
        return await _each(shelf, look, queries, told)


async def _each(shelf: Shelf, look: Look, queries: Sequence[Asked], told: Told) -> Found:
    found: Found = {}
    for at, query in enumerate(queries, start=1):
        found[query.id] = {one.id: one.score for one in await look(shelf, query)}
        told(Progress("search", at, len(queries)))
    return found
