import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.domain.errors import InvalidInput
from promptuary.domain.library import DeclaredSlot, PromptContent, version_id
from promptuary.domain.slugs import RESERVED, checked_name, checked_slug, folder_of, slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Refund Reply", "refund-reply"),
        ("Support/Refund  Reply!", "support/refund-reply"),
        ("🚀 Plan", "rocket-plan"),
        ("../../etc/passwd", "etc/passwd"),
        ("a/../b//c", "a/b/c"),
        ("..\\..\\x", "x"),
        ("नमस्ते 1", "नमस्ते-1"),
        ("versions", "versions-prompt"),
        ("\x00\ud800", "prompt"),
        ("", "prompt"),
    ],
)
def test_any_name_gives_a_slug(name: str, slug: str) -> None:
    assert slug_of(name) == slug
    assert checked_slug(slug) == slug


@given(st.text(max_size=30))
def test_a_slug_is_its_own_and_never_leads_elsewhere(name: str) -> None:
    slug = slug_of(name)
    assert slug_of(slug) == slug
    parts = slug.split("/")
    assert not {"", ".", ".."} & set(parts)
    assert parts[-1] not in RESERVED


@pytest.mark.parametrize("text", ["", " ", "A", "a b", "a/", "/a", "a//b", "../a", "🚀", "x" * 201])
def test_what_is_no_slug_is_refused_with_one_that_is(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_slug(text)
    assert refused.value.fields == {"slug": "is no slug"}


@pytest.mark.parametrize("text", ["", "A", "a b", "-a", "a" * 65, "é"])
def test_what_is_no_name_of_a_label_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        checked_name("label", text)


def test_a_folder_is_what_stands_before_the_last_part() -> None:
    assert (folder_of("a/b/c"), folder_of("a")) == ("a/b", "")


def test_the_id_of_a_version_follows_from_what_it_says_and_came_from() -> None:
    content = PromptContent("Say {{word}}.", slots=(DeclaredSlot("word"),))
    # Written out: an id that changes breaks everything that was ever exported.
    known = "6b600141"
    assert version_id(content).startswith(known)
    assert version_id(content, ("0",)) != version_id(content)
    assert version_id(PromptContent("Say {{word}}.")) != version_id(content)
