"""The adapter over a fake of the library, whose own is not among the tests' requirements."""

import sys

import numpy as np
import pytest

from adapters import libraries
from promptuary.adapters.embedders import fastembed
from promptuary.adapters.embedders._library import LibraryEmbedder
from promptuary.domain.errors import BadReply, Misconfigured, ModelMissing
from promptuary.testing.embedder import EmbedderContract


@pytest.fixture(autouse=True)
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastembed", libraries.fastembed())


class TestFastembedEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> LibraryEmbedder:
        return fastembed.connect("fastembed:small")


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("fastembed:", Misconfigured),
        ("fastembed:small?kernel=q8", Misconfigured),
        ("fastembed:unheard-of", ModelMissing),
    ],
)
def test_what_cannot_be_opened_is_told(url: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        fastembed.connect(url)


def test_a_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastembed", None)
    with pytest.raises(Misconfigured, match="pip install fastembed"):
        fastembed.connect("fastembed:small")


@pytest.mark.parametrize("wrong", [np.zeros((1, 3)), np.full((1, 16), np.nan), np.zeros(16)])
def test_rows_that_are_none_are_refused(wrong: np.ndarray) -> None:
    embedder = fastembed.connect("fastembed:small")
    embedder._run = lambda texts, purpose: wrong
    with pytest.raises(BadReply):
        embedder.embed_now(["red"])
