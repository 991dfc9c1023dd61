"""`promptuary moderation`."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_refused_prompts_are_listed_released_and_rejected(cli, tmp_path, monkeypatch):
    at = ("--home", tmp_path / "home")
    monkeypatch.setenv("COLUMNS", "60")  # as narrow as any: an id is to be copied whole
    file = tmp_path / "cards.txt"
    file.write_text("Charge 4111 1111 1111 1111.\nCharge 5500 0000 0000 0004.\n")
    assert cli("ingest", file, *at).code == 1
    first, second = (each["id"] for each in cli("moderation", "list", *at, "--json").json["items"])
    shown = cli("moderation", "list", *at).out
    assert ("payment" in shown, "…" in shown) == (True, False)
    assert "4111" not in shown
    assert "4111" in cli("moderation", "list", "--texts", *at).out
    assert "released" in cli("moderation", "release", first, "--by", "ana", *at).out
    assert "stays aside" in cli("moderation", "reject", second, "--reason", "real", *at).out
    decided = cli("moderation", "reviews", *at, "--json").json["items"]
    assert [each["decision"] for each in decided] == ["reject", "release"]
    shown = cli("moderation", "reviews", *at).out
    assert ("ana" in shown, "…" in shown) == (True, False)
    assert cli("moderation", "list", *at, "--json").json["total"] == 0
    assert cli("moderation", "check", "Good morning", *at).code == 0
    refused = cli("moderation", "check", "card 4111 1111 1111 1111", *at)
    assert (refused.code, "payment card" in refused.out) == (1, True)
