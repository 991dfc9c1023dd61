from __future__ import annotations

import pytest

from adapters.making import compound
from promptuary.adapters.document_loaders.msg import connect
from promptuary.domain.errors import InvalidInput
from promptuary.domain.loading import Limits, Loaded, Packed, RawFile
from promptuary.ports.document_loader import DocumentLoader
from promptuary.testing.document_loader import DocumentLoaderContract

SAMPLE = compound(
    {
        "__substg1.0_0037001F": "Bread".encode("utf-16-le"),
        "__substg1.0_0C1A001E": b"Ann",
        "__substg1.0_1000001F": ("Flour and water.\r\n\r\nYours " * 40).encode("utf-16-le"),
    },
    {
        "__attach_version1.0_#00000000": {
            "__substg1.0_3707001F": "prices.csv".encode("utf-16-le"),
            "__substg1.0_37010102": b"what,price",
        }
    },
)
WORDS = ["Bread", "From: Ann", "Flour and water.", "Yours", "what,price"]


class TestOutlook(DocumentLoaderContract):
    @pytest.fixture
    def loader(self) -> DocumentLoader:
        return connect("msg:")

    @pytest.fixture
    def sample(self) -> RawFile:
        return RawFile("letter.msg", SAMPLE)

    @pytest.fixture
    def words(self) -> list[str]:
        return WORDS


def read(data: bytes) -> Loaded:
    """The one document of a file."""
    (found,) = connect("msg:").load(RawFile("letter.msg", data), Limits())
    assert isinstance(found, Loaded)
    return found


def blocks(data: bytes) -> list[tuple[str, str]]:
    """Kind and text of each block."""
    found = read(data)
    return [(block.kind, found.text[block.start : block.end]) for block in found.blocks]


def test_subject_sender_and_body_are_read_and_attachments_handed_on() -> None:
    mail, attached = connect("msg:").load(RawFile("a.msg", SAMPLE), Limits())
    assert isinstance(mail, Loaded)
    assert mail.title == "Bread"
    assert attached == Packed(RawFile("prices.csv", b"what,price"))


def test_a_page_of_html_is_read_where_there_is_nothing_else() -> None:
    data = compound({"__substg1.0_10130102": b"<p>Six eggs."}, {})
    assert blocks(data) == [("paragraph", "Six eggs.")]


@pytest.mark.parametrize("data", [compound({"WordDocument": b"x"}, {}), b"no compound file"])
def test_what_is_no_mail_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        read(data)
