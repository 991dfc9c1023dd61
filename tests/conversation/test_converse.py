"""Turns over a record: exact numbers, owners, cameras that may not be seen."""

from datetime import timedelta

import pytest

from conversation.guarded import HARBOUR, NOW, event
from promptuary.conversation import following
from promptuary.conversation.face import Conversing
from promptuary.conversation.insights.calendar import Calendar
from promptuary.conversation.wording import WITHHELD
from promptuary.domain.errors import InvalidInput, NotFound
from promptuary.domain.events import Event
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

pytestmark = pytest.mark.anyio

SEEN = [
    *(event(n, hours=2 + n / 10) for n in range(4)),
    event(4, hours=2.4, end=NOW - timedelta(hours=1.95)),
    *(event(10 + n, "quay_main", "boat", hours=3 + n) for n in range(3)),
    event(20, "gate_w", "person", hours=1, sub_label="rui", description="a man in a red coat"),
    event(21, "fish_hall", "cat", hours=30, end=NOW - timedelta(hours=29.99)),
]


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture
async def face(clock: HandClock) -> Conversing:
    record: UnitOfWork = MemoryUnitOfWork()
    face = Conversing(record, clock, "Europe/Lisbon", timedelta(days=7), Calendar())
    await face.describe_cameras(HARBOUR.cameras)
    await face.add_events([*SEEN, Event("old", "playpen", "dog", NOW - timedelta(days=20))])
    return face


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("How many cars at the West Gate today?", 5),
        ("how many boats yesterday", 0),
        ("Which camera saw the most today?", "gate_w"),
        ("Was there a cat in the Fish Hall yesterday?", True),
        ("was the fish hall empty yesterday?", False),
        ("When did the first boat appear at the main quay today?", "2025-05-14T12:30:00+01:00"),
        ("where was Rui last seen?", "gate_w"),
        ("how many red coats at the West Gate today?", None),
        ("Which hour had the most cars at West Gate today?", 15),
        ("Were there more cars or boats... I mean West Gate or Main Quay, more today?", "gate_w"),
        ("who was at the West Gate today?", "rui"),
        ("more than 4 cars at the West Gate today?", True),
        ("How long did the longest cat stay in the fish hall yesterday?", 36.0),
        ("how many cars were at the West Gate at the same time today?", 2),
        ("what was the most people at once yesterday?", 0),
        ("Were there more events today or yesterday?", "today"),
        ("was yesterday busier than the day before?", "yesterday"),
        ("compare today with yesterday at the fish hall", "yesterday"),
        ("did anyone bring a cat into the fish hall yesterday?", True),
        ("which cameras saw no events today?", 4),
        ("how many men were there today", 1),
        ("who came first today?", "2025-05-14T16:30:00+01:00"),
        ("how many boats after we opened at 13:00 today", 2),
    ],
)
async def test_an_answer_is_exact(face: Conversing, question: str, value: object) -> None:
    reply = (await face.converse(question)).reply
    assert reply.value == value or (value is None and reply.refused is None)


async def test_evidence_is_what_was_counted(face: Conversing) -> None:
    reply = (await face.converse("how many boats at the main quay today", limit=2)).reply
    assert (reply.value, reply.total) == (3, 3)
    assert [each.id for each in reply.evidence] == ["e12", "e11"]
    assert "Main Quay" in reply.text


async def test_a_comparison_rests_on_both_its_sides(face: Conversing) -> None:
    asked = "Were there more at the Main Quay or at the West Gate today?"
    reply = (await face.converse(asked, limit=50)).reply
    assert (reply.value, len(reply.evidence)) == ("gate_w", reply.total)
    assert [each.start for each in reply.evidence] == sorted(e.start for e in reply.evidence)
    few = (await face.converse(asked, limit=4)).reply.evidence
    assert sorted(each.camera for each in few) == ["gate_w"] * 2 + ["quay_main"] * 2


async def test_nothing_is_only_nothing_while_something_was_running(face: Conversing) -> None:
    running = (await face.converse("how many dogs at the West Gate today?")).reply
    silent = (await face.converse("how many dogs at the West Gate yesterday?")).reply
    assert (running.value, running.coverage) == (0, "")
    assert silent.coverage
    assert silent.confidence < running.confidence
    assert "not known" in silent.text


