from __future__ import annotations

import io

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.errors import DependencyError

from adapters.making import pdf
from promptuary.adapters.document_loaders.pdf import connect
from promptuary.domain.errors import InvalidInput, MissingExtra, TooLarge
from promptuary.domain.loading import Limits, Loaded, RawFile
from promptuary.ports.document_loader import DocumentLoader
from promptuary.testing.document_loader import DocumentLoaderContract

SAMPLE = pdf("Bread and water on the first page", "Salt on the second", title="The paper")
WORDS = ["Bread and water", "Salt"]


class TestPdf(DocumentLoaderContract):
    @pytest.fixture
    def loader(self) -> DocumentLoader:
        return connect("pdf:")

    @pytest.fixture
    def sample(self) -> RawFile:
        return RawFile("paper.pdf", SAMPLE)

    @pytest.fixture
    def words(self) -> list[str]:
        return WORDS


def read(data: bytes) -> Loaded:
    """The one document of a file."""
    (found,) = connect("pdf:").load(RawFile("paper.pdf", data), Limits())
    assert isinstance(found, Loaded)
    return found


def blocks(data: bytes) -> list[tuple[str, str]]:
    """Kind and text of each block."""
    found = read(data)
    return [(block.kind, found.text[block.start : block.end]) for block in found.blocks]


def encrypted(password: str) -> bytes:
    """The sample behind a password."""
    writer = PdfWriter(clone_from=io.BytesIO(SAMPLE))
    writer.encrypt(password, owner_password="owner", algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def test_pages_are_counted_and_the_title_is_kept() -> None:
    found = read(SAMPLE)
    assert [block.page for block in found.blocks] == [1, 2]
    assert found.title == "The paper"


def test_an_encrypted_document_is_refused_and_named_so() -> None:
    with pytest.raises(InvalidInput, match="encrypted"):
        read(encrypted("secret"))


def test_one_that_opens_without_a_password_is_read() -> None:
    assert "Salt" in read(encrypted("")).text


def test_a_cipher_that_is_not_there_counts_as_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(*_: object) -> None:
        raise DependencyError("cryptography is needed for AES")

    monkeypatch.setattr(PdfReader, "decrypt", lacking)
    with pytest.raises(InvalidInput, match="encrypted"):
        read(encrypted(""))


def test_a_document_with_too_many_pages_is_refused() -> None:
    with pytest.raises(TooLarge, match="2 pages"):
        list(connect("pdf:").load(RawFile("a.pdf", SAMPLE), Limits(pages=1)))


def test_without_its_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("promptuary.adapters.document_loaders.pdf.find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match="documents"):
        read(SAMPLE)
