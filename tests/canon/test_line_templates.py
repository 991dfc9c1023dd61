"""From machine lines to templates: which lines are one, and what their template says."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canon.log_lines import PEOPLE, STATES, TOWNS, moved, stored
from promptuary.canon.machine_lines.mine import line_templates
from promptuary.canon.machine_lines.tokens import tokens
from promptuary.canon.machine_lines.writing import LineTemplate


def found(lines: Sequence[str]) -> list[LineTemplate]:
    return line_templates(lines, {number: tokens(line) for number, line in enumerate(lines)})


def texts(lines: Sequence[str]) -> list[str]:
    return [one.text for one in found(lines)]


def test_lines_alike_but_for_values_are_one_template_and_single_lines_too() -> None:
    lines = [*stored(5), *moved(4), *STATES]

    assert [one.lines for one in found(lines)] == [
        (0, 1, 2, 3, 4),
        (5, 6, 7, 8),
        *((n,) for n in range(9, 13)),
    ]


def test_a_template_filled_with_a_lines_values_is_the_line() -> None:
    lines = [*stored(5), *moved(4), *STATES]

    filled = {
        line: one.text.format(**values)
        for one in found(lines)
        for line, values in zip(one.lines, one.values, strict=True)
    }

    assert filled == dict(enumerate(lines))


@given(st.text().filter(lambda line: any(token.kind in "wn" for token in tokens(line))))
def test_any_one_line_with_a_word_is_given_back(line: str) -> None:
    (one,) = found([line])
    assert one.text.format(**one.values[0]).strip().strip("<>~=").strip() in line


@given(st.lists(st.text(alphabet="ab1 =:,./()<>", max_size=12), unique=True, max_size=12))
def test_no_line_has_two_templates_and_each_gets_all_its_slots(lines: list[str]) -> None:
    templates = found(lines)
    members = [line for one in templates for line in one.lines]
    assert len(members) == len(set(members))
    for one in templates:
        assert all(one.text.format(**values) for values in one.values)


def test_few_alternatives_are_messages_of_their_own() -> None:
    lines = [f"link {n} went {state}" for n in range(4) for state in ("up", "down")]
    assert texts(lines) == ["link {s0} went up", "link {s0} went down"]


def test_many_different_words_in_one_place_are_a_value() -> None:
    lines = [f"welcome back {name}" for name in PEOPLE]
    assert texts(lines) == ["welcome back {s0}"]


def test_names_that_differ_in_one_letter_are_a_value_sooner() -> None:
    assert texts([f"disk sd{letter} is full" for letter in "abc"]) == ["disk {s0} is full"]


def test_a_word_where_others_have_a_number_is_a_value() -> None:
    lines = ["wrong password for user 17", "wrong password for user amara"]
    assert texts(lines) == ["wrong password for user {s0}"]


def test_two_places_that_vary_at_once_are_two_values() -> None:
    lines = [f"user {a} was seen in {b} today" for a, b in zip(PEOPLE, TOWNS, strict=True)]
    assert texts(lines) == ["user {s0} was seen in {s1} today"]


def test_states_that_follow_one_another_are_no_values() -> None:
    states = ("new", "ready", "busy", "idle", "late", "done", "gone")
    lines = [f"task went over from {a} to {b} today" for a, b in pairwise(states)]
    assert len(texts(lines)) == len(lines)


def test_a_name_with_a_number_that_never_varies_is_fixed_text() -> None:
    lines = [f"eth1 sent {n} packets over http2" for n in range(3)]
    assert texts(lines) == ["eth1 sent {s0} packets over http2"]
    assert texts([*lines, "eth0 sent 7 packets over http2"]) == [
        "{s0} sent {s1} packets over http2"
    ]


def test_a_unit_is_fixed_unless_it_varies() -> None:
    assert texts(["took 5 ms", "took 6 ms"]) == ["took {s0} ms"]
    assert texts(["free: 5 KB, ok", "free: 6.1 MB, ok"]) == ["free: {s0}, ok"]


def test_a_size_said_again_in_brackets_is_part_of_the_value() -> None:
    lines = ["sent 12 bytes to peer", "sent 2048 bytes (2.0 KB) to peer"]
    assert texts(lines) == ["sent {s0} to peer"]


def test_records_with_the_same_fields_are_one_template_whatever_their_values() -> None:
    lines = ['lock id=7, name=app.mail, tag="Sync Mail"', 'lock id=8, name=os.core, tag="Boot"']
    assert texts(lines) == ["lock id={s0}, name={s1}, tag={s2}"]


def test_a_word_glued_to_a_value_is_part_of_it_where_others_have_a_value() -> None:
    lines = ["clock set by 10.0.0.1, offset 4", "clock set by primary(0), offset 9"]
    assert texts(lines) == ["clock set by {s0}, offset {s1}"]


def test_lists_of_any_length_are_one_value_and_apart_where_all_are_equally_long() -> None:
    assert texts(["nodes n1 n2 n3 down", "nodes n4 n5 down"]) == ["nodes {s0} down"]
    assert texts(["at [1, 2]", "at [3, 4]"]) == ["at [{s0}, {s1}]"]


def test_lines_without_words_have_no_template() -> None:
    assert texts([f"{n} {n * 7}" for n in range(20)]) == []


@pytest.mark.slow
def test_single_lines_are_no_templates_where_many_and_most_are_single() -> None:
    single = [f"{'x' * n} {'y' * n}" for n in range(1, 1_100)]
    assert texts([*single, "tick 1", "tick 2"]) == ["tick {s0}"]
    assert len(texts([*single[:9], "tick 1", "tick 2"])) == 10


@pytest.mark.parametrize("line", ["{a} is 1", "}{ 2 x", 'json {"a": 1} end'])
def test_braces_of_a_line_are_doubled(line: str) -> None:
    (one,) = found([line])
    assert one.text.format(**one.values[0]) == line


@pytest.mark.parametrize(
    "unit", ["1.", "1:", "a.", "a-", "a=", "::", "1,", "[", "..", "<", "=", "/"]
)
@pytest.mark.slow
def test_lines_of_nothing_but_one_pattern_are_read_in_passing(unit: str) -> None:
    lines = [f"{unit * 1_900} {n} end" for n in range(3)]
    assert [one.lines for one in found(lines)] == [(0, 1, 2)]
