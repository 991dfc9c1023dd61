"""A cross-encoder of a folder gives what `transformers` gives, alone and in any batch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from embeddings import small_models, small_rerankers
from promptuary.adapters.rerankers.onnx import OnnxReranker, connect
from promptuary.domain.errors import Misconfigured, ModelDamaged
from promptuary.testing.reranker import RerankerContract

REFERENCES = json.loads(
    (Path(small_rerankers.__file__).parent / "reranker_references.json").read_text()
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> OnnxReranker:
    return connect(f"onnx:{small_rerankers.bert(tmp_path_factory.mktemp('models') / 'bert')}")


class TestOnnxReranker(RerankerContract):
    """Its weights are random: that it prefers the right text is the luck of its seed."""

    @pytest.fixture
    def reranker(self, small: OnnxReranker) -> OnnxReranker:
        return small


@pytest.mark.anyio
@pytest.mark.parametrize("family", small_rerankers.FAMILIES)
async def test_scores_are_those_of_transformers(family: str, tmp_path: Path) -> None:
    reranker = connect(f"onnx:{small_rerankers.FAMILIES[family](tmp_path / family)}")
    texts = small_rerankers.TEXTS
    together = await reranker.score(small_rerankers.QUERY, texts)
    assert together == pytest.approx(REFERENCES[family], abs=2e-5)
    alone = [(await reranker.score(small_rerankers.QUERY, [text]))[0] for text in texts]
    assert alone == pytest.approx(together, abs=1e-5)


def test_a_folder_that_does_not_rerank_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match=r"pooler\.dense"):
        connect(f"onnx:{small_models.bert(tmp_path / 'plain')}")
    with pytest.raises(ModelDamaged, match="mpnet does not rerank"):
        connect(f"onnx:{small_models.mpnet(tmp_path / 'mpnet')}")
    with pytest.raises(ModelDamaged, match="3 labels"):
        connect(f"onnx:{small_rerankers.bert(tmp_path / 'three', labels=3)}")
    with pytest.raises(ModelDamaged, match="no folder"):
        connect(f"onnx:{tmp_path / 'nowhere'}")
    with pytest.raises(Misconfigured):
        connect(f"onnx:{tmp_path}?kernel=int8")


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    folder = small_rerankers.bert(tmp_path / "bert")
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelDamaged, match="no tokenizer"):
        connect(f"onnx:{folder}")
