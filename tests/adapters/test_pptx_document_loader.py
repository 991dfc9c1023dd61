from __future__ import annotations

import pytest

from adapters.making import pptx, shape
from promptuary.adapters.document_loaders.pptx import connect
from promptuary.domain.loading import Limits, Loaded, RawFile
from promptuary.ports.document_loader import DocumentLoader
from promptuary.testing.document_loader import DocumentLoaderContract

SAMPLE = pptx(
    shape("Bread", "title") + shape("Flour and water."),
    shape("Cake", "ctrTitle") + shape("7", "sldNum") + "<a:tbl><a:tr><a:tc><a:txBody><a:p><a:r>"
    "<a:t>six eggs</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl>",
)
WORDS = ["Bread", "Flour and water.", "Cake", "six eggs"]


class TestSlides(DocumentLoaderContract):
    @pytest.fixture
    def loader(self) -> DocumentLoader:
        return connect("pptx:")

    @pytest.fixture
    def sample(self) -> RawFile:
        return RawFile("talk.pptx", SAMPLE)

    @pytest.fixture
    def words(self) -> list[str]:
        return WORDS


def read(data: bytes) -> Loaded:
    """The one document of a file."""
    (found,) = connect("pptx:").load(RawFile("talk.pptx", data), Limits())
    assert isinstance(found, Loaded)
    return found


def blocks(data: bytes) -> list[tuple[str, str]]:
    """Kind and text of each block."""
    found = read(data)
    return [(block.kind, found.text[block.start : block.end]) for block in found.blocks]


def test_slides_are_pages_in_the_order_they_are_shown() -> None:
    assert blocks(SAMPLE) == [
        ("heading", "Bread"),
        ("list", "- Flour and water."),
        ("heading", "Cake"),
        ("row", "six eggs"),
    ]
    found = read(SAMPLE)
    assert [block.page for block in found.blocks] == [1, 1, 2, 2]
    assert found.title == "Bread"
