"""Template text and its parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.canon.templates import filling
from promptuary.canon.templates.filling import Hole, fill, from_braces, holes, parse, rename
from promptuary.domain.errors import InvalidInput

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,3}", fullmatch=True)
TRICKY = st.text(alphabet="\\{}a_1 \n", max_size=12)
LITERALS = st.one_of(TRICKY, st.text(st.characters(), max_size=8), NAMES.map("{{{{{}}}}}".format))
PARTS = st.lists(st.one_of(LITERALS, NAMES.map(Hole)), max_size=8)


def joined(parts):
    """Parts with neighbouring literals made one and empty ones left out."""
    result = []
    for part in parts:
        if isinstance(part, str) and result and isinstance(result[-1], str):
            result[-1] += part
        elif part != "":
            result.append(part)
    return tuple(result)


@given(PARTS)
def test_parsing_what_was_formatted_gives_the_parts_back(parts):
    assert parse(filling.format(parts)) == joined(parts)


@given(TRICKY)
def test_formatting_what_was_parsed_gives_the_text_back(text):
    assert filling.format(parse(text)) == text


@given(LITERALS, NAMES, LITERALS)
def test_filling_puts_values_verbatim_where_holes_are(value, name, literal):
    text = filling.format([literal, Hole(name), literal])
    assert fill(text, {name: value}) == literal + value + literal


def test_json_stays_readable():
    text = 'Answer as {"a": {"b": [1, {}]}}: {{question}} \\n'
    assert filling.format(parse(text)) == text
    assert holes(text) == ("question",)


def test_a_backslash_makes_a_slot_literal():
    assert parse(r"\{{a}} \\{{b}}") == (r"{{a}} " + "\\", Hole("b"))


def test_a_missing_slot_is_left_empty():
    assert fill("Hi {{name}}{{greeting}}!", {"name": "Ada"}) == "Hi Ada!"


def test_only_named_holes_are_renamed():
    assert rename(r"{{s0}} \{{s0}} {{s1}}", {"s0": "text"}) == r"{{text}} \{{s0}} {{s1}}"


def test_format_strings_become_parts():
    assert from_braces('{{"a": "{s0}"}}\n{s1}') == ('{"a": "', Hole("s0"), '"}\n', Hole("s1"))


@pytest.mark.parametrize("text", ["{", "}", "{s0", "{}", "{S}", "{a b}"])
def test_what_is_no_format_string_is_refused(text):
    with pytest.raises(InvalidInput):
        from_braces(text)


def test_a_name_that_would_not_parse_is_refused():
    with pytest.raises(InvalidInput):
        filling.format([Hole("Not a name")])


def test_a_megabyte_of_braces_and_backslashes_takes_no_time():
    for unit in ("\\", "{", "{{a", "\\{{"):
        text = unit * (1_000_000 // len(unit))
        assert fill(text, {}) == text
