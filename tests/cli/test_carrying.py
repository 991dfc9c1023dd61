"""What goes out in one file and comes in: collections, homes, the documents of a server."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from api.running import running
from promptuary.cli.running import run

pytestmark = pytest.mark.slow
KEPT = "How long are parcels kept?"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "parcels.md").write_text("Parcels are kept for ten days.")
    assert run(["sync", "docs", "--home", "home", "--collection", "handbook"]) == 0
    return tmp_path


def test_a_collection_goes_out_and_comes_in(cli, here):
    out = cli("export", "collection", "handbook", "--home", "home", "--json")
    assert (out.code, out.json["file"]) == (0, "handbook.zip")
    assert out.json["archive"]["passages"] == 1
    said = cli("import", "handbook.zip", "--home", "there", "--collection", "copied")
    assert "1 document from 1 source, 1 passages, 1 original (collection copied)" in said.out
    answer = cli("ask", KEPT, "--collection", "copied", "--home", "there")
    assert (answer.code, "docs/parcels.md:1" in answer.out) == (0, True)
    (here / "handbook.zip").write_bytes(b"PK")
    assert cli("import", "handbook.zip", "--home", "there").code == 1
    assert cli("export", "collection", "nowhere", "--home", "home").code == 1


def test_a_home_is_backed_up_and_restored(cli, here):
    assert cli("backup", "b.zip", "--home", "home", "--json").json["files"].keys() >= {"record.db"}
    assert cli("restore", "b.zip", "--home", "there").code == 0
    assert cli("ask", KEPT, "--home", "there").code == 0
    again = cli("restore", "b.zip", "--home", "there")
    assert (again.code, "[CONFLICT]" in again.err) == (1, True)
    assert cli("restore", "b.zip", "--home", "there", "--over").code == 0
    assert cli("ask", KEPT, "--home", "there").code == 0


def test_the_documents_of_a_server_are_pulled(cli, here, monkeypatch):
    with running(here / "home", rate_limit_enabled="false", api_key="far") as server:
        refused = cli("pull", server.url, "--home", "there")
        assert (refused.code, "API key" in refused.err) == (1, True)
        monkeypatch.setenv("PROMPTUARY_API_ENDPOINT_KEY", "far")
        pulled = cli("pull", server.url, "--home", "there", "--json").json
        assert (pulled["documents"], pulled["passages_changed"]) == (1, 1)
        assert cli("pull", server.url, "--home", "there", "--json").json["passages_changed"] == 0
    assert cli("ask", KEPT, "--home", "there", "--collection", "handbook").code == 0
    assert cli("pull", "--home", "there").code == 1


def test_index_syncs_a_folder_and_keeps_its_commands(cli, here):
    done = cli("index", "docs", "--home", "there", "--json").json
    assert done["reports"][0]["counts"] == {"new": 1}
    assert cli("index", "--home", "there", "--json").json["reports"][0]["unchanged"] == 1
    again = cli("index", "--docs-path", "docs", "--reset", "--home", "there", "--json").json
    assert again["reports"][0]["counts"] == {"new": 1}
    assert cli("index", "health", "--home", "there", "--json").json["state"] == "ok"
    assert "rebuild" in cli("index", "--help").out


def test_metrics_tells_what_there_is_in_numbers(cli, here):
    told = cli("metrics", "--home", "home", "--json").json
    assert told["documents"]["passages"] == 1
    assert told["satisfaction"] == {"up": 0, "down": 0, "share": None}
    assert "passages" in cli("metrics", "--home", "home").out


def test_older_scripts_find_the_command_under_their_names():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    named = {"promptuary", "deflect-bot", "rag-explorer"}
    assert {project["scripts"][name] for name in named} == {"promptuary.cli:main"}