async def test_a_word_that_no_description_holds_is_not_counted_as_none(face: Conversing) -> None:
    assert (await face.converse("how many red cars today?")).reply.refused is None
    assert (await face.converse("how many purple cars today?")).reply.refused == "unanswerable"


async def test_a_word_that_was_not_used_is_said(face: Conversing) -> None:
    reply = (await face.converse("how many cars were speeding at the west gate today?")).reply
    assert "“speeding” was not used" in reply.text


async def test_a_conversation_goes_on(face: Conversing) -> None:
    first = await face.converse("how many cars at the west gate today?")
    again = first.conversation.id
    second = await face.converse("and boats at the main quay?", conversation_id=again)
    third = await face.converse("when was the last one?", conversation_id=again)
    clip = await face.converse("play it", conversation_id=again)
    assert [second.reply.value, clip.reply.value] == [3, "e10"]
    assert third.reply.understood == "When was the last boat seen at Main Quay today?"
    said = await face.export(again)
    assert [each.role for each in said.messages] == ["user", "assistant"] * 4


async def test_why_is_answered_and_changes_nothing(face: Conversing) -> None:
    first = await face.converse("how many cars at the west gate today?")
    why = await face.converse("why?", conversation_id=first.conversation.id)
    assert "How many cars were seen at West Gate today?" in why.reply.text
    after = await face.converse("and boats?", conversation_id=first.conversation.id)
    assert after.reply.value == 0


async def test_whether_all_is_well_is_answered_by_what_the_watch_noticed(face: Conversing) -> None:
    calm = (await face.converse("is everything all right?")).reply
    assert (calm.value, calm.evidence) == (0, ())
    assert calm.text.startswith("Nothing unusual across all cameras today")
    for day in range(1, 15):
        hours = (24 * day + n / 10 for n in range(60))
        await face.add_events(
            [event(1000 * day + n, "playpen", "dog", hours=at) for n, at in enumerate(hours)]
        )
    await face.add_events(
        [event(500 + n, "fish_hall", "cat", hours=3 + n / 100) for n in range(30)]
    )
    found = await face.converse("Anything unusual today?")
    assert found.reply.value == len(await face.insights(timedelta(hours=17)))
    assert "Play Pen saw nothing" in found.reply.text
    assert {each.id for each in found.reply.evidence} == set(found.reply.patterns)
    assert {each.type for each in found.reply.patterns.values()} <= {"burst", "unusual_hour"}
    foreign = (await face.converse("ist alles in Ordnung?", cameras=["gate_w"])).reply
    assert "Play Pen" not in repr(foreign)
    assert "Fish Hall" not in repr(foreign)


@pytest.mark.slow
async def test_whether_all_was_well_says_until_when_events_were_only_counted(
    face: Conversing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "ONE_BY_ONE", 6)
    short, long = [
        (await face.converse(f"anything unusual {when}?")).reply.text
        for when in ("in the last hour", "this week")
    ]
    assert "too many" not in short
    assert "Before 14 May 2025 at 14:45:00 there were too many events" in long


