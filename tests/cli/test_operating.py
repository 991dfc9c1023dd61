"""Looking after an installation: keys, index, database, configuration, doctor, version."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from embeddings import small_models
from promptuary import Promptuary, __version__

from .conftest import Cli

pytestmark = pytest.mark.slow


def test_a_key_is_shown_once_listed_without_its_secret_and_revoked(
    cli: Cli, tmp_path: Path
) -> None:
    at = ("--home", tmp_path, "--json")
    made = cli("keys", "create", "ci", "--scope", "admin", "--tenant", "ours", *at).json
    assert (made["scopes"], made["tenant"]) == (["admin"], "ours")
    listed = cli("keys", "list", *at)
    assert made["secret"] not in listed.out
    assert "digest" not in listed.out
    assert cli("keys", "revoke", made["id"], *at).code == 0
    assert "revoked" in cli("keys", "list", "--home", tmp_path).out
    assert cli("keys", "revoke", "nobody", *at).code == 1


def test_a_scope_that_does_not_exist_is_refused(cli: Cli, tmp_path: Path) -> None:
    said = cli("keys", "create", "ci", "--scope", "root", "--home", tmp_path)
    assert said.code == 2
    assert "prompts:read" in said.err


def test_an_index_can_be_checked_and_made_again(cli: Cli, tmp_path: Path, traffic: Path) -> None:
    cli("ingest", traffic, "--home", tmp_path / "h")
    before = cli("index", "health", "--home", tmp_path / "h", "--json")
    after = cli("index", "rebuild", "--home", tmp_path / "h", "--json")
    assert (before.code, after.code) == (0, 0)
    assert before.json["entries"] == after.json["entries"] > 51


def test_the_database_goes_up_is_checked_and_goes_down(cli: Cli, tmp_path: Path) -> None:
    at = ("--home", tmp_path / "h")
    assert cli("db", "check", *at).code == 1
    assert cli("db", "upgrade", *at).code == 0
    assert cli("db", "check", *at, "--json").json == {"ok": True, "differences": []}
    careful = cli("db", "downgrade", "base", *at)
    assert careful.code == 1
    assert "--yes" in careful.err
    assert cli("db", "downgrade", "base", "--yes", *at).code == 0
    assert cli("db", "check", *at).code == 1


def test_settings_are_shown_with_their_source_and_without_secrets(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_KEY", "hush-hush")
    monkeypatch.setenv("PORT", "4711")
    shown = cli("config", "show", "--home", tmp_path, "--json").json
    assert shown["port"] == {"value": "4711", "from": "PORT (environment)"}
    assert shown["home"] == {"value": str(tmp_path), "from": "--home"}
    assert shown["api_key"]["value"] == "***"
    assert "hush" not in cli("config", "show", "--home", tmp_path).out


def test_conflicts_and_strange_names_are_reported_and_wrong_urls_refused(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "1")
    monkeypatch.setenv("PROMPTUARY_PORT", "2")
    monkeypatch.setenv("PROMPTUARY_PROT", "3")
    said = cli("config", "check", "--home", tmp_path)
    assert said.code == 0
    assert "PROMPTUARY_PORT (environment) wins over PORT (environment)" in said.out
    assert "PROMPTUARY_PROT" in said.out
    monkeypatch.setenv("PROMPTUARY_INDEX_URL", "nonsense:")
    wrong = cli("config", "check", "--home", tmp_path)
    assert wrong.code == 4
    assert "edge:" in wrong.err


@pytest.mark.parametrize(("form", "line"), [("yaml", "#port: 8000"), ("env", "#PROMPTUARY_PORT=")])
def test_an_example_configuration_is_printed(cli: Cli, form: str, line: str) -> None:
    assert line in cli("config", "example", form).out


def test_the_doctor_finds_a_sound_machine_sound(cli: Cli, tmp_path: Path) -> None:
    said = cli("doctor", "--home", tmp_path / "h", "--json")
    states = {each["name"]: each["state"] for each in said.json["findings"]}
    assert said.code == 0
    assert {"python", "home", "disk", "record", "index", "embedder"} <= set(states)
    assert "wrong" not in states.values()


def test_the_doctor_tries_every_model_that_is_set(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = small_models.bert(tmp_path / "small")
    monkeypatch.setenv("PROMPTUARY_EMBEDDER", str(small))
    monkeypatch.setenv("PROMPTUARY_EMBEDDER_FAILURE", "dual")
    monkeypatch.setenv("PROMPTUARY_RERANKER", "lexical:")
    said = cli("doctor", "--home", tmp_path / "h", "--json")
    states = {each["name"]: each["state"] for each in said.json["findings"]}
    assert {states[name] for name in ("embedder", "second embedder", "reranker")} == {"ok"}
    monkeypatch.setenv("PROMPTUARY_RERANKER", "http://127.0.0.1:9/rerank")
    said = cli("doctor", "--home", tmp_path / "h")
    assert said.code == 3
    assert "look at the reranker setting" in said.out


def test_the_doctor_says_what_to_do_about_a_home_that_cannot_be(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    said = cli("doctor", "--home", tmp_path / "file" / "h")
    assert said.code == 3
    assert "choose another with --home" in said.out


def test_the_version_is_printed(cli: Cli) -> None:
    assert cli("version").out == f"promptuary {__version__}\n"
    assert cli("version", "--json").json == {"version": __version__}


def test_a_job_that_failed_is_listed_shown_and_tried_again(cli: Cli, tmp_path: Path) -> None:
    at = ("--home", tmp_path, "--json")

    async def fail() -> None:
        async with await Promptuary.open(tmp_path) as opened, opened._record.begin() as tx:
            await tx.jobs.defer("place", {"collection": "nowhere"})
            (job,) = await tx.jobs.claim(["place"], lease=timedelta(hours=1))
            await tx.jobs.fail(job, reason="NOT_FOUND: \x1b[2J")

    asyncio.run(fail())
    (job,) = cli("jobs", "list", "--state", "failed", *at).json["items"]
    assert "\x1b" not in cli("jobs", "show", job["id"], "--home", tmp_path).out
    again = cli("jobs", "retry", *at)
    assert [each["state"] for each in again.json["jobs"]] == ["waiting"]
    assert cli("jobs", "retry", job["id"], *at).code == 1
    assert cli("jobs", "retry", "--home", tmp_path).out == "no job failed for good\n"
    assert "not tried yet" in cli("jobs", "list", "--home", tmp_path).out
    assert cli("jobs", "list", "--state", "odd", *at).code == 1
