"""Files of prompts into the library and out of it: what is there already stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import anyio.to_thread

from promptuary.domain.errors import InvalidInput
from promptuary.domain.exchange import Exported, ImportReport
from promptuary.domain.library import PromptHistory
from promptuary.domain.reports import Told, silent
from promptuary.library.changing import Opened
from promptuary.library.histories import export_history
from promptuary.library.importing import Terms, taken
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
    progress: Told = silent,
) -> ImportReport:
    """Take the prompts of a file in; with `dry_run` only say what that would do.

    A prompt that is known gets the versions it lacks, and keeps its ratings, counts and own labels;
    one of the same slug with other versions is a conflict, unless `replace_it`. `name` stands in
    for the names of prompts where the file has none, `folder` goes before all slugs, and of
    `trusted` keys one must have signed a bundle. Raises Unsupported for an unknown format,
    TooLarge, and InvalidInput for a broken file or prompts that include each other in a circle:
    then nothing of it is taken. Prompts are written some hundred at a time; when a long import is
    stopped, whole ones stay, and importing again goes on from there.
    """
    from promptuary.library.exchange.formats import from_file  # noqa: PLC0415 - rarely needed

    reading = partial(from_file, format, data, self._clock.now())
    imported = await anyio.to_thread.run_sync(
        partial(reading, name=name, folder=folder, trusted=trusted)
    )
    refuse_circles(imported.histories)
    terms = Terms(author, tenant, dry_run, replace_it)
    outcomes = await taken(self, imported.histories, terms, progress)
    return ImportReport(format, dry_run, outcomes, imported.unmapped)


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
    from promptuary.library.exchange.formats import to_file  # noqa: PLC0415 - rarely needed

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
