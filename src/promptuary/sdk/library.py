"""Kept prompts of a server: `client.library`. What was given once is served while the server is
away, and says so."""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Literal, TypeAlias, TypeVar
from urllib.parse import quote

from promptuary.domain.errors import Unsupported
from promptuary.domain.filters import Filter
from promptuary.domain.library import (
    LATEST,
    MAIN,
    About,
    Adoption,
    AuditEntry,
    ChatTurn,
    DeclaredSlot,
    Domain,
    Expertise,
    KeptPrompt,
    Label,
    LibraryPrompt,
    PromptContent,
    PromptVersion,
    Rating,
    Rendered,
    SearchMiss,
    VersionDiff,
)
from promptuary.domain.pages import Page
from promptuary.domain.recommending import Recommendations
from promptuary.domain.refining import USUAL, Engine, Refined, Wishes
from promptuary.domain.reports import SearchAnswer
from promptuary.sdk import exchanging, sending, trying
from promptuary.sdk.folder_cache import FolderCache
from promptuary.sdk.line import PREFIX, Line, Sent
from promptuary.sdk.remembering import Remembered
from promptuary.sdk.sending import prompt_path as _of

T = TypeVar("T")
Name: TypeAlias = str | int
Mode: TypeAlias = Literal["hybrid", "words", "meaning"]
Sorting: TypeAlias = Literal["relevance", "newest", "updated", "rating", "slug"]
Sort: TypeAlias = Literal["slug", "updated", "used"]
Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"
HERE = f"{PREFIX}/library"


