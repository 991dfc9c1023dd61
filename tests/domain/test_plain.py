"""What goes to a client as JSON comes out as it went in."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.domain import plain
from promptuary.domain.answers import Answer, Refusal
from promptuary.domain.documents import AddedFile, Content
from promptuary.domain.jobs import Job
from promptuary.domain.pages import Page
from promptuary.domain.prompts import Collection, Prompt
from promptuary.domain.reports import PlacedPrompt, SearchAnswer, TemplateDiff
from promptuary.domain.templates import EvolutionEvent, Family, Lineage

KINDS = [
    *(Answer, Refusal, AddedFile, Content, Job, Collection, Prompt, PlacedPrompt, SearchAnswer),
    *(TemplateDiff, EvolutionEvent, Family, Lineage),
]


def built(kind: Any) -> Any:
    """Any value of that dataclass, all its members filled."""
    st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
    st.register_type_strategy(float, st.floats(allow_nan=False))
    hints = get_type_hints(kind)
    return st.builds(
        kind, **{e.name: st.from_type(hints[e.name]) for e in dataclasses.fields(kind)}
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_nothing_is_lost_on_the_way(kind):
    @given(built(kind))
    def comes_back(value) -> None:
        assert plain.decode(kind, plain.encode(value)) == value

    comes_back()


def test_a_page_knows_what_it_is_of():
    moment = datetime(2031, 1, 1, tzinfo=UTC)
    page = Page((Family("f", "default", "Lone \ud800", 3, 1, moment, moment),), None, 1)
    assert plain.decode(Page[Family], plain.encode(page)) == page


def test_an_answer_and_a_refusal_are_told_apart():
    either: Any = Answer | Refusal
    for outcome in (Answer("Yes.", (), 1, ()), Refusal("nothing_found", "No.", 0)):
        assert plain.decode(either, plain.encode(outcome)) == outcome


@pytest.mark.parametrize("data", [b"{}", b"[]", b"3", b"{", b'{"reason":"guess","message":1}'])
def test_what_is_none_is_refused(data):
    with pytest.raises(ValueError, match=r"."):
        plain.decode(Refusal, data)
