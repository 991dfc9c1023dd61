from __future__ import annotations

import pytest

from promptuary.adapters.document_loaders.eml import connect
from promptuary.domain.loading import Limits, Loaded, Packed, RawFile
from promptuary.ports.document_loader import DocumentLoader
from promptuary.testing.document_loader import DocumentLoaderContract

SAMPLE = b"""From: Ann <ann@example.org>
To: bo@example.org
Subject: =?utf-8?q?Bread_=26_w=C3=A4ter?=
Date: Sat, 21 Nov 2026 09:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=X

--X
Content-Type: multipart/alternative; boundary=Y

--Y
Content-Type: text/plain; charset=utf-8

Flour and salt.

Yours, Ann
--Y
Content-Type: text/html

<p>Not this one.
--Y--
--X
Content-Type: text/csv
Content-Disposition: attachment; filename="prices.csv"

what,price
--X--
"""
WORDS = ["Bread & wäter", "Ann", "Flour and salt.", "Yours", "what,price"]


class TestMail(DocumentLoaderContract):
    @pytest.fixture
    def loader(self) -> DocumentLoader:
        return connect("eml:")

    @pytest.fixture
    def sample(self) -> RawFile:
        return RawFile("letter.eml", SAMPLE)

    @pytest.fixture
    def words(self) -> list[str]:
        return WORDS


def read(data: bytes) -> Loaded:
    """The one document of a file."""
    (found,) = connect("eml:").load(RawFile("letter.eml", data), Limits())
    assert isinstance(found, Loaded)
    return found


def blocks(data: bytes) -> list[tuple[str, str]]:
    """Kind and text of each block."""
    found = read(data)
    return [(block.kind, found.text[block.start : block.end]) for block in found.blocks]


def test_subject_heads_and_plain_body_are_read_and_attachments_handed_on() -> None:
    mail, attached = connect("eml:").load(RawFile("a.eml", SAMPLE), Limits())
    assert isinstance(mail, Loaded)
    assert isinstance(attached, Packed)
    assert (mail.title, "Not this one" in mail.text) == ("Bread & wäter", False)
    assert (attached.file.name, attached.file.data.strip()) == ("prices.csv", b"what,price")


def test_a_page_of_html_is_read_where_there_is_nothing_else() -> None:
    data = b"Subject: Hi\nContent-Type: text/html\n\n<h1>Cake</h1><script>x</script><p>Six eggs."
    assert blocks(data) == [("heading", "Hi"), ("heading", "Cake"), ("paragraph", "Six eggs.")]