@pytest.mark.parametrize(
    ("question", "says", "reads"),
    [
        (
            "¿Cuántos coches hubo hoy en West Gate?",
            "5 coches en West Gate hoy.",
            "How many cars were seen at West Gate on 14 May 2025?",
        ),
        (
            "Gestern im Fish Hall: wie viele Katzen?",
            "1 Katze bei Fish Hall gestern.",
            "How many cats were seen at Fish Hall on 13 May 2025?",
        ),
        (
            "Bugün West Gate'de kaç araba vardı?",
            "Bugün West Gate kamerasında 5 araba.",
            "How many cars were seen at West Gate on 14 May 2025?",
        ),
        (
            "¿Hubo alguien ayer en Play Pen?",
            "Ningún evento en Play Pen ayer: no se sabe si la cámara funcionaba entonces, "
            "así que 0 personas no quiere decir que no hubiera nada.",
            "Were any people seen at Play Pen on 13 May 2025?",
        ),
        (
            "Wann war heute der erste Mensch am West Gate?",
            "Zuerst gesehen (Person): West Gate, 14. Mai 2025, 16:30:00 (von 1 heute).",
            "When was the first person seen at West Gate on 14 May 2025?",
        ),
        (
            "Bugün en çok arabayı hangi kamera gördü?",
            "En çok West Gate: bugün 5 araba.",
            "Which camera saw the most cars on 14 May 2025?",
        ),
        (
            "Welche Stunde hatte heute die meisten Autos?",
            "Die Stunde mit den meisten: 15:00, 5 Autos an allen Kameras heute.",
            "What was the busiest hour for cars across all cameras on 14 May 2025?",
        ),
        (
            "¿Cuántos coches hubo a la vez hoy en West Gate?",
            "Como máximo 2 coches a la vez en West Gate hoy: 14 de mayo de 2025, 15:12:00 (de 5).",
            "How many cars were there at most at once at West Gate on 14 May 2025?",
        ),
    ],
)
async def test_an_answer_and_what_may_come_next_are_in_the_language_of_the_question(
    face: Conversing, question: str, says: str, reads: str
) -> None:
    turn = await face.converse(question)
    assert (turn.reply.text, turn.reply.understood) == (says, reads)
    again = (await face.converse(reads)).reply
    assert again.value == turn.reply.value
    for idea in turn.reply.follow_ups:
        thread = (await face.converse(question)).conversation.id
        following = (await face.converse(idea, conversation_id=thread)).reply
        assert following.plan, idea
        assert following.plan.language == turn.reply.plan.language, idea


async def test_what_an_hour_shows_is_inside_of_what_was_asked(face: Conversing) -> None:
    reply = (await face.converse("busiest hour for cars at West Gate since 15:10 today?")).reply
    assert [each.id for each in reply.evidence] == ["e3", "e2", "e1", "e0"], "e4 began earlier"
    assert (reply.value, reply.total) == (15, 4)


async def test_a_refusal_is_in_the_language_of_the_question(face: Conversing) -> None:
    asked = {
        "¿Cuántas personas hubo ayer en South Gate?": "¿Se refería a West Gate?",
        "Wer hat gestern bezahlt?": "Das halten Ereignisse nicht fest",
        "Wie viele Autos waren im Januar 2019 am West Gate?": "„im Januar 2019“",
        "Yarın kaç kişi gelecek?": "Olaylar bunu söylemez",
    }
    for question, says in asked.items():
        reply = (await face.converse(question)).reply
        assert reply.refused
        assert says in reply.text


async def test_a_recording_that_cannot_be_played_is_said(face: Conversing) -> None:
    reply = (await face.converse("play the last car at the west gate")).reply
    assert "no recording of it that can be played" in reply.text


async def test_nobody_reads_the_conversation_of_another(face: Conversing) -> None:
    thread = (await face.converse("how many cars today?", user="ada")).conversation.id
    for foreign in (
        face.converse("and boats?", conversation_id=thread, user="bo"),
        face.history(thread, user="bo"),
        face.export(thread, user="bo"),
        face.delete(thread, user="bo"),
    ):
        with pytest.raises(NotFound):
            await foreign
    assert (await face.conversations(user="bo")).total == 0
    await face.delete(thread, user="ada")
    with pytest.raises(NotFound):
        await face.history(thread, user="ada")


async def test_nothing_of_a_camera_that_may_not_be_seen_shows(face: Conversing) -> None:
    seen = ["quay_main", "fish_hall"]
    for question in (
        "how many cars today?",
        "which camera saw the most today?",
        "How many cars at the West Gate today?",
        "when was Rui last seen?",
        "list everything today",
        "how many cameras are there?",
        "How many cars at the West Gat today?",
    ):
        reply = (await face.converse(question, cameras=seen)).reply
        shown = repr((reply.text, reply.value, reply.breakdown, reply.evidence, reply.follow_ups,
                      reply.suggestions, reply.understood))  # fmt: skip
        assert "gate_w" not in shown
        assert "Rui was" not in shown
        assert "West Gate" not in shown.replace(question, "").replace("“West Gate”", "")
    page = await face.events(cameras=seen)
    assert {each.camera for each in page.items} == set(seen)


