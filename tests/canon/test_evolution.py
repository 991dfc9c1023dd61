"""What changed in traffic is told by kind, at its time, with evidence; the rest is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle
from zlib import crc32

import pytest

from promptuary.canon.evolution.sightings import Sighting, in_time
from promptuary.canon.evolution.strands import Line, Strands
from promptuary.canon.evolution.telling import Told, events_of
from promptuary.canon.evolution.values import shift
from promptuary.canon.evolution.wording import changes

START = datetime(2026, 1, 5, tzinfo=UTC)
TOWNS = [
    *("Oslo", "Lima", "Cairo", "Perth", "Quito", "Turin", "Delhi", "Accra", "Bergen", "Osaka"),
    *("Porto", "Riga", "Hanoi", "Malmo", "Natal", "Izmir", "Davos"),
]
GUESTS = ["two sisters", "a choir", "six nurses", "my uncle", "an old friend", "the chess club"]
Maker = Callable[[str, str], str]


def plan(town: str, _: str) -> str:
    return f"Plan a weekend trip to {town} and mention where one can eat well there."


def sketch(town: str, _: str) -> str:
    return f"Sketch a relaxed trip to {town} and mention where one can eat well there."


def hosted(town: str, guest: str) -> str:
    return f"{plan(town, guest)}\nThe travellers are {guest}."


def strict(town: str, guest: str) -> str:
    return f"{plan(town, guest)}\nAnswer in plain English without any lists."


def brief(town: str, guest: str) -> str:
    return f"Keep it under fifty words.\n{plan(town, guest)}"


def weeks(*makers: Sequence[Maker], each: int = 6) -> list[Sighting]:
    """So many prompts a week, made in turn by the makers of that week."""
    towns, guests = cycle(TOWNS), cycle(GUESTS)
    made = []
    for week, mine in enumerate(makers):
        for n, maker in zip(range(each), cycle(mine), strict=False):
            at = START + timedelta(days=7 * week + 7 * n / each)
            text = maker(next(towns), next(guests))
            made.append(Sighting(f"{week}.{n}", at, text, maker.__name__, "template"))
    return made


def kinds(sightings: Sequence[Sighting]) -> list[tuple[str, str]]:
    """Kind of each event but the first, and the day on which it happened."""
    events = events_of(sightings, Told("home", {"template": "1.0.0"}))
    assert events[0].type == "CREATED"
    return [(each.type, f"{each.created_at:%m-%d}") for each in events[1:]]


CHANGED = {
    "UPDATED": ([plan], [sketch]),
    "SLOT_ADDED": ([plan], [hosted]),
    "SLOT_REMOVED": ([hosted], [plan]),
    "SPLIT": ([plan], [strict, brief]),
    "MERGED": ([strict, brief], [plan]),
}


@pytest.mark.parametrize("kind", CHANGED)
def test_a_change_is_told_by_its_kind_at_the_week_it_began(kind: str) -> None:
    before, after = CHANGED[kind]
    assert kinds(weeks(*[before] * 4, *[after] * 4)) == [(kind, "02-02")]


def test_a_sentence_that_is_added_is_no_slot() -> None:
    assert kinds(weeks(*[[plan]] * 4, *[[strict]] * 4)) == [("UPDATED", "02-02")]


def test_traffic_that_stays_as_it_is_has_no_event() -> None:
    assert kinds(weeks(*[[plan]] * 12)) == []
    assert kinds(weeks(*[[strict, brief]] * 12)) == []


def test_one_word_a_week_is_one_drift() -> None:
    words = ["Plan a weekend trip", "Sketch a weekend trip", "Sketch a relaxed trip"]
    words = [words[0]] * 3 + words[1:] + ["Sketch a relaxed stay"] * 4
    made = [lambda town, _, said=said: f"{said} to {town}; say where to eat." for said in words]
    events = events_of(weeks(*[[each] for each in made]), Told("home", {}))
    (drift,) = events[1:]
    assert (drift.type, f"{drift.created_at:%m-%d}") == ("DRIFT_DETECTED", "01-26")
    assert drift.evidence.statistics["steps"] == 3


def test_values_that_come_from_elsewhere_are_a_drift() -> None:
    def coded(town: str, guest: str) -> str:
        return plan(f"{crc32(town.encode()) % 9973}-{crc32(guest.encode()) % 997}", guest)

    mixed = [[plan], [plan], [plan], [plan], [plan, coded], [coded], [coded], [coded]]
    ((kind, day),) = kinds(weeks(*mixed))
    assert kind == "DRIFT_DETECTED"
    assert "01-30" <= day <= "02-12"


def test_an_event_names_its_prompts_words_and_figures() -> None:
    event = events_of(weeks(*[[plan]] * 4, *[[sketch]] * 4), Told("home", {"template": "1.2.0"}))[1]
    assert event.evidence.prompt_ids[0] == "4.0"
    assert event.evidence.before_ids[-1] == "3.5"
    assert event.reason == "the wording changed: “sketch relaxed” came and “plan weekend” went"
    assert {"sketch", "relaxed"} <= set(event.evidence.came)
    assert {"plan", "weekend"} <= set(event.evidence.went)
    assert event.evidence.lineage_ids == ("plan",)
    assert event.evidence.statistics["prompts_before"] == 24
    assert (event.lineage_id, event.new_version) == ("sketch", "1.2.0")
    assert event.confidence > 0.9


def test_prompts_that_arrive_late_count_at_their_own_time() -> None:
    made = weeks(*[[plan]] * 4, *[[sketch]] * 4)
    late = [*made[30:], *made[:30]]
    assert kinds(in_time(late)) == kinds(made) == [("UPDATED", "02-02")]


def test_a_wording_that_comes_beside_another_splits_nothing() -> None:
    many = [*weeks(*([[plan]] * 4), each=8), *weeks(*([[plan, strict]] * 8), each=16)[64:]]
    assert [kind for kind, _ in kinds(many)] == ["CREATED"]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_few_prompts_tell_nothing(count: int) -> None:
    assert kinds(weeks([plan], [sketch])[:count]) == []


def line(name: str, text: str, first: int, last: int, size: int = 24) -> Line:
    return Line(name, text, START + timedelta(first), START + timedelta(last), size)


def test_templates_that_follow_one_another_are_one_strand() -> None:
    old = line("old", "Plan a weekend trip to {{town}} and mention where to eat.", 0, 27)
    new = line("new", "Sketch a weekend trip to {{town}} and mention where to eat.", 28, 80)
    beside = line("beside", "Plan a weekend trip to {{town}} and mention where to sleep.", 0, 80)
    other = line("other", "Translate {{text}} into Finnish, word by word.", 28, 80)
    found = Strands([old, new, beside, other]).of(["new", "other"])
    assert [[each.id for each in strand] for strand in found] == [["old", "new"], ["other"]]


def test_templates_in_use_side_by_side_are_two_strands() -> None:
    one = line("one", "Plan a weekend trip to {{town}} and mention where to eat.", 0, 80)
    two = line("two", "Plan a weekend trip to {{town}} and mention where to sleep.", 0, 79)
    assert len(Strands([one, two]).of(["one", "two"])) == 2


def test_values_in_random_order_have_no_shift() -> None:
    assert shift([f"{n * 7919 % 101} {TOWNS[n * 5 % 17]}" for n in range(120)]) is None
    assert shift(["the same"] * 40) is None


def test_hostile_texts_are_told_like_others() -> None:
    texts = ["", "\x00", "\ud800", "x" * 100_000, "{{}}", "الرجاء"] * 6
    made = [
        Sighting(str(n), START + timedelta(hours=n), text, "one", "template")
        for n, text in enumerate(texts)
    ]
    assert changes(made) == []
