"""What every record promises of the prompt library; part of the UnitOfWork contract."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.library import (
    About,
    AuditEntry,
    Carried,
    ChatTurn,
    DeclaredSlot,
    Label,
    LibraryPrompt,
    Origin,
    PromptContent,
    PromptHistory,
    PromptVersion,
    Rating,
    UsageDay,
    library_prompt_id,
    version_id,
)
from promptuary.ports.unit_of_work import Transaction, UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.samples import an_id, moment, walked

ODD = "odd \x00 \ud800 “text”"
ABOUT = About(f"Title {ODD}", topic_details={"a": ODD})


def a_version(
    slug: str, number: int = 1, *, tenant: str = "", branch: str = "main", text: str = ""
) -> PromptVersion:
    """The version of that number of the prompt of that slug."""
    slots = (DeclaredSlot("who", "enum", choices=("you", ODD), default="you", minimum=0.5),)
    turns = () if text else (ChatTurn("system", ODD), ChatTurn("user", "Hi", placeholder="past"))
    content = PromptContent(text or "", turns, "mustache", slots, ODD, '{"b": 1, "a": 2.50}')
    parents = (version_id(content),) if number > 1 else ()
    content = replace(content, config=f'{{"number": {number}}}')
    return PromptVersion(
        id=version_id(content, parents),
        prompt_id=library_prompt_id(slug, tenant),
        number=number,
        branch=branch,
        content=content,
        parents=parents,
        message=ODD,
        author="ada",
        created_at=moment(number),
        origins=(Origin("template", an_id(slug), "text"),),
    )


def a_prompt(slug: str, about: About = ABOUT, *, tenant: str = "", at: int = 0) -> LibraryPrompt:
    """The prompt of that slug, whose latest version is its first."""
    return LibraryPrompt(
        id=library_prompt_id(slug, tenant),
        slug=slug,
        about=about,
        revision=1,
        versions=1,
        latest=a_version(slug, tenant=tenant).id,
        usage_count=0,
        ratings=0,
        average_rating=None,
        archived=False,
        created_at=moment(at),
        updated_at=moment(at),
        tenant=tenant,
        unknown=("created_at",),
    )


async def keep(tx: Transaction, prompt: LibraryPrompt, versions: Sequence[PromptVersion]) -> None:
    """Create a prompt with these versions."""
    await tx.library.create(prompt)
    await tx.library.publish(versions)


@pytest.mark.anyio
class LibraryContract(Contract):
    """`record` is an empty record database."""

    async def test_a_kept_prompt_and_its_versions_come_back_as_they_were(
        self, record: UnitOfWork
    ) -> None:
        prompt = replace(
            a_prompt("a/b", About("B", tags=("x", "y"), folder="a")), average_rating=4.25
        )
        first, second = a_version("a/b"), a_version("a/b", 2, text="Say {{who}}.")
        async with record.begin() as tx:
            await keep(tx, prompt, [first, second])
        async with record.read() as tx:
            library = tx.library
            assert await library.get("a/b") == prompt
            assert await library.some([an_id("x"), prompt.id]) == [prompt]
            assert await library.version(prompt.id, first.id) == first
            assert await library.version(prompt.id, second.id[:7]) == second
            assert await library.numbered(prompt.id, 2) == second
            assert await library.newest([prompt.id]) == {prompt.id: first}
            every = await library.every_version([prompt.id, an_id("x")])
            assert {own: list(versions) for own, versions in every.items()} == {
                prompt.id: [first, second]
            }
            walking = partial(library.versions, prompt.id, limit=1)
            assert await walked(lambda cursor: walking(cursor=cursor)) == [second, first]

    async def test_many_whole_prompts_are_kept_at_once_or_none_of_them(
        self, record: UnitOfWork
    ) -> None:
        first, second = a_version("a"), a_version("a", 2, text="Two")
        whole = PromptHistory(
            replace(a_prompt("a", About("A", tags=("x", "y", "x"))), versions=2),
            (first, second),
            (Label("production", second.id, True, moment(2), ODD),),
            {"main": first.id, "try": second.id},
            (Rating(first.id, 4, ODD, "ada", moment()), Rating(first.id, 1, "", "", moment())),
            (Carried("f", "{}"), Carried("f", "[]")),
        )
        plain = PromptHistory(a_prompt("b", tenant="t"), (a_version("b", tenant="t"),), (), {})
        async with record.begin() as tx:
            await tx.library.keep([whole, plain])
            await tx.library.keep([])
        other = PromptHistory(a_prompt("c"), (a_version("c"),), (), {})
        async with record.begin() as tx:
            with pytest.raises(Conflict):
                await tx.library.keep([other, whole])
        async with record.read() as tx:
            library, own = tx.library, whole.prompt.id
            assert [each.slug for each in (await library.every()).items] in (["a", "b"], ["b", "a"])
            assert (await library.list(tag="x")).items == (whole.prompt,)
            assert await library.given("a", "production") == (whole.prompt, second, [*whole.labels])
            assert await library.branches(own) == whole.branches
            assert (await library.ratings(own)).items == whole.ratings
            assert await library.carried(own) == [Carried("f", "[]")]
            assert await library.newest([plain.prompt.id]) == {plain.prompt.id: plain.versions[0]}

    async def test_what_is_served_comes_in_one_question(self, record: UnitOfWork) -> None:
        prompt, first, second = a_prompt("a"), a_version("a"), a_version("a", 2, text="Two")
        labels = [Label(name, second.id, True, moment(2), ODD) for name in ("beta", "production")]
        async with record.begin() as tx:
            await keep(tx, prompt, [first, second])
            await keep(tx, a_prompt("b", tenant="t"), [a_version("b", tenant="t")])
            for label in labels:
                await tx.library.point(prompt.id, label)
        async with record.read() as tx:
            assert await tx.library.given("a", "beta") == (prompt, second, labels)
            assert await tx.library.given("a") == (prompt, first, labels)
            (_, found, none) = await tx.library.given("b", tenant="t")
            assert (found.prompt_id, list(none)) == (library_prompt_id("b", "t"), [])
            for asked in (("b",), ("a", "gone"), ("a", None, "t"), ("gone", "beta")):
                with pytest.raises(NotFound):
                    await tx.library.given(*asked)

    async def test_what_is_not_kept_is_not_found(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await keep(tx, a_prompt("a"), [a_version("a")])
        own = library_prompt_id("a")
        async with record.read() as tx:
            library = tx.library
            for asked in (
                library.get("b"), library.get("a", "other"), library.numbered(own, 2),
                library.version(own, "0" * 64), library.version(own, a_version("a").id[:6]),
                library.version("no uuid", "0" * 64), library.labelled(own, "production"),
            ):  # fmt: skip
                with pytest.raises(NotFound):
                    await asked

    async def test_a_slug_is_taken_once_a_tenant(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await keep(tx, a_prompt("a"), [a_version("a")])
            with pytest.raises(Conflict):
                await tx.library.create(a_prompt("a", at=3))
            await tx.library.create(a_prompt("a", tenant="other"))
        async with record.read() as tx:
            assert (await tx.library.get("a")).created_at == moment()
            assert (await tx.library.list()).total == 1
            assert (await tx.library.every()).total == 2

    async def test_how_prompts_stand_is_listed_without_reading_them(
        self, record: UnitOfWork
    ) -> None:
        made = [a_prompt("a"), a_prompt("b"), a_prompt("a", tenant="other")]
        async with record.begin() as tx:
            for each in made:
                await tx.library.create(each)
        async with record.read() as tx:
            first = await tx.library.standing(limit=2)
            rest = await tx.library.standing(after=first[-1].id)
        assert [(e.id, e.slug, e.tenant, e.archived) for e in (*first, *rest)] == sorted(
            (each.id, each.slug, each.tenant, False) for each in made
        )
        assert {(e.revision, e.updated_at) for e in first} == {(1, moment())}

    async def test_a_change_needs_the_revision_that_stands(self, record: UnitOfWork) -> None:
        prompt = a_prompt("a", About("A", tags=("old",)))
        newer = replace(prompt, revision=2, archived=True, about=About("New", tags=("new",)))
        async with record.begin() as tx:
            await tx.library.create(prompt)
            await tx.library.change(newer, expected=1)
            for wrong in (newer, replace(newer, id=an_id("gone"))):
                with pytest.raises(Conflict):
                    await tx.library.change(wrong, expected=1)
        async with record.read() as tx:
            assert await tx.library.get("a") == newer
            assert (await tx.library.list(tag="old", archived=None)).total == 0
            assert (await tx.library.list(tag="new", archived=None)).total == 1

    async def test_of_many_that_change_at_once_each_sees_the_one_before(
        self, record: UnitOfWork
    ) -> None:
        async with record.begin() as tx:
            await tx.library.create(a_prompt("a"))

        async def raise_it() -> None:
            async with record.begin() as tx:
                held = await tx.library.get("a", hold=True)
                newer = replace(held, revision=held.revision + 1)
                await tx.library.change(newer, expected=held.revision)

        await asyncio.gather(*(raise_it() for _ in range(12)))
        async with record.read() as tx:
            assert (await tx.library.get("a")).revision == 13

    async def test_listing_filters_sorts_and_pages(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            for at, (slug, folder) in enumerate(
                [("c", "x/y"), ("a", "x"), ("d", "xy"), ("b", ""), ("e", "x/y/z")]
            ):
                await tx.library.create(
                    a_prompt(slug, About(slug, folder=folder, tags=(slug, "t")), at=at % 3)
                )
            old = a_prompt("old", About("Old", domain="security"))
            await tx.library.create(replace(old, archived=True))

        async def slugs(**where: Any) -> str:  # noqa: ANN401 - the filters as they are
            async with record.read() as tx:
                listed = partial(tx.library.list, limit=2, **where)
                return "".join(e.slug for e in await walked(lambda cursor: listed(cursor=cursor)))

        assert await slugs() == "abcde"
        assert (await slugs(sort="updated"))[0] == "d"
        assert await slugs(folder="x") == "ace"
        assert await slugs(folder="x/y") == "ce"
        assert await slugs(tag="c") == "c"
        assert await slugs(tag="t") == "abcde"
        assert await slugs(archived=True) == "old"
        assert await slugs(archived=None) == "abcdeold"
        assert await slugs(domain="security", archived=None) == "old"
        assert await slugs(tenant="other") == ""

    async def test_labels_and_branches_are_moved(self, record: UnitOfWork) -> None:
        prompt, versions = a_prompt("a"), [a_version("a"), a_version("a", 2)]
        first, second = (each.id for each in versions)
        old = Label("production", first, False, moment(1), "ada")
        new = Label("production", second, True, moment(2), ODD)
        beta = Label("beta", first, False, moment(3), "bob")
        async with record.begin() as tx:
            await keep(tx, prompt, versions)
            for label in (old, beta, new):
                await tx.library.point(prompt.id, label)
            for name, head in (("main", first), ("try", second), ("main", second)):
                await tx.library.branch(prompt.id, name, head)
        async with record.read() as tx:
            assert await tx.library.labels(prompt.id) == [beta, new]
            assert await tx.library.labelled(prompt.id, "production") == versions[1]
            assert await tx.library.branches(prompt.id) == {"main": second, "try": second}
        async with record.begin() as tx:
            await tx.library.unlabel(prompt.id, "beta")
            await tx.library.unlabel(prompt.id, "unknown")
            assert await tx.library.labels(prompt.id) == [new]

    async def test_ratings_usage_and_carried_are_kept(self, record: UnitOfWork) -> None:
        prompt, version = a_prompt("a"), a_version("a")
        ratings = [Rating(version.id, stars, ODD, "ada", moment(9 - stars)) for stars in (5, 1, 3)]
        days = [
            UsageDay(prompt.id, version.id, f"2030-01-0{day}", day, user)
            for user, day in ((ODD, 2), ("ada", 2), ("", 2), ("", 1))
        ]
        gone = UsageDay(an_id("gone"), version.id, "2030-01-01", 7, "ada")
        async with record.begin() as tx:
            await keep(tx, prompt, [version])
            await tx.library.rate(prompt.id, ratings)
            await tx.library.use([*days, gone, *days])
            await tx.library.use(days[1:])
            await tx.library.carry(prompt.id, [Carried("b", ODD), Carried("a", "{}")])
            await tx.library.carry(prompt.id, [Carried("b", "[]")])
        async with record.read() as tx:
            listed = partial(tx.library.ratings, prompt.id, limit=2)
            assert await walked(lambda cursor: listed(cursor=cursor)) == ratings
            used = await tx.library.usage(prompt.id)
            assert [(each.day, each.user, each.uses) for each in used] == [
                ("2030-01-01", "", 3),
                ("2030-01-02", "", 6),
                ("2030-01-02", "ada", 6),
                ("2030-01-02", ODD, 4),
            ]
            assert list(await tx.library.usage(prompt.id, since="2030-01-02")) == used[1:]
            found = await tx.library.get("a")
            assert (found.usage_count, found.revision) == (19, 1)
            carried = await tx.library.carried(prompt.id)
            assert carried == [Carried("a", "{}"), Carried("b", "[]")]

    async def test_the_audit_trail_outlives_its_prompt(self, record: UnitOfWork) -> None:
        prompt = a_prompt("a")
        entries = [
            AuditEntry(prompt.id, "a", "saved", ODD, "ada", revision, moment(revision))
            for revision in (1, 2)
        ]
        async with record.begin() as tx:
            await keep(tx, prompt, [a_version("a")])
            await tx.library.note(*entries)
            await tx.library.note()
            await tx.library.note(replace(entries[0], prompt_id=an_id("other")), tenant="other")
        async with record.begin() as tx:
            await tx.library.remove(prompt.id)
            await tx.library.remove(prompt.id)
        async with record.read() as tx:
            assert (await tx.library.list()).total == 0
            with pytest.raises(NotFound):
                await tx.library.version(prompt.id, a_version("a").id)
            listed = partial(tx.library.audit, prompt_id=prompt.id, limit=1)
            assert await walked(lambda cursor: listed(cursor=cursor)) == entries[::-1]
            assert (await tx.library.audit()).total == 2
            assert (await tx.library.audit("other")).total == 1

    async def test_what_finds_nothing_is_counted(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            for at, query in enumerate(["a", "b", "b", "x" * 300]):
                await tx.library.missed(query, moment(at))
            await tx.library.missed("a", moment(), "other")
        async with record.read() as tx:
            listed = partial(tx.library.misses, limit=1)
            found = await walked(lambda cursor: listed(cursor=cursor))
        assert [(each.query[:2], each.count) for each in found] == [("b", 2), ("xx", 1), ("a", 1)]
        assert (found[0].first_at, found[0].last_at) == (moment(1), moment(2))

    async def test_what_belongs_to_no_prompt_is_refused(self, record: UnitOfWork) -> None:
        with pytest.raises(Conflict):
            async with record.begin() as tx:
                await tx.library.publish([a_version("a")])
