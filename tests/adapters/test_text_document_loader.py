from __future__ import annotations

import pytest

from promptuary.adapters.document_loaders.text import connect
from promptuary.domain.errors import InvalidInput
from promptuary.domain.loading import Limits, Loaded, RawFile
from promptuary.ports.document_loader import DocumentLoader
from promptuary.testing.document_loader import DocumentLoaderContract

SAMPLE = b"=====\nBread\n=====\n\nFlour and water::\n\n    500 g\n\n- salt\n- yeast\n"
WORDS = ["Bread", "Flour", "500 g", "salt"]


class TestText(DocumentLoaderContract):
    @pytest.fixture
    def loader(self) -> DocumentLoader:
        return connect("text:")

    @pytest.fixture
    def sample(self) -> RawFile:
        return RawFile("notes.txt", SAMPLE)

    @pytest.fixture
    def words(self) -> list[str]:
        return WORDS


def blocks(text: str, name: str = "notes.txt") -> list[tuple[str, str]]:
    """Kind and text of each block; headings with their level."""
    (read,) = connect("text:").load(RawFile(name, text.encode()), Limits())
    assert isinstance(read, Loaded)
    return [
        (f"{block.kind}{block.level or ''}", read.text[block.start : block.end])
        for block in read.blocks
    ]


def test_restructured_text_has_headings_code_and_items() -> None:
    kinds = [kind for kind, _ in blocks(SAMPLE.decode())]
    assert kinds == "heading1 paragraph code list list".split()


def test_levels_follow_the_order_of_their_marks() -> None:
    text = "One\n---\n\ntext\n\nTwo\n~~~\n\nThree\n-----\n"
    assert [kind for kind, _ in blocks(text) if "heading" in kind] == [
        "heading1",
        "heading2",
        "heading1",
    ]


def test_a_form_feed_begins_a_page() -> None:
    (read,) = connect("text:").load(RawFile("a.txt", b"one\n\n\x0ctwo\nmore\n"), Limits())
    assert [block.page for block in read.blocks] == [1, 2]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_usual_encodings_are_read(encoding: str) -> None:
    (read,) = connect("text:").load(RawFile("a.txt", "Füße – klar".encode(encoding)), Limits())
    assert read.text == "Füße – klar"


@pytest.mark.parametrize("data", [b"\x7fELF\x02\x01\x01\x00\x00", bytes(range(1, 32)) * 9])
def test_a_binary_by_the_name_of_a_text_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="no text"):
        list(connect("text:").load(RawFile("a.txt", data), Limits()))
