"""Many ways to say the same: questions and follow-ups in our own words, and awkward names."""

from __future__ import annotations

from pathlib import Path

import pytest

from conversation.guarded import HARBOUR, NOW, ZONE
from conversation.test_carrying import FIRST, after
from promptuary.conversation.planning.plan import plan
from promptuary.conversation.planning.windows import windows_of
from promptuary.domain.conversations import Plan, TimeRange, Unclear
from promptuary.domain.events import Camera, Site, Window

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
NAMES = (
    ("ff_hall", "First Floor Hall"), ("top_deck", "Top Deck"), ("bus_stop", "Bus Stop"),
    ("dog_run", "Dog Run"), ("second_st", "Second Street"), ("monday_mkt", "Monday Market"),
    ("count_room", "Counting Room"), ("camera_7", "Camera 7"), ("pier2", "Pier 2"),
    ("pier3", "Pier 3"), ("entrance_a", "Entrance A"), ("entrance_b", "Entrance B"),
    ("rush", "Rush Lane"), ("night_desk", "Night Desk"), ("people_gate", "People Gate"),
)  # fmt: skip
PATTERNS = (
    ("count", "How many people did the {name} camera see yesterday?"),
    ("count", "count vans on {id} this morning"),
    ("exists", "Was there a suitcase at the {name} last night?"),
    ("first", "When was the first car seen on {id} on 9 May?"),
    ("last", "last time a person was seen at {name} today"),
    ("busiest", "busiest hour for people on {id} yesterday"),
    ("duration", "Which van stayed longest at {name} last weekend, and for how long?"),
    ("count", "in the last 2 hours, how many cars were detected at the {name}?"),
    ("count", "¿Cuántas personas vio la cámara {id} ayer?"),
    ("count", "Wie viele Personen hat die Kamera {id} gestern gesehen?"),
    ("count", "Dün {id} kamerasında kaç kişi görüldü?"),
)


def rows(name: str) -> list[tuple[str, str]]:
    """What is said, and what it means."""
    lines = (HERE / name).read_text("utf-8").splitlines()
    return [(said, means) for said, _, means in (line.partition("\t") for line in lines)]


def covered(time: TimeRange | None) -> tuple[Window, ...]:
    return windows_of(time, ZONE, NOW) if time else ()


def short(found: Plan | Unclear) -> tuple[object, ...]:
    """What a plan asks for; of what is refused, why."""
    if isinstance(found, Unclear):
        return (found.why,)
    things = {*found.labels, *found.people}
    return found.operation, set(found.cameras), things, covered(found.time)


def meant(means: str, found: Plan | Unclear) -> tuple[object, ...]:
    """The same of what is written beside a question; a time that is left open is as it was read."""
    operation, cameras, labels, time = means.split("|")
    said = plan(f"people {time}", HARBOUR, NOW, ZONE)
    assert isinstance(said, Plan)
    read = found.time if isinstance(found, Plan) else None
    stretch = covered(said.time if time else read)
    return operation, set(cameras.split("+")) - {""}, set(labels.split("+")) - {""}, stretch


@pytest.mark.parametrize(("said", "means"), rows("questions.tsv"))
def test_a_question_means_the_same_however_it_is_said(said: str, means: str) -> None:
    found = plan(said, HARBOUR, NOW, ZONE)
    if means == "REFUSE":
        assert isinstance(found, Unclear)
    else:
        assert short(found) == meant(means, found)


@pytest.mark.parametrize(("said", "means"), rows("follow_ups.tsv"))
def test_a_turn_means_the_same_however_it_is_said(said: str, means: str) -> None:
    sure = "0.8" in said or "80%" in said
    between = ("and boats?", "what about today?") if sure else ()
    found = after(FIRST, *between, said)
    assert short(found) == meant(means, found)
    assert isinstance(found, Plan)
    assert found.above == (0.8 if sure else None)


@pytest.mark.parametrize(("id", "name"), NAMES)
def test_a_name_that_holds_words_of_the_grammar_is_a_name(id: str, name: str) -> None:
    labels = ("person", "car", "van", "suitcase")
    cameras = tuple(Camera(each, title, labels) for each, title in NAMES)
    site = Site(cameras, HARBOUR.first, NOW)
    for operation, pattern in PATTERNS:
        found = plan(pattern.format(id=id, name=name), site, NOW, ZONE)
        assert isinstance(found, Plan), pattern
        assert (found.operation, found.cameras) == (operation, (id,)), pattern
        assert found.time is not None, pattern
