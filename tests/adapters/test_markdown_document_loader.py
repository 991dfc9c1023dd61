from __future__ import annotations

import pytest

from promptuary.adapters.document_loaders.markdown import connect
from promptuary.domain.loading import Limits, Loaded, RawFile
from promptuary.ports.document_loader import DocumentLoader
from promptuary.testing.document_loader import DocumentLoaderContract

SAMPLE = b"""---
title: The guide
---
# Bread

Flour and *water*.

| what | how much |
|---|---|
| flour | 500 g |

- salt
  from the sea
- yeast

~~~
# no heading
~~~
"""
WORDS = ["# Bread", "Flour", "500 g", "salt", "# no heading"]


class TestMarkdown(DocumentLoaderContract):
    @pytest.fixture
    def loader(self) -> DocumentLoader:
        return connect("markdown:")

    @pytest.fixture
    def sample(self) -> RawFile:
        return RawFile("guide.md", SAMPLE)

    @pytest.fixture
    def words(self) -> list[str]:
        return WORDS


def blocks(text: str, name: str = "guide.md") -> list[tuple[str, str]]:
    """Kind and text of each block; headings with their level."""
    (read,) = connect("markdown:").load(RawFile(name, text.encode()), Limits())
    assert isinstance(read, Loaded)
    return [
        (f"{block.kind}{block.level or ''}", read.text[block.start : block.end])
        for block in read.blocks
    ]


def test_headings_tables_lists_and_code_are_told_apart() -> None:
    found = blocks(SAMPLE.decode())
    kinds = "code heading1 paragraph row row row list list code".split()
    assert [kind for kind, _ in found] == kinds
    assert found[6] == ("list", "- salt\n  from the sea")


def test_a_line_below_makes_a_heading() -> None:
    assert blocks("One\n===\ntext\n\nTwo\n---\n") == [
        ("heading1", "One\n==="),
        ("paragraph", "text"),
        ("heading2", "Two\n---"),
    ]


def test_a_fence_that_nobody_closes_lasts_to_the_end() -> None:
    assert blocks("```\n# a\n\n# b") == [("code", "```\n# a\n\n# b")]


def test_a_longer_fence_holds_a_shorter_one() -> None:
    assert [kind for kind, _ in blocks("````\n```\n# a\n```\n````\n# b")] == ["code", "heading1"]


def test_lines_and_offsets_are_those_of_the_file() -> None:
    text = "\r\n\r\n# One\r\n\r\ntext\r\nmore\r\n"
    (read,) = connect("markdown:").load(RawFile("a.md", text.encode()), Limits())
    assert [(b.line, read.text[b.start : b.end]) for b in read.blocks] == [
        (3, "# One"),
        (5, "text\r\nmore"),
    ]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('---\ntitle: "Named"\n---\n# Other\n', "Named"),
        ("intro\n\n## Second\n\n# First `one` #\n", "First one"),
        ("no heading\n", ""),
    ],
)
def test_the_title_is_named_or_the_highest_heading(text: str, title: str) -> None:
    (read,) = connect("markdown:").load(RawFile("a.md", text.encode()), Limits())
    assert read.title == title
