from __future__ import annotations

import pytest

from adapters.making import archive, docx, paragraph, table
from promptuary.adapters.document_loaders.docx import connect
from promptuary.domain.errors import InvalidInput
from promptuary.domain.loading import Limits, Loaded, RawFile
from promptuary.ports.document_loader import DocumentLoader
from promptuary.testing.document_loader import DocumentLoaderContract

SAMPLE = docx(
    paragraph("Bread", "H1")
    + paragraph("Flour and water.")
    + paragraph("salt", item=True)
    + table(["what", "how much"], ["flour", "500 g"])
)
WORDS = ["Bread", "Flour and water.", "salt", "500 g"]


class TestWord(DocumentLoaderContract):
    @pytest.fixture
    def loader(self) -> DocumentLoader:
        return connect("docx:")

    @pytest.fixture
    def sample(self) -> RawFile:
        return RawFile("letter.docx", SAMPLE)

    @pytest.fixture
    def words(self) -> list[str]:
        return WORDS


def read(data: bytes) -> Loaded:
    """The one document of a file."""
    (found,) = connect("docx:").load(RawFile("letter.docx", data), Limits())
    assert isinstance(found, Loaded)
    return found


def blocks(data: bytes) -> list[tuple[str, str]]:
    """Kind and text of each block."""
    found = read(data)
    return [(block.kind, found.text[block.start : block.end]) for block in found.blocks]


def test_styles_items_and_tables_are_told_apart() -> None:
    assert blocks(SAMPLE) == [
        ("heading", "Bread"),
        ("paragraph", "Flour and water."),
        ("list", "- salt"),
        ("row", "what | how much"),
        ("row", "what: flour; how much: 500 g"),
    ]
    assert read(SAMPLE).title == "Bread"


def test_what_was_deleted_and_only_tracked_is_left_out() -> None:
    body = "<w:p><w:del><w:r><w:delText>old</w:delText><w:t>old</w:t></w:r></w:del>"
    body += "<w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>"
    assert blocks(docx(body)) == [("paragraph", "new")]


def test_macros_are_not_looked_at() -> None:
    data = docx(paragraph("text"), **{"word/vbaProject.bin": "Sub AutoOpen() evil"})
    assert read(data).text == "text"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "http://example.invalid/x.dtd">',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_never_looked_up(doctype: str, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<x><body/></x>'
    data = archive({"word/document.xml": text.encode(encoding)})
    with pytest.raises(InvalidInput, match="document type"):
        read(data)


def test_an_encrypted_or_old_file_is_named_as_such() -> None:
    with pytest.raises(InvalidInput, match="encrypted"):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


def test_xml_nested_beyond_measure_is_refused() -> None:
    with pytest.raises(InvalidInput, match="too deep"):
        read(docx("<w:sdt>" * 5_000 + "</w:sdt>" * 5_000))
