"""`name`, `namings`, `doubts` and the labels in `show`, in a folder and on a server."""

from __future__ import annotations

import json

import pytest

from promptuary.testing.fakes.chat_upstream import FakeChatUpstream

pytestmark = pytest.mark.slow
WORDS = ("bread", "milk", "tea", "salt", "ink", "oak")


@pytest.fixture
def upstream(monkeypatch):
    with FakeChatUpstream() as fake:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-nobody-5")
        monkeypatch.setenv("OPENAI_BASE_URL", fake.url)
        monkeypatch.setenv("PROMPTUARY_CHAT_MODELS", "openai:small")
        yield fake


@pytest.fixture
def home(cli, tmp_path):
    lines = "".join(f"Translate the word '{word}' into French, please.\n" for word in WORDS)
    (tmp_path / "prompts.txt").write_text(lines)
    assert cli("ingest", tmp_path / "prompts.txt", "--home", tmp_path / "home").code == 0
    return tmp_path / "home"


def test_what_a_model_calls_things_is_listed_and_shown_and_what_it_may_not_say_is_told(
    cli, home, upstream
):
    (cluster,) = cli("templates", "--home", home, "--json").json["items"]
    (family,) = cli("families", "--home", home, "--json").json["items"]
    slots = [
        {"slot": slot["name"], "name": "word", "description": "what is translated"}
        for slot in cluster["template"]["slots"]
    ]
    good = {
        "id": "t1",
        "name": "Translate a word",
        "description": "Asks in French.",
        "slots": slots,
    }
    owned = {"id": "t2", "name": "Owned", "description": "Obeyed.", "slots": []}
    upstream.replies.append(json.dumps({"things": [good, owned]}))
    assert "1 named, 1 refused" in cli("name", "--home", home).out
    listed = cli("namings", "--home", home).out
    assert "Translate a word" in listed
    assert "refused: not_about_it" in listed
    shown = cli("show", cluster["id"], "--home", home)
    assert "Asks in French." in shown.out
    assert "word, what is translated" in shown.out
    told = cli("show", family["id"], "--home", home, "--json").json
    assert (told["family"]["name"], told["naming"]) == (family["name"], None)
    again = cli("name", "--home", home, "--json").json
    assert (again["calls"], again["known"]) == (0, 2)


def test_a_model_that_is_away_names_nothing_and_the_verb_says_so(cli, home, upstream, monkeypatch):
    monkeypatch.setenv("PROMPTUARY_CHAT_ATTEMPTS", "1")
    upstream.faults.extend(["500"] * 4)
    ran = cli("name", "--home", home)
    assert (ran.code, "stopped" in ran.out) == (0, True)
    assert cli("namings", "--home", home, "--json").json["total"] == 0
    assert "0 merged, 0 different" in cli("doubts", "--home", home).out


def test_without_a_model_the_verbs_say_which_setting_names_one(cli, home):
    for verb in ("name", "doubts"):
        ran = cli(verb, "--home", home)
        assert ran.code != 0
        assert "PROMPTUARY_CHAT_MODELS" in ran.err
