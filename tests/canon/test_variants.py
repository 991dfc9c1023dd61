"""Groups that differ in one short span are one template with a slot."""

from __future__ import annotations

from promptuary.canon.discovery.alignment import Pattern
from promptuary.canon.discovery.discover import discover
from promptuary.canon.discovery.grouping import Groups
from promptuary.canon.discovery.variants import fuse

FIXED = (1, 2, 3, 4, 5, 6)


def variant(*span: int) -> Pattern:
    columns = (*FIXED[:3], *span, *FIXED[3:])
    return Pattern(columns, (False,) * len(columns) + (True,))


def groups(*patterns: Pattern) -> Groups:
    return Groups(patterns, tuple((3 * n, 3 * n + 1, 3 * n + 2) for n in range(len(patterns))))


def test_three_fillings_of_one_span_make_a_slot() -> None:
    fused = fuse(groups(variant(7), variant(8, 9), variant(10)), 3)
    assert fused.members == (tuple(range(9)),)
    assert fused.patterns[0].columns == FIXED
    assert fused.patterns[0].slots == (False, False, False, True, False, False, True)


def test_two_fillings_stay_two_templates() -> None:
    both = groups(variant(7), variant(8))
    assert fuse(both, 3) == both


def test_templates_with_little_in_common_stay_apart() -> None:
    short = [Pattern((1, 2, n), (False,) * 4) for n in (7, 8, 9)]
    assert fuse(groups(*short), 3) == groups(*short)


def test_a_slot_of_few_frequent_values_is_found() -> None:
    texts = [
        f"Review this {language} code and list every problem that you find:\n{topic} = {n}"
        for language in ("Python", "Ruby", "Kotlin", "Go")
        for n, topic in enumerate(["alpha", "omega", "delta", "sigma", "kappa", "theta"])
    ]
    (proposal,) = discover(texts)
    assert len(proposal.members) == len(texts)
    values = {value for member in proposal.members for value in member.values.values()}
    assert {"Python", "Ruby", "Kotlin", "Go"} <= values
