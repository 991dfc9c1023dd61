"""What becomes of the prompts of an import: new ones are written some hundred in a transaction, and
those that the library knows one by one, for each is another case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from promptuary.domain.errors import Conflict, Rejected
from promptuary.domain.exchange import ImportOutcome, OutcomeStatus
from promptuary.domain.library import MAIN, Label, PromptHistory, library_prompt_id
from promptuary.domain.reports import Progress, Told
from promptuary.library.changing import Opened
from promptuary.library.histories import (
    checked_history,
    export_history,
    import_history,
    keep_histories,
)

TOGETHER: Final = 500
"""So many versions are written in one transaction, or all those of one prompt: a kill costs the
work of no more, and who else wants to write waits no longer."""
_Known: TypeAlias = Mapping[str, frozenset[str]]
"""Prompts of the library: the ids of their versions, by slug."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On whose behalf, and how."""

    author: str
    tenant: str
    dry_run: bool
    replace_it: bool


async def taken(
    self: Opened, histories: Sequence[PromptHistory], terms: Terms, told: Told
) -> tuple[ImportOutcome, ...]:
    """What became of each, in their order."""
    outcomes: list[ImportOutcome] = []
    for some in _batches(histories):
        outcomes += await _batch(self, some, terms)
        told(Progress("save", len(outcomes), len(histories)))
    return tuple(outcomes)


def _batches(histories: Sequence[PromptHistory]) -> Iterator[list[PromptHistory]]:
    """Of different slugs each, so that the second prompt of a slug finds the first in the
    library."""
    batch: dict[str, PromptHistory] = {}
    versions = 0
    for history in histories:
        versions += len(history.versions)
        if batch and (history.prompt.slug in batch or versions > TOGETHER):
            yield list(batch.values())
            batch, versions = {}, len(history.versions)
        batch[history.prompt.slug] = history
    if batch:
        yield list(batch.values())


async def _batch(
    self: Opened, histories: Sequence[PromptHistory], terms: Terms
) -> list[ImportOutcome]:
    known = await _known(self, histories, terms.tenant)
    fresh, refused = _fresh([each for each in histories if each.prompt.slug not in known], terms)
    if not terms.dry_run and fresh:
        refused |= await _kept(self, fresh, terms)
    outcomes = []
    for history in histories:
        slug = history.prompt.slug
        if error := refused.get(slug):
            outcomes.append(_refused(history, error))
        elif slug in known:
            outcomes.append(await _one(self, history, known, terms))
        else:
            outcomes.append(_outcome(history, "new"))
    return outcomes


async def _known(self: Opened, histories: Sequence[PromptHistory], tenant: str) -> _Known:
    ids = [library_prompt_id(each.prompt.slug, tenant) for each in histories]
    async with self._record.read() as tx:
        prompts = await tx.library.some(ids)
        versions = await tx.library.every_version([each.id for each in prompts])
    return {p.slug: frozenset(v.id for v in versions.get(p.id, ())) for p in prompts}


def _fresh(
    histories: Sequence[PromptHistory], terms: Terms
) -> tuple[list[PromptHistory], dict[str, Rejected]]:
    """Those that can be kept, as they will be, and why the others cannot."""
    fresh: list[PromptHistory] = []
    refused: dict[str, Rejected] = {}
    for history in histories:
        try:
            fresh.append(checked_history(history, terms.tenant))
        except Rejected as error:
            refused[history.prompt.slug] = error
    return fresh, refused


async def _kept(
    self: Opened, histories: Sequence[PromptHistory], terms: Terms
) -> dict[str, Rejected]:
    """Keep them at once; where one of them cannot be, each by itself. Gives why which were not."""
    refused: dict[str, Rejected] = {}
    try:
        await keep_histories(self, histories, author=terms.author, tenant=terms.tenant)
    except Rejected:
        for history in histories:
            try:
                await import_history(self, history, author=terms.author, tenant=terms.tenant)
            except Rejected as error:
                refused[history.prompt.slug] = error
    return refused


async def _one(self: Opened, history: PromptHistory, known: _Known, terms: Terms) -> ImportOutcome:
    """What became of a prompt that the library knows."""
    try:
        status = _status(known[history.prompt.slug], history, replace_it=terms.replace_it)
        if status == "changed" and not terms.dry_run:
            if not terms.replace_it:
                here = await export_history(self, history.prompt.slug, tenant=terms.tenant)
                history = _joined(here, history)
            await import_history(
                self,
                history,
                author=terms.author,
                replace_it=terms.replace_it,
                tenant=terms.tenant,
            )
        return _outcome(history, status)
    except Rejected as error:
        return _refused(history, error)


def _outcome(history: PromptHistory, status: OutcomeStatus) -> ImportOutcome:
    return ImportOutcome(history.prompt.slug, status, len(history.versions))


def _refused(history: PromptHistory, error: Rejected) -> ImportOutcome:
    status: OutcomeStatus = "conflict" if isinstance(error, Conflict) else "failed"
    size = len(history.versions)
    return ImportOutcome(history.prompt.slug, status, size, error.code, str(error))


def _status(here: frozenset[str], history: PromptHistory, *, replace_it: bool) -> OutcomeStatus:
    """What an import does to a known prompt with these versions. Raises Conflict."""
    there = {version.id for version in history.versions}
    if there <= here:
        return "changed" if replace_it and there != here else "same"
    if here <= there or replace_it:
        return "changed"
    raise Conflict(
        f"the library has another {history.prompt.slug!r}, with versions that the file lacks; "
        "import it into a folder, or replace it"
    )


def _joined(known: PromptHistory, given: PromptHistory) -> PromptHistory:
    """A known prompt with the versions that it lacks: what was said of it here stays."""
    own = {label.name for label in known.labels}
    labels: tuple[Label, ...] = (
        *known.labels,
        *(label for label in given.labels if label.name not in own),
    )
    formats = {each.format for each in given.carried}
    undated = {"created_at"} & {*given.prompt.unknown} - {*known.prompt.unknown}
    prompt = replace(
        known.prompt,
        revision=known.prompt.revision + 1,
        updated_at=max(known.prompt.updated_at, given.prompt.updated_at),
        unknown=(*known.prompt.unknown, *undated),
    )
    heads = {name: head for name, head in known.branches.items() if name != MAIN}
    return replace(
        given,
        prompt=prompt,
        labels=labels,
        branches={**given.branches, **heads},
        ratings=known.ratings,
        carried=(*given.carried, *(each for each in known.carried if each.format not in formats)),
    )