class RemoteLibrary:
    """The library of a server, for the tenant of the API key: methods as `promptuary.library` has
    them, those that a server offers."""

    def __init__(self, line: Line, cache: FolderCache | None = None) -> None:
        self._line = line
        self._remembered = Remembered(line, cache)

    async def save(
        self,
        slug: str,
        content: PromptContent | str,
        *,
        about: About | None = None,
        message: str = "",
        author: str = "",
        branch: str = MAIN,
        labels: Sequence[str] = (),
        expected_revision: int | None = None,
    ) -> KeptPrompt:
        """Keep what a prompt says; a protected label needs a key that may move it."""
        said = {"text": content} if isinstance(content, str) else _plain(content)
        told = {
            **said,
            "slug": slug,
            "about": None if about is None else _plain(about),
            "message": message,
            "author": author,
            "branch": branch,
            "labels": list(labels),
        }
        return await self._write(KeptPrompt, "prompts", told, expected_revision, once=True)

    async def describe(
        self, slug: str, about: About, *, expected_revision: int | None = None
    ) -> LibraryPrompt:
        """Change what is said about a prompt."""
        path = f"{_of(slug)}/about"
        return await self._write(LibraryPrompt, path, _plain(about), expected_revision)

    async def archive(self, slug: str, *, expected_revision: int | None = None) -> LibraryPrompt:
        """Take a prompt out of lists and searches."""
        headers = _guard(expected_revision)
        return await self._line.ask(
            LibraryPrompt, Sent("DELETE", f"{HERE}/{_of(slug)}", headers=headers)
        )

    async def restore(self, slug: str, *, expected_revision: int | None = None) -> LibraryPrompt:
        """Bring an archived prompt back."""
        return await self._write(LibraryPrompt, f"{_of(slug)}/restore", {}, expected_revision)

    async def get(
        self,
        slug: str,
        version: Name | None = None,
        *,
        label: str | None = None,
        count: bool = True,
    ) -> KeptPrompt:
        """A prompt with the version of that name; the last good one is given at once, and asked
        after in the background. While the server is away it says since when, in `stale_since`."""
        query = {"version": version, "label": label, "count": None if count else False}
        return await self._remembered.get(Sent("GET", f"{HERE}/{_of(slug)}", query))

    async def versions(
        self, slug: str, *, branch: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[PromptVersion]:
        """Newest first."""
        asked = {"branch": branch, "cursor": cursor, "limit": limit}
        return await self._got(Page[PromptVersion], f"{_of(slug)}/versions", **asked)

    async def branches(self, slug: str) -> Mapping[str, PromptVersion]:
        """The newest version of each branch, by its name."""
        path = f"{_of(slug)}/branches"
        return await self._got(Mapping[str, PromptVersion], path)  # type: ignore[type-abstract]  # read as one

    async def slots(
        self, slug: str, version: Name | None = None, *, label: str | None = None
    ) -> Sequence[DeclaredSlot]:
        """What a rendering takes."""
        asked = {"version": version, "label": label}
        return await self._got(tuple[DeclaredSlot, ...], f"{_of(slug)}/slots", **asked)

    async def slot_values(
        self, slug: str, slot: str, *, begins: str = "", limit: int = 10
    ) -> builtins.list[str]:
        """Values that somebody may want next for a slot."""
        asked = {"slug": slug, "slot": slot, "begins": begins, "limit": limit}
        return await self._got(builtins.list[str], "slot-values", **asked)

    async def diff(self, slug: str, before: Name, after: Name = LATEST) -> VersionDiff:
        """How two versions of a prompt differ."""
        return await self._got(VersionDiff, f"{_of(slug)}/diff", before=before, after=after)

    async def list(
        self,
        *,
        folder: str | None = None,
        tag: str | None = None,
        domain: Domain | None = None,
        archived: bool | None = False,
        sort: Sort = "slug",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[LibraryPrompt]:
        """By slug, newest change first, or most used first."""
        if archived is None:
            raise Unsupported("a server lists archived prompts, or the others")
        where = {"folder": folder, "tag": tag, "domain": domain, "archived": archived}
        asked = {**where, "sort": sort, "cursor": cursor, "limit": limit}
        return await self._got(Page[LibraryPrompt], "prompts", **asked)

    async def audit(
        self, slug: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[AuditEntry]:
        """Who did what, newest first."""
        path = "audit" if slug is None else f"{_of(slug)}/audit"
        return await self._got(Page[AuditEntry], path, cursor=cursor, limit=limit)

    async def ratings(
        self, slug: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Rating]:
        """In the order given."""
        return await self._got(Page[Rating], f"{_of(slug)}/ratings", cursor=cursor, limit=limit)

    async def misses(self, *, cursor: str | None = None, limit: int = 50) -> Page[SearchMiss]:
        """What was looked for and not found."""
        return await self._got(Page[SearchMiss], "misses", cursor=cursor, limit=limit)

    async def label(
        self,
        slug: str,
        name: str,
        version: Name = LATEST,
        *,
        protected: bool | None = None,
        override: bool = False,  # noqa: ARG002 - as the library takes it
        expected_revision: int | None = None,
    ) -> Label:
        """Point a label at a version. Whether a protected one is moved is the key's to say."""
        told = {"name": name, "version": str(version), "protected": protected}
        return await self._write(Label, f"{_of(slug)}/labels", told, expected_revision)

    async def unlabel(
        self,
        slug: str,
        name: str,
        *,
        override: bool = False,  # noqa: ARG002 - as the library takes it
        expected_revision: int | None = None,
    ) -> None:
        """Take a label away. Whether a protected one goes is the key's to say."""
        path = f"{HERE}/{_of(slug)}/labels/{quote(name, safe='')}"
        await self._line.raw(Sent("DELETE", path, headers=_guard(expected_revision)))

    async def labels(self, slug: str) -> Sequence[Label]:
        """Every label of a prompt, `latest` first."""
        return await self._got(tuple[Label, ...], f"{_of(slug)}/labels")

    async def merge(
        self,
        slug: str,
        branch: str,
        into: str = MAIN,
        *,
        prefer: Literal["ours", "theirs"] | None = None,
        message: str = "",
        expected_revision: int | None = None,
    ) -> KeptPrompt:
        """Bring a branch into another."""
        told = {"branch": branch, "into": into, "prefer": prefer, "message": message}
        return await self._write(KeptPrompt, f"{_of(slug)}/merge", told, expected_revision)

    async def adopt(
        self, template_id: str, slug: str | None = None, *, labels: Sequence[str] = ()
    ) -> KeptPrompt:
        """Keep a template that was found in traffic."""
        told = {"template": template_id, "slug": slug, "labels": list(labels)}
        return await self._write(KeptPrompt, "adoptions", told, None)

    async def shadows(self, *, limit: int = 50) -> Adoption:
        """How much of the traffic kept prompts explain."""
        return await self._got(Adoption, "shadows", limit=limit)

    async def search(
        self,
        query: str,
        *,
        mode: Mode = "hybrid",
        domain: Domain | None = None,
        expertise: Expertise | None = None,
        tags: Sequence[str] = (),
        folder: str | None = None,
        created_after: datetime | None = None,
        min_rating: float | None = None,
        archived: bool | None = False,
        where: Filter | None = None,
        facets: Sequence[str] = (),
        sort: Sorting = "relevance",
        cursor: str | None = None,
        limit: int = 10,
        phrase: bool = False,
        prefix: bool = False,
        typos: bool = True,
    ) -> SearchAnswer:
        """Kept prompts by words, by meaning or by both; each hit says why it was found."""
        filters = {
            "domain": domain, "expertise_level": expertise, "tags": list(tags), "folder": folder,
            "created_after": created_after and created_after.astimezone(UTC).isoformat(),
            "min_rating": min_rating, "archived": archived,
        }  # fmt: skip
        told = {
            "query": query, "mode": mode, "filters": filters, "where": sending.conditions(where),
            "facets": list(facets), "sort": sort, "cursor": cursor, "limit": limit,
            "phrase": phrase, "prefix": prefix, "typos": typos,
        }  # fmt: skip
        return await self._write(SearchAnswer, "search", told, None)

    async def similar(
        self, slug: str, *, limit: int = 10, cursor: str | None = None
    ) -> SearchAnswer:
        """Prompts like this one."""
        return await self._got(SearchAnswer, f"{_of(slug)}/similar", limit=limit, cursor=cursor)

    async def rate(
        self,
        slug: str,
        stars: int,
        version: Name = LATEST,
        *,
        key: str | None = None,
        comment: str = "",
        author: str = "",
    ) -> LibraryPrompt:
        """Say what a version is worth, 1 (bad) to 5 (good), and on whose behalf."""
        told = {"stars": stars, "version": str(version), "key": key, "comment": comment}
        told["author"] = author
        return await self._write(LibraryPrompt, f"{_of(slug)}/ratings", told, None)

    async def render(
        self,
        slug: str,
        values: Mapping[str, Value] | None = None,
        *,
        version: Name | None = None,
        label: str | None = None,
        messages: Mapping[str, Sequence[ChatTurn]] | None = None,
        user: str = "",
    ) -> Rendered:
        """The prompt with its slots filled, counted as used by whom the key does it for."""
        told = {
            "values": dict(values or {}),
            "version": None if version is None else str(version),
            "label": label,
            "messages": {n: [_plain(each) for each in m] for n, m in (messages or {}).items()},
            "user": user,
        }
        return await self._write(Rendered, f"{_of(slug)}/render", told, None)

    async def refine(
        self,
        text: str,
        wishes: Wishes = USUAL,
        *,
        engine: Engine = "rules",
        borrow: bool = True,
        strict: bool = False,
    ) -> Refined:
        """A quick note as a prompt in order; nothing is kept."""
        if not borrow or strict:
            raise Unsupported("a server refines with its neighbours, and falls back by itself")
        told = {
            "lazy_prompt": text,
            "domain": wishes.domain,
            "expertise_level": wishes.expertise_level,
            "output_format": wishes.output_format,
            "include_best_practices": wishes.best_practices,
            "include_examples": wishes.examples,
            "engine": engine,
        }
        return await self._line.ask(Refined, sending.posted("refine", told))

    async def recommend(
        self,
        text: str = "",
        *,
        domain: Domain | None = None,
        expertise: Expertise | None = None,
        limit: int = 5,
    ) -> Recommendations:
        """Kept prompts like a text, or the most liked of a domain."""
        told = {"text": text, "domain": domain, "expertise_level": expertise, "limit": limit}
        return await self._write(Recommendations, "recommendations", told, None)

    begin_experiment = trying.begin_experiment
    stop_experiment = trying.stop_experiment
    serve = trying.serve
    judge = trying.judge
    analytics = trying.analytics
    import_file = exchanging.import_file
    export_file = exchanging.export_file

    async def aclose(self) -> None:
        """Stop asking in the background."""
        await self._remembered.aclose()

    async def _got(self, kind: type[T], path: str, **query: object) -> T:
        return await self._line.ask(kind, Sent("GET", f"{HERE}/{path}", query))

    async def _write(
        self,
        kind: type[T],
        path: str,
        told: Mapping[str, object],
        expected: int | None,
        *,
        once: bool = False,
    ) -> T:
        sent = sending.posted(f"library/{path}", told, key=sending.new_key() if once else None)
        return await self._line.ask(kind, replace(sent, headers=_guard(expected)))


def _guard(expected: int | None) -> Mapping[str, str]:
    """The headers that say which revision was seen; 0 says that there is none."""
    if expected is None:
        return {}
    return {"If-None-Match": "*"} if expected == 0 else {"If-Match": f'"{expected}"'}


def _plain(value: PromptContent | About | ChatTurn) -> dict[str, object]:
    told: dict[str, object] = json.loads(json.dumps(asdict(value), default=list))
    return told
