"""Small pure pieces of the command line: text that is safe to show."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from promptuary.cli.printing import one_line, plural, safe


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
