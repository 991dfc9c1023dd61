"""Small pure pieces of the command line: the filter somebody types, and text that is safe."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.cli.printing import one_line, plural, safe
from promptuary.cli.where import parse_where
from promptuary.domain.errors import InvalidInput
from promptuary.domain.filters import AllOf, Between, Eq, Exists, Filter, Not, OneOf


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("kind=template", Eq("kind", "template")),
        ("size = 3", Eq("size", 3)),
        ("alone=true", Eq("alone", True)),
        ('version="1.0"', Eq("version", "1.0")),
        ("a=1,x", OneOf("a", (1, "x"))),
        ("a!=b", Not(Eq("a", "b"))),
        ("size>=2", Between("size", low=2)),
        ("size<=2.5", Between("size", high=2.5)),
        ("created>=2026-01-01", Between("created", datetime(2026, 1, 1, tzinfo=UTC).timestamp())),
        ("source", Exists("source")),
        ("!source", Not(Exists("source"))),
    ],
)
def test_a_condition_is_read_as_it_looks(typed: str, wanted: Filter) -> None:
    assert parse_where([typed]) == wanted


def test_conditions_must_all_hold_and_none_is_no_filter() -> None:
    assert parse_where([]) is None
    assert parse_where(["a", "b"]) == AllOf((Exists("a"), Exists("b")))


@given(st.text())
def test_any_text_is_a_condition_or_a_clear_refusal(text: str) -> None:
    try:
        read = parse_where([text])
    except InvalidInput as error:
        read, refused = None, error
    assert read is not None or text in refused.fields.values()


@given(st.text(alphabet=st.characters(codec=None)))
def test_no_text_drives_the_terminal(text: str) -> None:
    shown = safe(text)
    assert shown.isprintable() or not set(shown) & {chr(c) for c in range(32) if c not in (9, 10)}
    assert "\x1b" not in shown
    shown.encode()


def test_no_text_turns_the_line_around() -> None:
    assert safe("a\u202eb\u2066c") == "a\\u202eb\\u2066c"


def test_long_text_is_cut_to_one_line() -> None:
    assert one_line("a\nb  c", 10) == "a b c"
    assert one_line("x" * 50, 10) == "x" * 9 + "…"


def test_counts_agree_with_their_nouns() -> None:
    assert [plural(1, "family"), plural(2, "family"), plural(1000, "prompt")] == [
        "1 family",
        "2 families",
        "1,000 prompts",
    ]
