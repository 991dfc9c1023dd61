from __future__ import annotations

import pytest

from adapters.making import archive, epub
from promptuary.adapters.document_loaders.epub import connect
from promptuary.domain.errors import InvalidInput
from promptuary.domain.loading import Limits, Loaded, RawFile, Unread
from promptuary.ports.document_loader import DocumentLoader
from promptuary.testing.document_loader import DocumentLoaderContract

SAMPLE = epub(["<h1>Bread</h1><p>Flour &amp; water.</p>", "<h1>Cake</h1><p>Six eggs.</p>"])
WORDS = ["Bread", "Flour & water.", "Cake", "Six eggs."]


class TestBook(DocumentLoaderContract):
    @pytest.fixture
    def loader(self) -> DocumentLoader:
        return connect("epub:")

    @pytest.fixture
    def sample(self) -> RawFile:
        return RawFile("tales.epub", SAMPLE)

    @pytest.fixture
    def words(self) -> list[str]:
        return WORDS


def read(data: bytes) -> Loaded:
    """The one document of a file."""
    (found,) = connect("epub:").load(RawFile("tales.epub", data), Limits())
    assert isinstance(found, Loaded)
    return found


def blocks(data: bytes) -> list[tuple[str, str]]:
    """Kind and text of each block."""
    found = read(data)
    return [(block.kind, found.text[block.start : block.end]) for block in found.blocks]


def test_chapters_are_pages() -> None:
    found = read(SAMPLE)
    assert [block.page for block in found.blocks] == [1, 1, 2, 2]
    assert found.title == "The book"


def test_a_chapter_that_is_not_there_is_named_and_the_others_are_read() -> None:
    container = '<container><rootfiles><rootfile full-path="b.opf"/></rootfiles></container>'
    package = '<package><manifest><item id="a" href="a.html"/><item id="b" href="b.html"/>'
    package += '</manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    data = archive({"META-INF/container.xml": container, "b.opf": package, "b.html": "<p>here"})
    lost, found = connect("epub:").load(RawFile("a.epub", data), Limits())
    assert isinstance(lost, Unread)
    assert isinstance(found, Loaded)
    assert (lost.part, found.text) == ("chapter 1", "here")


def test_another_archive_is_no_book() -> None:
    with pytest.raises(InvalidInput, match="no META-INF"):
        read(archive({"a.txt": "text"}))


def test_an_archive_of_a_later_version_is_refused_with_a_reason() -> None:
    data = bytearray(SAMPLE)
    directory = data.index(b"PK\x01\x02")
    data[directory + 6] = 99  # the version that is needed to unpack its first member
    with pytest.raises(InvalidInput, match="unknown way"):
        read(bytes(data))
