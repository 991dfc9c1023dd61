"""The old client's view: names, shapes and behaviour that applications rely on."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest

from embeddings import small_models
from promptuary.compat.embeddings import (
    CacheStrategy,
    DockerModelManager,
    DownloadStrategy,
    EmbeddingConfig,
    EmbeddingManager,
    EnvironmentDetector,
    LegacyEmbeddingAdapter,
    ModelCache,
    RetryHandler,
    SentenceTransformer,
)
from promptuary.domain.errors import (
    InvalidInput,
    Misconfigured,
    ModelMissing,
    Unavailable,
    Unsupported,
)

pytestmark = pytest.mark.slow
TEXTS = ["red hat", "the weather in paris", "red hat"]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A process that has no manager yet, and no model of its own."""
    monkeypatch.setattr(EmbeddingManager, "_one", None)
    monkeypatch.setenv("PROMPTUARY_MODELS_FOLDER", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("PROMPTUARY_MODEL_DOWNLOADS", "never")
    monkeypatch.setenv("PROMPTUARY_EMBEDDER", "static")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(small_models.bert(tmp_path_factory.mktemp("compat") / "bert"))


def test_a_script_of_three_lines_works_with_another_import_only() -> None:
    model = SentenceTransformer("all-MiniLM-L6-v2")
    rows = model.encode(["first", "second"])
    assert rows.shape == (2, model.get_sentence_embedding_dimension()) == (2, 384)


def test_there_is_one_manager_a_process() -> None:
    found: list[EmbeddingManager] = []
    threads = [
        threading.Thread(target=lambda: found.append(EmbeddingManager.get_instance()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(each) for each in found}) == 1
    assert isinstance(found[0].model_cache, ModelCache)
    assert isinstance(found[0].env_detector, EnvironmentDetector)
    assert isinstance(found[0].error_handler, RetryHandler)


def test_rows_come_in_order_and_one_text_gives_one_row(small: str) -> None:
    manager = EmbeddingManager()
    rows = manager.encode(TEXTS, model=small)
    assert rows.dtype == np.float32
    assert rows.shape == (3, 32)
    np.testing.assert_array_equal(rows[0], rows[2])
    np.testing.assert_array_equal(manager.encode("red hat", model=small), rows[0])


def test_the_options_of_the_other_library_are_taken(small: str) -> None:
    model = EmbeddingManager().get_model(small)
    plain = model.encode(TEXTS)
    options = {"batch_size": 2, "show_progress_bar": True, "device": "cpu"}
    np.testing.assert_array_equal(model.encode(TEXTS, normalize_embeddings=True, **options), plain)
    assert isinstance(model.encode(TEXTS, convert_to_numpy=False), list)
    np.testing.assert_allclose(
        model.encode(["hat"], prompt="red "), model.encode(["red hat"]), atol=1e-6
    )
    assert model.encode(TEXTS, prompt_name="query").shape == (3, 32)


def test_what_cannot_be_done_is_said(small: str) -> None:
    model = EmbeddingManager().get_model(small)
    with pytest.raises(Unsupported, match=r"torch\.from_numpy"):
        model.encode(TEXTS, convert_to_tensor=True)
    with pytest.raises(InvalidInput, match="precision"):
        model.encode(TEXTS, precision="int8")
    with pytest.raises(InvalidInput, match="clustering"):
        model.encode(TEXTS, prompt_name="clustering")


@pytest.mark.parametrize(
    "name", ["sentence-transformers/all-MiniLM-L6-v2", "all-MiniLM-L6-v2", "legacy", "minilm"]
)
def test_every_name_of_the_model_is_one_model(name: str) -> None:
    manager = EmbeddingManager.get_instance()
    assert manager.get_model(name).space == manager.get_model("minilm").space


@pytest.mark.parametrize("alias", ["multilingual-mini", "large", "fast"])
def test_a_known_name_whose_model_is_missing_is_an_error(alias: str) -> None:
    with pytest.raises(ModelMissing, match=f"models pull {alias}"):
        EmbeddingManager().encode(["a"], model=alias)


def test_default_is_what_is_configured(small: str) -> None:
    assert EmbeddingManager().encode("a").shape == (256,)
    assert EmbeddingManager(EmbeddingConfig(model=small)).encode("red").shape == (32,)
    aliased = EmbeddingConfig(aliases={"default": small, "mine": "static"})
    assert EmbeddingManager(aliased).encode("red").shape == (32,)
    assert EmbeddingManager(aliased).encode("red", model="mine").shape == (256,)


def test_a_model_is_loaded_once_and_the_oldest_goes(small: str) -> None:
    manager = EmbeddingManager(EmbeddingConfig(max_loaded_models=1))
    first = manager.get_model(small)
    assert manager.get_model(small) is first
    manager.get_model("static")
    assert len(manager.model_cache) == 1


def test_models_are_looked_for_where_the_configuration_says(small: str, tmp_path: Path) -> None:
    kept = tmp_path / "someone--small" / "main"
    kept.parent.mkdir()
    kept.symlink_to(small)
    there = EmbeddingManager(EmbeddingConfig(cache_dir=tmp_path, download="never"))
    assert there.encode("red", model="hf:someone/small").shape == (32,)
    with pytest.raises(ModelMissing, match="PROMPTUARY_MODEL_DOWNLOADS is never"):
        EmbeddingManager(EmbeddingConfig(download="never")).get_model("hf:someone/small")
    with pytest.raises(Misconfigured):
        EmbeddingManager(EmbeddingConfig(download="perhaps")).get_model("static")


def test_what_is_to_be_there_at_once_is_opened_at_once(small: str) -> None:
    assert len(EmbeddingManager(EmbeddingConfig(preload=(small, "static"))).model_cache) == 2


def test_a_model_that_nobody_asks_for_is_let_go(small: str) -> None:
    now = iter(range(0, 1000, 10))
    kept = ModelCache(EmbeddingConfig(idle_unload_s=25), lambda: next(now))
    first = kept.get(small)
    assert kept.get(small) is first
    kept.get("static")
    kept.get("static")
    assert len(kept) == 1
    assert kept.get(small) is not first


@pytest.mark.parametrize(
    ("spec", "asked"),
    [
        ("ollama:small?dim=16", "ollama:small?dim=16&timeout=7"),
        ("ollama:nomic-embed-text", "ollama:nomic-embed-text?timeout=7"),
        ("openai:x?timeout=2", "openai:x?timeout=2"),
        ("static", "static"),
    ],
)
def test_a_request_takes_no_longer_than_was_set(spec: str, asked: str) -> None:
    assert EmbeddingConfig(timeout_s=7).resolved(spec) == asked


def test_preloading_works_on_the_class_and_on_an_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(
        EmbeddingManager, "preload_models", lambda self, models: asked.append(tuple(models))
    )
    EmbeddingManager.preload_common_models()
    EmbeddingManager.get_instance().preload_common_models()
    DockerModelManager().preload_common_models()
    assert asked == [("minilm", "multilingual-mini")] * 3


def test_preloading_opens_each_model(small: str) -> None:
    manager = EmbeddingManager()
    manager.preload_models([small, "static"])
    assert len(manager.model_cache) == 2


def test_a_missing_model_is_replaced_only_when_a_policy_says_so() -> None:
    with pytest.raises(ModelMissing):
        DockerModelManager().get_model_with_fallback("large")
    model = DockerModelManager(fallback="static").get_model_with_fallback("large")
    assert model.get_sentence_embedding_dimension() == 256


def test_the_environment_is_told_in_the_old_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    detector = EnvironmentDetector()
    assert detector.is_docker()
    assert detector.get_download_strategy() is DownloadStrategy.NEVER
    assert detector.get_cache_strategy() is CacheStrategy.DISK


def test_what_may_pass_is_tried_again() -> None:
    left = [Unavailable("a"), Unavailable("b")]

    def work() -> str:
        if left:
            raise left.pop()
        return "done"

    assert RetryHandler(3).run(work) == "done"


def test_the_adapter_shares_the_managers_models(small: str) -> None:
    adapter = LegacyEmbeddingAdapter(small, device="cpu", trust_remote_code=False)
    np.testing.assert_array_equal(
        adapter.encode(TEXTS), EmbeddingManager.get_instance().encode(TEXTS, model=small)
    )


def test_a_manager_works_on_after_a_fork(small: str) -> None:
    manager = EmbeddingManager.get_instance()
    before = manager.encode(["red hat"], model=f"onnx:{small}?threads=2")
    child = os.fork()
    if child == 0:
        signal.alarm(30)  # a child that hangs must not outlive the test
        after = manager.encode(["red hat", "paris"], model=f"onnx:{small}?threads=2")
        os._exit(0 if np.allclose(after[0], before[0], atol=1e-5) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
