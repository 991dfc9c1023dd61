"""What `eval retrieval` and `eval prompts` do between reading the questions and the truth."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TypeAlias

import anyio

from promptuary.blocking import Promptuary
from promptuary.cli.opening import settings_of
from promptuary.domain.documents import GivenText
from promptuary.domain.reports import Progress, Told
from promptuary.parts import wished_by
from promptuary.plugins import open_index, word_model
from promptuary.retrieval.evaluating.collections import Asked, Row
from promptuary.retrieval.evaluating.running import DEEP, Shelf, keep_prompts, look_for_prompts
from promptuary.retrieval.hybrid import Mode
from promptuary.retrieval.thesaurus import Thesaurus
from promptuary.settings import Settings

COLLECTION = "eval"
Found: TypeAlias = dict[str, dict[str, float]]


def find_documents(
    place: Path,
    spec: str | None,
    ranker: Mode,
    rows: Sequence[Row],
    queries: Sequence[Asked],
    told: Told,
) -> Found:
    """The documents found for each query, with the score of their best passage; the rows are added
    to the home `place`. `spec` names the embedding model; without it the settings do."""
    found: Found = {}
    with Promptuary.open(settings=_settings(place, spec)) as promptuary:
        texts = [GivenText(row.id, row.text, row.title) for row in rows]
        promptuary.add_documents(texts, collection=COLLECTION, progress=told)
        for at, query in enumerate(queries, start=1):
            passages = promptuary.find_passages(
                query.text, collection=COLLECTION, mode=ranker, limit=DEEP, explained=False
            )
            scores: dict[str, float] = {}
            for one in passages:
                scores.setdefault(one.passage.source, one.score)
            found[query.id] = scores
            told(Progress("search", at, len(queries)))
    return found


def find_prompts(
    place: Path,
    spec: str | None,
    ranker: Mode,
    rows: Sequence[Row],
    queries: Sequence[Asked],
    told: Told,
) -> Found:
    """The prompts found for each query, with scores, in an index below `place` of their own, for
    prompts of a library have titles and tags."""
    return anyio.run(partial(_find_prompts, place, spec, ranker, rows, queries, told))


async def _find_prompts(
    place: Path,
    spec: str | None,
    ranker: Mode,
    rows: Sequence[Row],
    queries: Sequence[Asked],
    told: Told,
) -> Found:
    found: Found = {}
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(await wished_by(_settings(place, spec)))
        embedder = opened.embedder
        index = await open_index(f"edge:{place / 'eval-index'}", space=embedder.space)
        stack.push_async_callback(index.aclose)
        shelf = Shelf(index, embedder, Thesaurus(word_model(embedder.inner)), ranker)
        await index.clear()
        await keep_prompts(shelf, rows, told)
        for at, query in enumerate(queries, start=1):
            ranked = await look_for_prompts(shelf, query)
            found[query.id] = {one.id: one.score for one in ranked}
            told(Progress("search", at, len(queries)))
    return found


def _settings(place: Path, spec: str | None) -> Settings:
    settings = settings_of(place)
    return settings if spec is None else settings.model_copy(update={"embedder": spec})
