"""Which texts are machine lines."""

from __future__ import annotations

from canon.log_lines import STATES, moved, stored
from canon.traffic import ALONE, journeys, rewrites, verdicts
from promptuary.canon.discovery.discover import discover
from promptuary.canon.machine_lines.detecting import machine_lines


def test_the_lines_of_a_log_are_machine_lines_the_rare_ones_too() -> None:
    lines = [*stored(5), *moved(4), *STATES]
    assert list(machine_lines(lines)) == list(range(13))


def test_prompts_are_none() -> None:
    assert machine_lines([*journeys(), *rewrites(), *verdicts(), *ALONE]) == {}


def test_between_prompts_what_reads_like_prose_is_no_line() -> None:
    prompts = [*journeys(), *rewrites(), *verdicts()]
    assert list(machine_lines([*prompts, *stored(14), *STATES])) == list(range(28, 46))


def test_among_many_prompts_only_lines_that_come_again_and_again_are() -> None:
    prompts = [f"{word} {other}" for word in "abcdefghij" for other in "klmnopqrst"]
    assert list(machine_lines([*prompts, *stored(10), *STATES])) == list(range(100, 110))
    assert machine_lines([*prompts, *stored(4)]) == {}


def test_a_few_lines_are_told_by_the_traffic_beside_them() -> None:
    assert machine_lines(STATES) == {}
    assert list(machine_lines(STATES, list(stored(20)))) == [0, 1, 2, 3]


def test_texts_of_several_lines_or_without_end_are_none() -> None:
    long = [f"{line} {'x ' * 4_000}" for line in stored(9)]
    several = [f"{line}\nand more" for line in stored(9)]
    assert machine_lines([*long, *several]) == {}


def test_prompts_that_differ_in_numbers_make_no_lines_of_short_questions_beside_them() -> None:
    orders = [f"Summarise order {number} for the weekly report." for number in range(400, 460)]
    asked = ["Why is the sky blue?", "Draw a cat", "How to boil eggs", "What is recursion?"]
    assert list(machine_lines([*asked, *orders])) == list(range(4, 64))


def test_numbers_alone_are_none() -> None:
    assert machine_lines([str(n) for n in range(100)]) == {}


def test_discovery_finds_templates_of_prompts_and_of_lines_in_one_batch() -> None:
    texts = [*journeys(), *stored(8), *rewrites()]

    found = discover(texts)

    assert [one.of_lines for one in found] == [False, True, False]
    assert [[member.index for member in one.members] for one in found] == [
        list(range(12)),
        list(range(12, 20)),
        list(range(20, 28)),
    ]
