"""The adapter over a fake of the library, whose own is not among the tests' requirements."""

import sys

import numpy as np
import pytest

from adapters import libraries
from promptuary.adapters.embedders import sentence_transformers
from promptuary.adapters.embedders._library import LibraryEmbedder
from promptuary.domain.errors import BadReply, Misconfigured, ModelMissing
from promptuary.testing.embedder import EmbedderContract


@pytest.fixture(autouse=True)
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", libraries.sentence_transformers())


class TestSentenceTransformersEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> LibraryEmbedder:
        return sentence_transformers.connect("sentence-transformers:small")


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("sentence-transformers:", Misconfigured),
        ("sentence-transformers:small?kernel=q8", Misconfigured),
        ("sentence-transformers:unheard-of", ModelMissing),
    ],
)
def test_what_cannot_be_opened_is_told(url: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        sentence_transformers.connect(url)


def test_a_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(Misconfigured, match="pip install sentence-transformers"):
        sentence_transformers.connect("sentence-transformers:small")


@pytest.mark.parametrize("wrong", [np.zeros((1, 3)), np.full((1, 16), np.nan), np.zeros(16)])
def test_rows_that_are_none_are_refused(wrong: np.ndarray) -> None:
    embedder = sentence_transformers.connect("sentence-transformers:small")
    embedder._run = lambda texts, purpose: wrong
    with pytest.raises(BadReply):
        embedder.embed_now(["red"])


def test_a_role_becomes_the_prompt_that_the_model_has_for_it() -> None:
    model = libraries.FakeSentenceTransformer("small", device="cpu", local_files_only=True)
    run = sentence_transformers._running(model)
    for purpose in ("query", "document", "symmetric"):
        run(["red"], purpose)
    assert model.asked == ["query", None, None]
