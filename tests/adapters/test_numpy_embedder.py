import pytest

from embeddings.small_models import bert
from promptuary.adapters.embedders import numpy
from promptuary.adapters.embedders._model.encoder import FolderEmbedder
from promptuary.testing.embedder import EmbedderContract


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> FolderEmbedder:
    return numpy.connect(f"numpy:{bert(tmp_path_factory.mktemp('models') / 'bert')}")


class TestNumpyEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, small: FolderEmbedder) -> FolderEmbedder:
        return small
