"""The prompt library: prompts, versions, labels, and what is counted and noted of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from promptuary.adapters.units_of_work._sql import library_rows as rows
from promptuary.adapters.units_of_work._sql import library_uses, library_whole
from promptuary.adapters.units_of_work._sql.cursors import Listing, Order
from promptuary.adapters.units_of_work._sql.library_given import LABELLED, LATEST
from promptuary.adapters.units_of_work._sql.schema_library import (
    library_audit,
    library_branches,
    library_carried,
    library_labels,
    library_misses,
    library_prompts,
    library_ratings,
    library_tags,
    library_versions,
)
from promptuary.adapters.units_of_work._sql.statements import Statements, chunks
from promptuary.adapters.units_of_work._sql.types import among, same
from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.library import (
    AuditEntry,
    Carried,
    Domain,
    Label,
    LibraryPrompt,
    PromptHistory,
    PromptVersion,
    Rating,
    SearchMiss,
    Standing,
    UsageDay,
)
from promptuary.domain.pages import Page
from promptuary.ports._library import Sort

_prompt = library_prompts.c
_version = library_versions.c
_label = library_labels.c
_miss = library_misses.c
_ORDERS: Mapping[Sort, Order] = {
    "slug": Order((_prompt.slug,), (False,)),
    "updated": Order((_prompt.updated_at, _prompt.id), (True, True)),
    "used": Order((_prompt.usage_count, _prompt.id), (True, True)),
}
_BY_ID = Order((_prompt.id,), (False,))
_NEWEST = Order((_version.number,), (True,))
_GIVEN = Order((library_ratings.c.position,), (False,))
_LAST_NOTED = Order((library_audit.c.position,), (True,))
_MOST_MISSED = Order((_miss.count, _miss.query), (True, True))
SHORTEST_ID = 7
LONGEST_QUERY = 255


class SqlLibrary:
    """The port `Library`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def get(self, slug: str, tenant: str = "", *, hold: bool = False) -> LibraryPrompt:
        """Raises NotFound."""
        wanted = select(library_prompts).where(_prompt.tenant == tenant, _prompt.slug == slug)
        # SQLite has one writer at a time and no such clause.
        row = await self._db.row(wanted.with_for_update() if hold else wanted)
        if row is None:
            raise NotFound("prompt", slug)
        return rows.to_prompt(row)

    async def some(self, ids: Sequence[str]) -> Sequence[LibraryPrompt]:
        """In the order asked."""
        found: dict[str, LibraryPrompt] = {}
        for part in chunks(list(dict.fromkeys(ids))):
            got = await self._db.rows(select(library_prompts).where(among(_prompt.id, part)))
            found.update({row["id"]: rows.to_prompt(row) for row in got})
        return [found[each] for each in ids if each in found]

    async def create(self, prompt: LibraryPrompt) -> None:
        """Raises Conflict when there is one of its slug."""
        made = self._db.insert_missing(library_prompts).values(rows.prompt_row(prompt))
        if not (await self._db.run(made)).rowcount:
            raise Conflict(f"the library has a prompt {prompt.slug!r} already")
        await self._tag(prompt)

    async def change(self, prompt: LibraryPrompt, *, expected: int) -> None:
        """Raises Conflict when its revision is not the expected one."""
        changed = update(library_prompts).where(
            same(_prompt.id, prompt.id), _prompt.revision == expected
        )
        if not (await self._db.run(changed.values(rows.prompt_row(prompt)))).rowcount:
            raise Conflict(f"{prompt.slug!r} is not at revision {expected} any more; read it again")
        await self._db.run(delete(library_tags).where(same(library_tags.c.prompt_id, prompt.id)))
        await self._tag(prompt)

    async def remove(self, prompt_id: str) -> None:
        """An unknown one is ignored."""
        await self._db.run(delete(library_prompts).where(same(_prompt.id, prompt_id)))

    async def list(
        self,
        tenant: str = "",
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
        wanted = [_prompt.tenant == tenant]
        if folder is not None:
            wanted.append(_within(folder))
        if tag is not None:
            tagged = and_(library_tags.c.prompt_id == _prompt.id, library_tags.c.tag == tag)
            wanted.append(exists().where(tagged))
        if domain is not None:
            wanted.append(_prompt.domain == domain)
        if archived is not None:
            wanted.append(_prompt.archived.is_(archived))
        name = f"library {tenant!r} {folder!r} {tag!r} {domain} {archived} {sort}"
        return await self._page(Listing(name, _ORDERS[sort], cursor, limit), wanted)

    async def every(self, *, cursor: str | None = None, limit: int = 50) -> Page[LibraryPrompt]:
        """By id."""
        return await self._page(Listing("whole library", _BY_ID, cursor, limit), [])

    async def standing(self, *, after: str = "", limit: int = 5_000) -> Sequence[Standing]:
        """By id."""
        return await library_whole.standing(self._db, after, limit)

    async def publish(self, versions: Sequence[PromptVersion]) -> None:
        """One that the prompt has is left as it is."""
        made = self._db.insert_missing(library_versions)
        await self._db.many(made, [rows.version_row(each) for each in versions])

    async def version(self, prompt_id: str, version_id: str) -> PromptVersion:
        """By the whole id, or by a beginning of it that is no other's."""
        # Ids are hexadecimal, so whatever begins so is below what continues with a `g`.
        begins = and_(_version.id >= version_id, _version.id < f"{version_id}g")
        known = _version.id == version_id if len(version_id) >= 64 else begins
        wanted = select(library_versions).where(same(_version.prompt_id, prompt_id), known)
        found = await self._db.rows(wanted.limit(2)) if len(version_id) >= SHORTEST_ID else []
        if len(found) != 1:
            raise NotFound("version", version_id)
        return rows.to_version(found[0])

    async def numbered(self, prompt_id: str, number: int) -> PromptVersion:
        """Raises NotFound."""
        return await self._only(
            select(library_versions).where(
                same(_version.prompt_id, prompt_id), _version.number == number
            ),
            str(number),
        )

    async def labelled(self, prompt_id: str, label: str) -> PromptVersion:
        """Raises NotFound."""
        pointed = and_(_label.prompt_id == _version.prompt_id, _label.version_id == _version.id)
        wanted = select(library_versions).join(library_labels, pointed)
        wanted = wanted.where(same(_version.prompt_id, prompt_id), _label.name == label)
        return await self._only(wanted, label)

    async def given(
        self, slug: str, label: str | None = None, tenant: str = ""
    ) -> tuple[LibraryPrompt, PromptVersion, Sequence[Label]]:
        """One statement, made once."""
        asked = {"tenant": tenant, "slug": slug, **({} if label is None else {"label": label})}
        found = await self._db.rows(LATEST if label is None else LABELLED, asked)
        if not found:
            raise NotFound("prompt", slug)
        prompt, version, labels = rows.to_given(found)
        if version is None:
            raise NotFound("version", label or "latest")
        return prompt, version, labels

    async def newest(self, prompt_ids: Sequence[str]) -> Mapping[str, PromptVersion]:
        """By the ids of the prompts."""
        latest = and_(_prompt.id == _version.prompt_id, _prompt.latest == _version.id)
        wanted = select(library_versions).join(library_prompts, latest)
        found: dict[str, PromptVersion] = {}
        for part in chunks(list(dict.fromkeys(prompt_ids))):
            got = await self._db.rows(wanted.where(among(_version.prompt_id, part)))
            found.update({row["prompt_id"]: rows.to_version(row) for row in got})
        return found

    async def versions(
        self, prompt_id: str, *, branch: str | None = None, cursor: str | None = None,
        limit: int = 50,
    ) -> Page[PromptVersion]:  # fmt: skip
        """Newest first."""
        wanted = [same(_version.prompt_id, prompt_id)]
        if branch is not None:
            wanted.append(_version.branch == branch)
        listing = Listing(f"versions {prompt_id} {branch!r}", _NEWEST, cursor, limit)
        total = select(func.count()).select_from(library_versions).where(*wanted)
        got = select(library_versions).where(*wanted)
        return await listing.page(self._db, got, total, rows.to_version)

    async def every_version(
        self, prompt_ids: Sequence[str]
    ) -> Mapping[str, Sequence[PromptVersion]]:
        """By the ids of the prompts, by number."""
        found: dict[str, list[PromptVersion]] = {}
        for part in chunks(list(dict.fromkeys(prompt_ids))):
            wanted = select(library_versions).where(among(_version.prompt_id, part))
            for row in await self._db.rows(wanted.order_by(_version.prompt_id, _version.number)):
                found.setdefault(row["prompt_id"], []).append(rows.to_version(row))
        return found

    async def labels(self, prompt_id: str) -> Sequence[Label]:
        """By name."""
        found = await self._of(library_labels, prompt_id, library_labels.c.name)
        return [rows.to_label(row) for row in found]

    async def point(self, prompt_id: str, label: Label) -> None:
        """Make or move a label."""
        made = [rows.label_row(prompt_id, label)]
        await self._replace(library_labels, prompt_id, "name", made)

    async def unlabel(self, prompt_id: str, name: str) -> None:
        """An unknown one is ignored."""
        await self._drop(library_labels, prompt_id, "name", [name])

    async def branches(self, prompt_id: str) -> Mapping[str, str]:
        """Their newest versions, by name."""
        found = await self._of(library_branches, prompt_id, library_branches.c.name)
        return {row["name"]: row["version_id"] for row in found}

    async def branch(self, prompt_id: str, name: str, version_id: str) -> None:
        """Make or move a branch."""
        made = [rows.branch_row(prompt_id, name, version_id)]
        await self._replace(library_branches, prompt_id, "name", made)

    async def rate(self, prompt_id: str, ratings: Sequence[Rating]) -> None:
        """Append."""
        made = [rows.rating_row(prompt_id, each) for each in ratings]
        await self._db.many(library_ratings.insert(), made)

    async def ratings(
        self, prompt_id: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Rating]:
        """In the order given."""
        wanted = same(library_ratings.c.prompt_id, prompt_id)
        listing = Listing(f"ratings {prompt_id}", _GIVEN, cursor, limit)
        total = select(func.count()).select_from(library_ratings).where(wanted)
        got = select(library_ratings).where(wanted)
        return await listing.page(self._db, got, total, rows.to_rating)

    async def use(self, days: Sequence[UsageDay]) -> None:
        """Prompts that are gone are ignored."""
        await library_uses.use(self._db, days)

    async def usage(self, prompt_id: str, *, since: str = "") -> Sequence[UsageDay]:
        """By day, then version, then user."""
        return await library_uses.usage(self._db, prompt_id, since)

    async def carry(self, prompt_id: str, carried: Sequence[Carried]) -> None:
        """The last one of a format stays."""
        await self._replace(
            library_carried, prompt_id, "format", rows.carried_rows(prompt_id, carried)
        )

    async def carried(self, prompt_id: str) -> Sequence[Carried]:
        """By format."""
        found = await self._of(library_carried, prompt_id, library_carried.c.format)
        return [rows.to_carried(row) for row in found]

    async def keep(self, histories: Sequence[PromptHistory]) -> None:
        """A statement a table."""
        await library_whole.keep(self._db, histories)

    async def note(self, *entries: AuditEntry, tenant: str = "") -> None:
        """Append."""
        made = [rows.audit_row(entry, tenant) for entry in entries]
        await self._db.many(library_audit.insert(), made)

    async def audit(
        self,
        tenant: str = "",
        *,
        prompt_id: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[AuditEntry]:
        """Newest first."""
        wanted = [library_audit.c.tenant == tenant]
        if prompt_id is not None:
            wanted.append(same(library_audit.c.prompt_id, prompt_id))
        listing = Listing(f"audit {tenant!r} {prompt_id}", _LAST_NOTED, cursor, limit)
        total = select(func.count()).select_from(library_audit).where(*wanted)
        got = select(library_audit).where(*wanted)
        return await listing.page(self._db, got, total, rows.to_audit)

    async def missed(self, query: str, at: datetime, tenant: str = "") -> None:
        """The first 255 characters are kept."""
        row = {"tenant": tenant, "query": query[:LONGEST_QUERY], "count": 1}
        made = self._db.adding(library_misses, ("tenant", "query"), "count", "last_at")
        await self._db.run(made, [{**row, "first_at": at, "last_at": at}])

    async def misses(
        self, tenant: str = "", *, cursor: str | None = None, limit: int = 50
    ) -> Page[SearchMiss]:
        """Most frequent first."""
        wanted = _miss.tenant == tenant
        listing = Listing(f"misses {tenant!r}", _MOST_MISSED, cursor, limit)
        total = select(func.count()).select_from(library_misses).where(wanted)
        got = select(library_misses).where(wanted)
        return await listing.page(self._db, got, total, rows.to_miss)

    async def _page(
        self, listing: Listing, wanted: Sequence[ColumnElement[bool]]
    ) -> Page[LibraryPrompt]:
        total = select(func.count()).select_from(library_prompts).where(*wanted)
        got = select(library_prompts).where(*wanted)
        return await listing.page(self._db, got, total, rows.to_prompt)

    async def _only(self, wanted: Select[Any], name: str) -> PromptVersion:
        row = await self._db.row(wanted)
        if row is None:
            raise NotFound("version", name)
        return rows.to_version(row)

    async def _of(self, table: Table, prompt_id: str, order: ColumnElement[Any]) -> Sequence[Any]:
        wanted = select(table).where(same(table.c.prompt_id, prompt_id))
        return await self._db.rows(wanted.order_by(order))

    async def _tag(self, prompt: LibraryPrompt) -> None:
        tags = [{"prompt_id": prompt.id, "tag": tag} for tag in dict.fromkeys(prompt.about.tags)]
        await self._db.many(library_tags.insert(), tags)

    async def _replace(
        self, table: Table, prompt_id: str, key: str, made: Sequence[Mapping[str, Any]]
    ) -> None:
        await self._drop(table, prompt_id, key, [each[key] for each in made])
        await self._db.many(table.insert(), made)

    async def _drop(self, table: Table, prompt_id: str, key: str, names: Sequence[str]) -> None:
        here = same(table.c.prompt_id, prompt_id)
        await self._db.run(delete(table).where(here, table.c[key].in_(names)))


def _within(folder: str) -> ColumnElement[bool]:
    """The folder or one inside it: `a/b` and what begins with `a/b/` (`0` follows the slash)."""
    inside = and_(_prompt.folder >= f"{folder}/", _prompt.folder < f"{folder}0")
    return or_(_prompt.folder == folder, inside)
