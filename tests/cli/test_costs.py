"""`promptuary costs` and `promptuary export template`."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.slow


def test_costs_and_a_template_for_another_tool(cli, traffic, tmp_path):
    at = ("--home", tmp_path / "home")
    assert cli("ingest", traffic, *at).code == 0
    view = cli("costs", "--model", "openai/gpt-4o", *at, "--json").json
    dearest = view["templates"]["items"][0]
    shown = cli("costs", *at).out
    assert f"{view['total']['tokens']:,} tokens" in shown
    assert dearest["lineage_id"][:8] in shown
    mustache = cli("export", "template", dearest["lineage_id"], "--as", "mustache", *at).out
    assert "{{& " in mustache
    file = tmp_path / "hints.json"
    told = ("--as", "caching", "--output", file)
    assert cli("export", "template", dearest["lineage_id"], *told, *at).code == 0
    assert json.loads(file.read_text())["template_id"]
    assert cli("export", "template", "00000000-0000-4000-8000-000000000000", *at).code != 0
