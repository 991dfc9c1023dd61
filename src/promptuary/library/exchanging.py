"""Files of prompts into the library and out of it: what is there already stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import anyio.to_thread

from promptuary.domain.errors import Conflict, InvalidInput, NotFound, Rejected
from promptuary.domain.exchange import (
    Exported,
    ImportOutcome,
    ImportReport,
    OutcomeStatus,
)
from promptuary.domain.library import MAIN, Label, PromptHistory
from promptuary.library.changing import Opened
from promptuary.library.exchange.formats import from_file, to_file
from promptuary.library.histories import export_history, import_history
from promptuary.library.reading import listed
from promptuary.library.references import references

AT_ONCE = 500


async def import_file(
    self: Opened,
    format: str,
    data: bytes,
    *,
    name: str = "prompt",
    folder: str = "",
    dry_run: bool = False,
    replace_it: bool = False,
    trusted: Sequence[str] = (),
    author: str = "",
    tenant: str = "",
) -> ImportReport:
    """Take the prompts of a file in; with `dry_run` only say what that would do.

    A prompt that is known gets the versions it lacks, and keeps its ratings, counts and own labels;
    one of the same slug with other versions is a conflict, unless `replace_it`. `name` stands in
    for the names of prompts where the file has none, `folder` goes before all slugs, and of
    `trusted` keys one must have signed a bundle. Raises Unsupported for an unknown format,
    TooLarge, and InvalidInput for a broken file or prompts that include each other in a circle:
    then nothing of it is taken.
    """
    reading = partial(from_file, format, data, self._clock.now())
    imported = await anyio.to_thread.run_sync(
        partial(reading, name=name, folder=folder, trusted=trusted)
    )
    refuse_circles(imported.histories)
    outcomes = []
    for history in imported.histories:
        try:
            status = await _taken(self, history, author, tenant, dry_run, replace_it)
            outcomes.append(ImportOutcome(history.prompt.slug, status, len(history.versions)))
        except Rejected as refused:
            bad: OutcomeStatus = "conflict" if isinstance(refused, Conflict) else "failed"
            size, said = len(history.versions), str(refused)
            outcomes.append(ImportOutcome(history.prompt.slug, bad, size, refused.code, said))
    return ImportReport(format, dry_run, tuple(outcomes), imported.unmapped)


async def export_file(
    self: Opened,
    format: str,
    slugs: Sequence[str] | None = None,
    *,
    folder: str | None = None,
    private_key: bytes | None = None,
    tenant: str = "",
) -> Exported:
    """A file of these prompts, or of all that are not archived, in the order of their slugs.

    A bundle is signed when there is a `private_key` (PEM). Raises NotFound for an unknown slug,
    Unsupported for an unknown format or too many prompts for it.
    """
    wanted = await _slugs(self, folder, tenant) if slugs is None else list(dict.fromkeys(slugs))
    histories = [await export_history(self, slug, tenant=tenant) for slug in wanted]
    writing = partial(to_file, format, histories, private_key=private_key)
    return await anyio.to_thread.run_sync(writing)


async def _slugs(self: Opened, folder: str | None, tenant: str) -> Sequence[str]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await listed(self, folder=folder, cursor=cursor, limit=AT_ONCE, tenant=tenant)
        found += [prompt.slug for prompt in page.items]
        if (cursor := page.next_cursor) is None:
            return found


async def _taken(
    self: Opened,
    history: PromptHistory,
    author: str,
    tenant: str,
    dry_run: bool,
    replace_it: bool,
) -> OutcomeStatus:
    """What became of one prompt. Raises Conflict and whatever keeping it raises."""
    try:
        known = await export_history(self, history.prompt.slug, tenant=tenant)
    except NotFound:
        known = None
    status = _status(known, history, replace_it=replace_it)
    if dry_run or status == "same":
        return status
    if known is not None and not replace_it:
        history = _joined(known, history)
    await import_history(self, history, author=author, replace_it=replace_it, tenant=tenant)
    return status


def _status(
    known: PromptHistory | None, given: PromptHistory, *, replace_it: bool
) -> OutcomeStatus:
    """What an import would do to a prompt. Raises Conflict."""
    if known is None:
        return "new"
    here = {version.id for version in known.versions}
    there = {version.id for version in given.versions}
    if there <= here:
        return "changed" if replace_it and there != here else "same"
    if here <= there or replace_it:
        return "changed"
    raise Conflict(
        f"the library has another {known.prompt.slug!r}, with versions that the file lacks; "
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


def refuse_circles(histories: Sequence[PromptHistory]) -> None:
    """Raises InvalidInput when prompts of a file include each other in a circle."""
    graph: Mapping[str, Sequence[str]] = {
        history.prompt.slug: [
            reference.slug
            for version in history.versions
            for reference in references(version.content)
        ]
        for history in histories
    }
    done: set[str] = set()
    for start in graph:
        _walk(graph, start, done)


def _walk(graph: Mapping[str, Sequence[str]], start: str, done: set[str]) -> None:
    path: list[str] = []
    left = [(start, iter(graph.get(start, ())))] if start not in done else []
    while left:
        slug, after = left[-1]
        if not path or path[-1] != slug:
            path.append(slug)
        following = next(after, None)
        if following is None:
            left.pop()
            path.pop()
            done.add(slug)
        elif following in path:
            circle = " -> ".join([*path[path.index(following) :], following])
            raise InvalidInput(f"prompts of the file include each other in a circle: {circle}")
        elif following in graph and following not in done:
            left.append((following, iter(graph[following])))
