import pytest

from promptuary.domain.loading import RawFile
from promptuary.testing.document_loader import DocumentLoaderContract
from promptuary.testing.fakes.document_loader import LineLoader


class TestLine(DocumentLoaderContract):
    @pytest.fixture
    def loader(self) -> LineLoader:
        return LineLoader()

    @pytest.fixture
    def sample(self) -> RawFile:
        return RawFile("a.fake", b"first of all\n\n  second of all \n")

    @pytest.fixture
    def words(self) -> list[str]:
        return ["first", "second"]