async def test_a_clip_of_a_camera_that_may_no_longer_be_seen_is_not_shown(
    face: Conversing,
) -> None:
    first = await face.converse("when was the last car at the west gate today?")
    thread = first.conversation.id
    later = await face.converse("play it", conversation_id=thread, cameras=["fish_hall"])
    assert {each.camera for each in later.reply.evidence} <= {"fish_hall"}
    assert "gate_w" not in repr(later.reply)


async def test_answers_out_of_cameras_that_may_no_longer_be_seen_are_withheld(
    face: Conversing,
) -> None:
    first = await face.converse("how many cars today?", cameras=["gate_w", "fish_hall"])
    thread = first.conversation.id
    later = await face.converse("and yesterday?", conversation_id=thread, cameras=["fish_hall"])
    assert later.reply.refused == "not_understood"
    told = [e.text for e in (await face.export(thread, cameras=["fish_hall"])).messages]
    assert told == ["how many cars today?", WITHHELD, "and yesterday?", later.reply.text]
    again = (await face.export(thread, cameras=["gate_w", "fish_hall"])).messages
    assert again[1].text == first.reply.text


async def test_nobody_takes_over_the_event_of_a_camera_they_may_not_see(face: Conversing) -> None:
    taken = await face.add_events(
        [event(20, "fish_hall", "person"), event(21, "fish_hall", "cat"), event(90, "gate_w")],
        cameras=["fish_hall"],
    )
    assert sorted(each.position for each in taken.refused) == [1, 3]
    (kept,) = await face.events_of(["e20"])
    assert kept.camera == "gate_w"
    assert await face.events_of(["e20"], cameras=["fish_hall"]) == []


async def test_a_conversation_expires_as_a_whole(face: Conversing, clock: HandClock) -> None:
    thread = (await face.converse("how many cars today?")).conversation.id
    await clock.advance(8 * 86_400)
    with pytest.raises(NotFound):
        await face.converse("and boats?", conversation_id=thread)
    assert await face.expire() == 1


async def test_bad_events_are_named_and_stop_nobody(face: Conversing) -> None:
    good = {"event_id": "g", "camera_id": "c", "label": "dog", "timestamp": 1_700_000_000.5}
    rows = [
        good,
        {**good, "event_id": "late", "end_timestamp": 1_600_000_000},
        {**good, "event_id": "nan", "confidence": float("nan")},
        {**good, "event_id": "box", "bbox": [0.1, float("nan"), 0.1, 0.1]},
        {**good, "event_id": "far", "timestamp": "2099-01-01T00:00:00Z"},
        {**good, "event_id": "long", "description": "x" * 30_000},
        {**good, "camera_id": None},
        {"nothing": 1},
    ]
    done = await face.add_events(rows)
    assert done.intake.new == 1
    assert [each.position for each in done.refused] == [2, 3, 4, 5, 6, 7, 8]


async def test_messages_of_frigate_are_understood(face: Conversing) -> None:
    new = {
        "id": "17.5-x", "camera": "gate_w", "label": "person", "sub_label": ["marta", 0.9],
        "start_time": 1_747_200_000.5, "end_time": None, "entered_zones": ["barrier"],
        "has_clip": True, "score": 0.7, "box": [10, 20, 30, 40],
    }  # fmt: skip
    end = {**new, "end_time": 1_747_200_009.5}
    for kind, after in (("new", new), ("end", end), ("update", new)):
        row = {"topic": "frigate/events", "payload": {"type": kind, "after": after}}
        await face.add_events([row])
    (found,) = [e for e in (await face.events()).items if e.id == "17.5-x"]
    assert (found.seconds, found.sub_label, found.zones) == (9.0, "marta", ("barrier",))
    assert (found.box, found.clip) == (None, "/api/events/17.5-x/clip.mp4")


async def test_a_question_that_is_too_long_is_refused(face: Conversing) -> None:
    with pytest.raises(InvalidInput):
        await face.converse("x" * 5_000)
