"""Versions say how far a template has moved."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.canon.templates.versions import diff, next_version
from promptuary.domain.templates import Template


def template(text, version="1.2.3"):
    return Template("t", "l", version, text, (), 1.0, "", datetime(2026, 1, 1, tzinfo=UTC))


OLD = "Translate this text to {{language}} and keep its tone: {{text}}"


def test_the_first_version_creates():
    change = next_version(None, OLD)
    assert (change.version, change.kinds) == ("1.0.0", ("CREATED",))


def test_the_same_text_is_no_version():
    assert next_version(template(OLD), OLD) is None


@pytest.mark.parametrize(
    ("text", "version", "kinds"),
    [
        (OLD.replace("keep", "preserve"), "1.2.4", ("UPDATED",)),
        (OLD.replace(":", " -"), "1.2.4", ("UPDATED",)),
        (OLD.replace("text to", "{{kind}} text to"), "1.3.0", ("SLOT_ADDED",)),
        (OLD.replace("{{language}}", "French"), "1.3.0", ("SLOT_REMOVED", "UPDATED")),
        ("Write a poem about {{text}} in {{language}}", "2.0.0", ("UPDATED",)),
    ],
)
def test_wording_is_a_patch_slots_a_minor_meaning_a_major_change(text, version, kinds):
    change = next_version(template(OLD), text)
    assert (change.version, change.kinds) == (version, kinds)


def test_the_reason_names_slots_and_counts_words():
    change = next_version(template(OLD), OLD.replace("keep its tone", "mind {{mood}} of it"))
    assert change.reason == "slot `mood` added; 3 fixed words changed"
    assert change.slots_added == ("mood",)


def test_a_diff_shows_words():
    assert diff("Say it in {{language}} now.", "Say it in {{tongue}} right now.") == (
        ("=", "Say it in "),
        ("-", "{{language}}"),
        ("+", "{{tongue}} right"),
        ("=", " now."),
    )


@given(st.text(alphabet="ab {}\n.", max_size=30), st.text(alphabet="ab {}\n.", max_size=30))
def test_a_diff_holds_both_texts(old, new):
    lines = diff(old, new)
    assert "".join(text for sign, text in lines if sign != "+") == old
    assert "".join(text for sign, text in lines if sign != "-") == new
