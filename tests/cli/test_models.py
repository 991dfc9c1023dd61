"""`promptuary models`: what is here, and why it is used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.conftest import Cli
from embeddings import small_models
from promptuary.testing.fakes.hub import FakeHub


@pytest.fixture(autouse=True)
def bare_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing fetched, nothing set."""
    for name in ("PROMPTUARY_EMBEDDER", "HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PROMPTUARY_MODEL_DOWNLOADS", "never")
    monkeypatch.setenv("PROMPTUARY_MODELS_FOLDER", str(tmp_path / "models"))


def test_every_known_model_is_listed_with_what_it_takes(cli: Cli) -> None:
    rows = {row["name"]: row for row in cli("models", "list", "--json").json["models"]}
    assert set(rows) == {"static", "minilm", "multilingual-mini", "large", "fast"}
    assert rows["static"]["here"]
    assert not rows["large"]["here"]
    assert "promptuary models pull large" in cli("models", "list").out


def test_the_doctor_says_which_source_and_why(cli: Cli) -> None:
    said = cli("models", "doctor", "static", "--json").json
    assert said["ok"]
    assert said["source"] == "static:"
    assert said["policy"] == {**said["policy"], "downloads": "never"}
    assert "downloads: never, because" in cli("models", "doctor", "static").out


def test_the_doctor_names_the_way_to_a_model_that_is_missing(cli: Cli) -> None:
    ran = cli("models", "doctor", "multilingual-mini", "--json")
    assert ran.code == 4
    assert ran.json["code"] == "MODEL_MISSING"
    assert [step["verdict"] for step in ran.json["steps"]] == ["not here", "not here"]
    assert "MODEL_MISSING" in cli("models", "doctor", "multilingual-mini").out


def test_the_doctor_takes_a_spec_that_names_nothing_calmly(cli: Cli) -> None:
    ran = cli("models", "doctor", "minilmm", "--json")
    assert (ran.code, ran.json["code"]) == (4, "INVALID_INPUT")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    monkeypatch.setenv("PROMPTUARY_MODEL_DOWNLOADS", "")
    with FakeHub(small_models.bert(tmp_path / "hub")) as fake:
        monkeypatch.setenv("HF_ENDPOINT", fake.url)
        yield fake


def test_a_model_is_pulled_verified_and_found_afterwards(cli: Cli, hub: FakeHub) -> None:
    (pulled,) = cli("models", "pull", "hf:someone/small", "--json").json["models"]
    assert pulled["dimensions"] == 32
    assert cli("models", "verify", "hf:someone/small", "--json").json["files"] == 4
    assert cli("models", "doctor", "hf:someone/small", "--json").json["ok"]
    hub.over.set()
    assert "hf:someone/small is ready" in cli("models", "preload", "hf:someone/small").out


def test_pulling_is_refused_where_it_was_forbidden(
    cli: Cli, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    ran = cli("models", "pull", "hf:someone/small")
    assert ran.code == 4
    assert "HF_HUB_OFFLINE" in ran.err
    assert hub.asked == []


def test_a_file_that_was_changed_is_found(cli: Cli, hub: FakeHub, tmp_path: Path) -> None:
    cli("models", "pull", "hf:someone/small")
    (config,) = (tmp_path / "models").rglob("config.json")
    config.write_text(config.read_text() + " ")
    ran = cli("models", "verify", "hf:someone/small")
    assert (ran.code, "MODEL_DAMAGED" in ran.err) == (4, True)


def test_speed_is_measured(cli: Cli) -> None:
    assert cli("models", "bench", "static", "--json").json["prompts_per_second"] > 0
