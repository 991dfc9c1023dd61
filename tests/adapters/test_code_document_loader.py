from __future__ import annotations

import pytest

from promptuary.adapters.document_loaders.code import connect
from promptuary.domain.loading import Limits, Loaded, RawFile
from promptuary.ports.document_loader import DocumentLoader
from promptuary.testing.document_loader import DocumentLoaderContract

SAMPLE = b"""import os


class Oven:
    warm = False

    def heat(self):
        self.warm = True


def bake(oven):
    return oven
"""
WORDS = ["import os", "class Oven", "def heat", "def bake"]


class TestCode(DocumentLoaderContract):
    @pytest.fixture
    def loader(self) -> DocumentLoader:
        return connect("code:")

    @pytest.fixture
    def sample(self) -> RawFile:
        return RawFile("tool.py", SAMPLE)

    @pytest.fixture
    def words(self) -> list[str]:
        return WORDS


def blocks(text: str, name: str = "tool.py") -> list[tuple[str, str]]:
    """Kind and text of each block; headings with their level."""
    (read,) = connect("code:").load(RawFile(name, text.encode()), Limits())
    assert isinstance(read, Loaded)
    return [
        (f"{block.kind}{block.level or ''}", read.text[block.start : block.end])
        for block in read.blocks
    ]


def test_a_class_or_function_is_a_heading_as_deep_as_it_stands() -> None:
    assert [kind for kind, _ in blocks(SAMPLE.decode())] == [
        "code",
        "heading1",
        "code",
        "heading2",
        "code",
        "heading1",
        "code",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "export default class Oven {",
        "func (o *Oven) Heat() error {",
        "pub fn heat(&mut self) {",
        "public static final class Oven {",
        "async function heat() {",
    ],
)
def test_other_languages_begin_things_too(line: str) -> None:
    assert blocks(f"{line}\n  x\n}}\n", "a.any")[0] == ("heading1", line)


def test_words_in_a_sentence_begin_nothing() -> None:
    assert [kind for kind, _ in blocks("# the class of it\ntype = 1\ndefault = 2\n")] == ["code"]
