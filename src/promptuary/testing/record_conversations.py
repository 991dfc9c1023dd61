"""What every record promises of events and conversations; part of the UnitOfWork contract."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st

from promptuary.domain.conversations import Carried, Conversation, Message, Plan, TimeRange
from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.events import Camera, Event, EventFilter, Intake, Window
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.samples import an_id, moment

EVERYTHING = EventFilter()


def seen(name: str, *, at: int = 0, **more: Any) -> Event:  # noqa: ANN401 - any field
    """An event of that name, so many minutes after the beginning."""
    given: dict[str, Any] = {"camera": "gate", "label": "person", **more}
    return Event(id=name, start=moment(0) + timedelta(minutes=at), **given)


FULL = seen(
    "full \x00",
    at=1,
    end=moment(0) + timedelta(minutes=1, seconds=2.5),
    sub_label="Ada",
    zones=("porch", "steps_%"),
    description="a Red \ud800 jacket, near_the gate",
    confidence=0.875,
    box=(0.125, 0.25, 0.5, 0.5),
    track="t1",
    clip="/clips/1.mp4",
    metadata={"speed": 2.5, "wet": True},
)


def events() -> st.SearchStrategy[list[Event]]:
    """A few events that share values, so that conditions hold for some of them."""
    one = st.builds(
        lambda number, at, lasted, **more: seen(
            f"e{number}",
            at=at,
            end=None if lasted is None else moment(0) + timedelta(minutes=at, seconds=lasted),
            **more,
        ),
        number=st.integers(0, 12),
        at=st.integers(0, 90),
        lasted=st.none() | st.integers(0, 90),
        camera=st.sampled_from(["gate", "yard"]),
        label=st.sampled_from(["person", "dog"]),
        sub_label=st.sampled_from([None, "ada", "bo"]),
        zones=st.sampled_from([(), ("porch",), ("porch", "lawn")]),
        confidence=st.sampled_from([None, 0.5, 0.85, 0.9]),
        description=st.sampled_from([None, "a red car", "red_hat, blue coat", "covered"]),
    )
    return st.lists(one, max_size=14)


def filters() -> st.SearchStrategy[EventFilter]:
    """Conditions that hold for some of those."""
    times = st.none() | st.integers(0, 90).map(lambda m: moment(0) + timedelta(minutes=m))
    return st.builds(
        EventFilter,
        cameras=st.sampled_from([None, (), ("gate",), ("gate", "yard")]),
        labels=st.sampled_from([(), ("dog",), ("dog", "person")]),
        people=st.sampled_from([(), ("ada",)]),
        zones=st.sampled_from([(), ("lawn",), ("porch",)]),
        windows=st.lists(st.builds(Window, times, times), max_size=2).map(tuple),
        above=st.sampled_from([None, 0.85]),
        at_least=st.sampled_from([None, 0.85]),
        words=st.sampled_from([(), (("red",),), (("red", "blue"), ("coat",))]),
    )


def thread(*, turns: int = 1, owner: str = "ada", at: int = 0, name: str = "c1") -> Conversation:
    """A conversation that carries a plan."""
    days = (moment(0).date(), moment(1).date())
    plan = Plan("count", labels=("dog",), time=TimeRange("then", days, (moment(0).time(),) * 2))
    return Conversation(
        name, owner, moment(0), moment(at), turns, Carried(plan, plan, None, "e1", ("e1",))
    )


def message(name: str, *, at: int = 0) -> Message:
    """Something that was said."""
    more: dict[str, Any] = {"evidence": (f"{name}-1", "e \x00"), "follow_ups": ("And the gate?",)}
    said = f"{name} \x00"
    return Message(an_id(name), "user", said, moment(at), 0.5, understood=f"{name}?", **more)


class EventsContract(Contract):
    """`record` is an empty record database."""

    async def test_an_event_comes_back_as_it_was(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            assert await tx.seen.add([FULL, seen("bare")]) == Intake(new=2)
        async with record.read() as tx:
            assert await tx.seen.get(["bare", FULL.id, "none"]) == [seen("bare"), FULL]

    async def test_the_same_event_again_changes_nothing(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.seen.add([FULL])
        async with record.begin() as tx:
            assert await tx.seen.add([FULL, FULL]) == Intake(same=2)

    async def test_an_update_changes_what_it_says_and_a_late_message_reopens_nothing(
        self, record: UnitOfWork
    ) -> None:
        end = moment(0) + timedelta(minutes=5)
        ended = seen("e1", end=end, sub_label="Ada")
        async with record.begin() as tx:
            await tx.seen.add([ended])
            assert await tx.seen.add([seen("e1", confidence=0.5)]) == Intake(changed=1)
        async with record.read() as tx:
            assert await tx.seen.get(["e1"]) == [replace(ended, confidence=0.5)]

    async def test_a_deleted_event_stays_deleted(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.seen.add([FULL, seen("other")])
            assert await tx.seen.remove([FULL.id, "none"]) == 1
        async with record.begin() as tx:
            assert await tx.seen.add([FULL]) == Intake(gone=1)
            assert await tx.seen.get([FULL.id]) == []
            assert await tx.seen.count(EVERYTHING) == 1

    async def test_the_newest_events_come_first_page_by_page(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.seen.add([seen(f"e{n}", at=n // 2) for n in range(5)])
        async with record.read() as tx:
            first = await tx.seen.page(EVERYTHING, limit=3)
            rest = await tx.seen.page(EVERYTHING, cursor=first.next_cursor, limit=3)
        found = [each.id for each in (*first.items, *rest.items)]
        assert (found, first.total, rest.next_cursor) == (["e4", "e3", "e2", "e1", "e0"], 5, None)

    async def test_what_a_camera_saw_close_by_is_found_once(self, record: UnitOfWork) -> None:
        odd = "odd \x00\ud800"
        there = [seen(f"g{at}", at=at) for at in (0, 2, 3, 9)]
        there += [seen("y3", at=3, camera="yard"), seen("o3", at=3, camera=odd), seen("gone", at=2)]
        async with record.begin() as tx:
            await tx.seen.add(there)
            await tx.seen.remove(["gone"])
        asked, minute = [("gate", moment(0)), ("gate", there[1].start)], timedelta(minutes=1)
        async with record.read() as tx:
            close = tx.seen.beside
            assert [e.id for e in await close(asked, minute)] == ["g0", "g2", "g3"]
            assert [e.id for e in await close(asked, 2 * minute, limit=2)] == ["g0", "g2"]
            assert [e.id for e in await close([(odd, there[1].start)], minute)] == ["o3"]
            assert await close([], minute) == await close([("gate", moment(0))], -minute) == []

    async def test_descriptions_are_found_by_their_words(self, record: UnitOfWork) -> None:
        said = {
            "two": "a man WALKING a dog", "one": "the dog sleeps by the long wall", "none": None,
            "odd \x00": 'walks "OR" near_it', "gone": "a dog walks", "late": "a cat",
        }  # fmt: skip
        async with record.begin() as tx:
            await tx.seen.add([seen(name, description=text) for name, text in said.items()])
            await tx.seen.add([seen("late", description="a ladder")])
            await tx.seen.remove(["gone"])
        async with record.read() as tx:
            search, gate = tx.seen.search, EventFilter(cameras=("yard",))
            assert [e.id for e in await search(["walked", "dog"], EVERYTHING, limit=1)] == ["two"]
            everything = await search(["walked", "dog"], EVERYTHING)
            assert {e.id for e in everything} == {"two", "one", "odd \x00"}
            assert await search(["cat"], EVERYTHING) == await search([], EVERYTHING) == []
            assert await search(["dog"], gate) == await search(['"'], EVERYTHING) == []
            assert [e.id for e in await search(["ladders"], EVERYTHING)] == ["late"]
            counted = await tx.seen.frequencies(["walk", "dog", "cow"], EVERYTHING, most=1)
            others = await tx.seen.frequencies(["dog"], gate, most=5)
            here = await tx.seen.frequencies(["dog"], EventFilter(cameras=("gate",)), most=5)
        assert counted == {"walk": 1, "dog": 1, "cow": 0}
        assert (others, here) == ({"dog": 0}, {"dog": 2})

    async def test_a_site_is_what_was_said_and_what_was_seen(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.seen.describe([Camera("gate", "The Gate", ("dog",), ("lawn",))])
            await tx.seen.add([FULL, seen("e2", at=9, camera="yard", label="cat")])
        async with record.read() as tx:
            whole, part = await tx.seen.site(), await tx.seen.site(["yard", "none"])
            described = await tx.seen.described()
        gate = Camera("gate", "The Gate", ("dog", "person"), ("lawn", "porch", "steps_%"), ("Ada",))
        yard = Camera("yard", "", ("cat",))
        assert described == [Camera("gate", "The Gate", ("dog",), ("lawn",))]
        assert whole.cameras == (gate, yard)
        assert (whole.first, whole.last) == (FULL.start, moment(0) + timedelta(minutes=9))
        assert (part.cameras, part.first) == ((yard,), moment(0) + timedelta(minutes=9))


class ConversationsContract(Contract):
    """`record` is an empty record database."""

    async def test_a_conversation_goes_on_where_it_was(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.conversations.keep(thread(), [message("one"), message("two")])
        async with record.begin() as tx:
            assert await tx.conversations.get("c1") == thread()
            await tx.conversations.keep(thread(turns=2, at=3), [message("three")])
        async with record.read() as tx:
            assert (await tx.conversations.get("c1")).turns == 2
            latest = await tx.conversations.messages("c1", limit=2)
            assert latest == [message("two"), message("three")]
            assert await tx.conversations.messages("c1", limit=2, skip=2) == [message("one")]
            assert await tx.conversations.count("c1") == 3

    async def test_what_was_said_can_be_put_in_other_words(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.conversations.keep(thread(), [message("one"), message("two")])
            await tx.conversations.reword(an_id("two"), "other \x00 words")
            await tx.conversations.reword(an_id("none"), "nothing")
        async with record.read() as tx:
            said = await tx.conversations.messages("c1")
            assert said == [message("one"), replace(message("two"), text="other \x00 words")]

    async def test_nobody_writes_into_the_conversation_of_another(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.conversations.keep(thread(), [])
        for other in (thread(turns=2, owner="bo"), thread(turns=1)):
            with pytest.raises(Conflict):
                async with record.begin() as tx:
                    await tx.conversations.keep(other, [message("lost")])
        async with record.read() as tx:
            assert await tx.conversations.count("c1") == 0

    async def test_what_was_said_is_forgotten_and_the_conversation_goes_on(
        self, record: UnitOfWork
    ) -> None:
        async with record.begin() as tx:
            await tx.conversations.keep(thread(), [message("a", at=1), message("b", at=2)])
            await tx.conversations.keep(thread(turns=2), [message("c", at=3)])
            assert await tx.conversations.forget(moment(2)) == 1
            await tx.conversations.keep(thread(turns=3), [message("d", at=4)])
            assert await tx.conversations.forget(moment(2)) == 0
        async with record.read() as tx:
            said = await tx.conversations.messages("c1")
            assert [each.text[0] for each in said] == ["b", "c", "d"]
            assert (await tx.conversations.get("c1")).turns == 3

    async def test_conversations_expire_and_are_deleted_as_a_whole(
        self, record: UnitOfWork
    ) -> None:
        async with record.begin() as tx:
            for number, name in enumerate(("old", "new", "gone")):
                kept = thread(name=name, at=number)
                await tx.conversations.keep(kept, [message(name)])
        async with record.begin() as tx:
            assert await tx.conversations.expire(moment(1)) == 1
            await tx.conversations.delete("gone")
        async with record.read() as tx:
            assert [c.id for c in (await tx.conversations.list("ada")).items] == ["new"]
            assert (await tx.conversations.list("bo")).total == 0
            assert await tx.conversations.messages("gone") == []
            with pytest.raises(NotFound):
                await tx.conversations.get("old")
        with pytest.raises(NotFound):
            async with record.begin() as tx:
                await tx.conversations.delete("gone")
