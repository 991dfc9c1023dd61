"""What is a value by its shape, and where it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.canon.machine_lines.tokens import VALUE, tokens


def shown(line: str) -> str:
    return " ".join("*" if token.kind == "v" else token.element for token in tokens(line))


@pytest.mark.parametrize(
    "value",
    [
        *("7", "-12", "3.5", "0x1f", "12ms", "10:42:07.031", "2026-01-02", "1,024"),
        *("10.0.0.1", "10.0.0.1:80", "fe80::1c2b:3d4e", "00:11:22:aa:bb:cc", "node12.rack3:8020"),
        *(
            "/var/lib/app.log",
            "C:\\Temp\\a.txt",
            "https://example.org/a?b=1",
            "db.example.org:5432",
        ),
        *("blk_-1608999687919862906", "0f8fad5b-d9cb-469f-a165-70867728950e", "user@host9.example"),
        *("true", "null", "root", "deadbeef", "Fri Jan  2 10:00:00 2026", "www.example.org"),
    ],
)
def test_a_shape_that_only_values_have_is_one_value(value: str) -> None:
    assert shown(f"set to {value} now") == "set to * now"


@pytest.mark.parametrize("word", ["started", "java.util.List", "eth1", "http2", "GET", "on-line"])
def test_a_word_even_with_a_short_number_in_it_is_none(word: str) -> None:
    (token,) = tokens(word)
    assert token.kind in "wn"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("utf-8 rules", "utf - * rules"),
        ("load......0", "load .. *"),
        ("took <1 sec", "took * sec"),
        ("is done.", "is done ."),
        ('tag="View Lock" id=7', 'tag = "View Lock" id = *'),
        ("see a.b:12, c", "see a.b : * , c"),
        ("[a-1] x", "[ * ] x"),
    ],
)
def test_marks_and_leaders_part_words_from_values(line: str, expected: str) -> None:
    assert shown(line) == expected


@given(st.text())
def test_between_the_tokens_of_any_text_stands_only_white_space_or_a_comparison(text: str) -> None:
    done = 0
    for token in tokens(text):
        assert done <= token.start < token.end
        assert not text[done : token.start].strip().strip("<>~=")
        assert (token.element == VALUE) == (token.kind == "v")
        done = token.end
    assert not text[done:].strip().strip("<>~=")
