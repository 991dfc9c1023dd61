"""A window of prompts through the engine, with what earlier windows have found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from promptuary.canon.mining import Outcome, Window, mine
from promptuary.domain.prompts import Collection, Prompt, Verdict, collection_id, prompt_id
from promptuary.domain.templates import Lineage

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOME = Collection(collection_id("home"), "home", 0, 0, NOON)
CITIES = ("Oslo", "Lima", "Cairo", "Quito", "Porto", "Riga", "Turin", "Delhi")
DISHES = ("soup", "stew", "curry", "salad", "pie")


def prompts(texts: Iterable[str], first: int = 1) -> tuple[Prompt, ...]:
    return tuple(
        Prompt(
            id=prompt_id(HOME.id, text),
            collection="home",
            seq=seq,
            text=text,
            status="safe",
            verdict=Verdict(allowed=True),
            count=1,
            created_at=NOON + timedelta(seconds=seq),
            updated_at=NOON + timedelta(seconds=seq),
        )
        for seq, text in enumerate(texts, first)
    )


def travel(city: str, days: str = "two") -> str:
    return f"Plan a weekend in {city} for {days} people with a budget of 400 euros."


def cooking(dish: str) -> str:
    return f"Explain step by step how a patient chef would cook {dish} for beginners."


def window(new: tuple[Prompt, ...], *before: tuple[Window, Outcome]) -> Window:
    """A window of new prompts after others were mined: all their lineages are young."""
    known: dict[str, Lineage] = {}
    placed, texts = {}, {}
    for earlier, outcome in before:
        known |= {line.id: line for line in outcome.lineages}
        placed |= {placement.prompt_id: placement for placement in outcome.placements}
        texts |= {prompt.id: prompt for prompt in earlier.prompts}
    young = tuple((texts[key], placement) for key, placement in placed.items())
    living = tuple(line for line in known.values() if not line.merged_into)
    pool = tuple(prompt for key, prompt in texts.items() if key not in placed)
    return Window(HOME, new[-1].seq, new, pool, living, families=(), young=young)


def mined(one: Window) -> Outcome:
    return mine(one, minimum=3, threshold=None)


def test_a_young_lineage_whose_prompts_another_takes_is_merged_into_it():
    one = window(prompts(travel(city) for city in CITIES[:3]))
    two = window(prompts((travel("Lima", days) for days in ("three", "four", "five")), 4))
    first, second = mined(one), mined(two)
    both = (one, first), (two, second)
    outcome = mined(window(prompts((travel(c, "six") for c in CITIES), 7), *both))
    (gone,) = [line for line in outcome.lineages if line.merged_into]
    (taker,) = [line for line in outcome.lineages if line.id == gone.merged_into]
    assert taker.id != gone.id


def test_young_lineages_that_nothing_new_is_like_stay_as_they_are():
    one = window(prompts(travel(city) for city in CITIES[:4]))
    first = mined(one)
    new = prompts((cooking(dish) for dish in DISHES), 10)
    outcome = mined(window(new, (one, first)))
    assert {placement.prompt_id for placement in outcome.placements} == {p.id for p in new}
    assert not {line.id for line in first.lineages} & {line.id for line in outcome.lineages}


def test_a_placement_that_says_the_same_as_before_is_not_written_again():
    one = window(prompts(travel(city) for city in CITIES[:4]))
    first = mined(one)
    new = prompts([travel(CITIES[5])], 10)
    outcome = mined(window(new, (one, first)))
    (line,) = outcome.lineages
    assert line.size == 5
    assert [placement.prompt_id for placement in outcome.placements] == [new[0].id]
    assert outcome.moved == (new[0].id,)


def test_a_placement_with_other_values_is_written_but_has_not_moved():
    one = window(prompts(travel(city) for city in CITIES[:4]))
    first = mined(one)
    new = prompts((travel(city, "nine") for city in CITIES[:4]), 10)
    outcome = mined(window(new, (one, first)))
    assert len(outcome.placements) == 8
    assert set(outcome.moved) == {prompt.id for prompt in new}


def test_the_same_window_has_the_same_outcome():
    one = window(prompts([*map(travel, CITIES), *map(cooking, DISHES)]))
    assert mined(one) == mined(replace(one))


def test_examples_are_the_same_whatever_the_order_of_arrival():
    texts = [travel(city, str(days)) for days in range(2, 9) for city in CITIES]
    first = window(prompts(texts[:23:-1]))
    last = mined(window(prompts(texts[23::-1], 40), (first, mined(first))))
    (at_once,) = mined(window(prompts(texts))).lineages
    (in_parts,) = [line for line in last.lineages if not line.merged_into]
    assert at_once.size == in_parts.size == len(texts)
    assert set(at_once.examples) == set(in_parts.examples)
    assert len(at_once.examples) < len(texts)
