"""Groups of prompts to templates with slots."""

from __future__ import annotations

from itertools import cycle

import numpy as np
import pytest

from canon.traffic import DEEDS, PLACES
from promptuary.canon.discovery.columns import drop_weak, fill_holes, settle_constants
from promptuary.canon.discovery.constants import Background, find_constants
from promptuary.canon.discovery.context import separators
from promptuary.canon.discovery.corpus import lay_out
from promptuary.canon.discovery.rendering import escape, render
from promptuary.canon.discovery.splitting import split_adjacent
from promptuary.canon.discovery.tables import Table, gaps


def _table(texts: list[str], fixed: str) -> Table:
    """Prompts under a template of fixed words, each at its first occurrence."""
    corpus = lay_out(texts)
    columns = [corpus.words.index(word) for word in fixed.split()]
    places = [[_first(corpus.numbers(d), column) for column in columns] for d in range(len(texts))]
    return Table(corpus, list(range(len(texts))), columns, np.array(places))


def _first(words: np.ndarray[tuple[int], np.dtype[np.int64]], word: int) -> int:
    found = np.flatnonzero(words == word)
    return int(found[0]) if len(found) else -1


def _fixed(table: Table) -> str:
    return " ".join(table.corpus.words[n] for n in table.columns)


def test_words_before_a_missing_column_count_to_the_next_gap() -> None:
    table = _table(["say X loudly now", "say Y Z now"], "say loudly now")

    found = gaps(table)

    assert (found.end - found.begin).tolist() == [[0, 1, 0, 0], [0, 0, 2, 0]]


def test_columns_that_few_rows_have_are_dropped() -> None:
    table = _table(["go to A", "go to B", "go to C", "go D", "go E"], "go to")

    drop_weak(table)

    assert _fixed(table) == "go"


def test_words_that_most_rows_have_in_a_gap_become_columns() -> None:
    table = _table([f"say it to {place} now" for place in PLACES], "say now")

    fill_holes(table)

    assert _fixed(table) == "say now"

    table = _table([f"say it to me now {place}" for place in PLACES], "say now")
    fill_holes(table)
    assert _fixed(table) == "say it to me now"


def test_a_fixed_word_inside_a_slot_is_found_against_chance() -> None:
    pairs = zip(cycle(DEEDS), PLACES, strict=False)
    texts = [f"sort: {deed}\nplace: {place}" for deed, place in pairs]
    table = _table([f"{text} {n} ways" for n, text in enumerate(texts)], "sort ways")
    rare = np.zeros(len(table.corpus.words), dtype=np.float32)

    find_constants(table, Background(rare, separators(table.corpus)))

    assert _fixed(table) == "sort place ways"


def test_a_word_that_begins_a_sentence_inside_the_values_stays_theirs() -> None:
    pairs = zip(cycle(DEEDS), PLACES, strict=False)
    table = _table(
        [f"sort: {deed} Go {place} {n} ways" for n, (deed, place) in enumerate(pairs)], "sort ways"
    )
    rare = np.zeros(len(table.corpus.words), dtype=np.float32)

    find_constants(table, Background(rare, separators(table.corpus)))

    assert _fixed(table) == "sort ways"


def test_rendered_template_has_the_usual_separators_and_raw_values() -> None:
    texts = [f"Greet “{place}”, then leave!" for place in PLACES]
    texts[3] = texts[3].replace(", ", " ,  ")
    table = _table(texts, "greet then leave")

    found = render(table, split_adjacent)

    assert found.text == "Greet “{s0}”, then leave!"
    assert [row["s0"] for row in found.values] == list(PLACES)


def test_a_full_stop_belongs_to_the_value_that_it_ends() -> None:
    table = _table([f"Judge this: {deed}" for deed in DEEDS], "judge this")

    found = render(table, split_adjacent)

    assert found.text == "Judge this: {s0}"
    assert [row["s0"] for row in found.values] == list(DEEDS)


def test_values_with_the_same_number_of_lines_are_slots_side_by_side() -> None:
    pairs = list(zip(DEEDS, PLACES, strict=False))
    table = _table([f"Match:\n{deed}\n{place}" for deed, place in pairs], "match")

    found = render(table, split_adjacent)

    assert [(row["s0"], row["s1"]) for row in found.values] == pairs


def test_an_empty_optional_slot_is_absent() -> None:
    texts = [f"Greet {place} warmly" for place in PLACES[:5]] + ["Greet warmly"]
    table = _table(texts, "greet warmly")

    found = render(table, split_adjacent)

    assert [row.get("s0") for row in found.values] == [*PLACES[:5], None]


def test_braces_of_the_text_are_doubled() -> None:
    assert escape('{"a": {}}') == '{{"a": {{}}}}'


def test_a_mark_that_closes_every_short_value_is_the_templates() -> None:
    table = _table([f"Go to {place}. Be quick." for place in PLACES], "go to be quick")

    found = render(table, split_adjacent)

    assert found.text == "Go to {s0}. Be quick."
    assert [row["s0"] for row in found.values] == list(PLACES)


def test_a_mark_that_varies_stays_with_the_value() -> None:
    ends = zip(PLACES, cycle("..!.?"), strict=False)
    table = _table([f"Shout {place}{mark} Be quick" for place, mark in ends], "shout be quick")

    found = render(table, split_adjacent)

    assert found.text == "Shout {s0} Be quick"
    assert [row["s0"][-1] for row in found.values] == list("..!.?" * 2)


@pytest.mark.parametrize(
    ("having", "text"), [(5, "Sum limit of {s0} in euros"), (4, "Sum of {s0} in euros")]
)
def test_words_that_rows_have_or_lack_but_never_replace_are_no_slot(having: int, text: str) -> None:
    sums = [f"Sum{' limit' * (n < having)} of {place} in euros" for n, place in enumerate(PLACES)]
    table = _table(sums, "sum of in euros")

    settle_constants(table)

    assert render(table, split_adjacent).text == text
