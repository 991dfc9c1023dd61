from __future__ import annotations

import pytest

from promptuary.adapters.document_loaders.csv import connect
from promptuary.domain.loading import Limits, Loaded, RawFile
from promptuary.ports.document_loader import DocumentLoader
from promptuary.testing.document_loader import DocumentLoaderContract

SAMPLE = b'what,price\nbread,3.50\n"cake, small",12\n'
WORDS = ["bread", "3.50", "cake, small"]


class TestCsv(DocumentLoaderContract):
    @pytest.fixture
    def loader(self) -> DocumentLoader:
        return connect("csv:")

    @pytest.fixture
    def sample(self) -> RawFile:
        return RawFile("prices.csv", SAMPLE)

    @pytest.fixture
    def words(self) -> list[str]:
        return WORDS


def blocks(text: str, name: str = "prices.csv") -> list[tuple[str, str]]:
    """Kind and text of each block; headings with their level."""
    (read,) = connect("csv:").load(RawFile(name, text.encode()), Limits())
    assert isinstance(read, Loaded)
    return [
        (f"{block.kind}{block.level or ''}", read.text[block.start : block.end])
        for block in read.blocks
    ]


def test_each_row_names_its_values() -> None:
    assert blocks(SAMPLE.decode()) == [
        ("row", "what | price"),
        ("row", "what: bread; price: 3.50"),
        ("row", "what: cake, small; price: 12"),
    ]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_mark_between_cells_is_found(mark: str) -> None:
    text = "a,b\nc,d\n".replace(",", mark)
    assert blocks(text)[1] == ("row", "a: c; b: d")


def test_a_first_row_of_numbers_names_nothing() -> None:
    assert blocks("1,2\n3,4\n") == [("row", "1; 2"), ("row", "3; 4")]


def test_a_row_over_several_lines_has_the_line_it_begins_on() -> None:
    file = RawFile("a.csv", b'a,b\n"x\ny",1\nz,2\n')
    (read,) = connect("csv:").load(file, Limits())
    assert [block.line for block in read.blocks] == [1, 2, 4]
