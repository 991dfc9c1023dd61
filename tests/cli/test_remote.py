"""Commands that go to a server."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.running import running
from promptuary.settings import Settings
from promptuary.settings.writing import write_down

SECRET = "key-of-the-far-side"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def far(home, cli, here):
    notes = here / "notes"
    notes.mkdir()
    (notes / "office.md").write_text("The office opens at nine. Parcels are kept for ten days.")
    assert cli("sync", notes, "--home", home).code == 0
    with running(home, rate_limit_enabled="false", api_key=SECRET) as server:
        yield server


@pytest.mark.slow
def test_looking_goes_to_the_server_and_shows_what_a_folder_would(cli, far, here):
    key = here / "key"
    key.write_text(f"{SECRET}\n")
    done = cli("configure", "--api-endpoint", far.url, "--api-key-file", key)
    assert (done.code, SECRET in done.out + done.err) == (0, False)
    assert SECRET not in (here / ".env").read_text()
    (family, *_) = cli("families", "--json").json["items"]
    assert family["size"] > 1
    assert len(cli("templates", "--json").json["items"]) == 2
    assert cli("documents", "list", "--json").json["items"][0]["name"] == "notes/office.md"
    assert "Parcels are kept" in cli("documents", "show", "notes/office.md").out
    (hit, *_) = cli("search", "parcels", "--kind", "passage", "--json").json["hits"]
    assert hit["payload"]["source"] == "notes/office.md"
    assert "ten days" in cli("ask", "How long are parcels kept?").out
    assert cli("documents", "delete", "notes/office.md").code == 0
    assert cli("documents", "list", "--json").json["items"] == []
    shown = cli("config", "show")
    assert far.url in shown.out
    assert SECRET not in shown.out


@pytest.mark.slow
def test_the_library_goes_to_the_server_whole(cli, far, here):
    (here / "key").write_text(SECRET)
    cli("configure", "--api-endpoint", far.url, "--api-key-file", here / "key")
    refined = cli("refine", "mail to {{ name }}, 3 lines", "--quiet")
    assert (refined.code, "{{ name }}" in refined.out) == (0, True)
    (here / "late.txt").write_text("Dear {{ name }}, it is late.")
    (here / "later.txt").write_text("Dear {{ name }}, it is very late.")
    assert cli("library", "save", "late", "late.txt", "--label", "production").code == 0
    assert cli("library", "save", "late", "later.txt", "--branch", "try").code == 0
    assert cli("library", "branches", "late", "--json").json["try"]["number"] == 2
    assert cli("library", "slots", "late", "--json").json["slots"][0]["name"] == "name"
    assert cli("library", "describe", "late", "--tag", "mail").code == 0
    assert cli("library", "experiment", "late", "--try", "try").code == 0
    assert cli("library", "experiment", "late", "--key", "ada", "--json").json["version"]
    assert cli("library", "rate", "late", 4, "--key", "ada").code == 0
    assert cli("library", "ratings", "late", "--json").json["total"] == 1
    told = cli("library", "experiment", "late", "--stop", "--json").json
    assert told["experiment"]["state"] == "stopped"
    assert "late@v" in cli("library", "analytics", "--by", "version").out
    assert cli("library", "recommend", "a mail that it is late", "--json").json["prompts"]
    assert cli("library", "shadows", "--json").json["total"] > 0
    signed = cli("library", "export", "-o", "out.zip", "--sign", _new_key(here))
    assert (signed.code, signed.err) == (0, "")
    again = cli("library", "import", "out.zip", "--from", "bundle", "--json").json
    assert [each["status"] for each in again["outcomes"]] == ["same"]
    assert cli("library", "list", "--home", here / "empty", "--json").json["total"] == 0


def _new_key(folder):
    key = Ed25519PrivateKey.generate()
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "private.pem").write_bytes(key.private_bytes(*form))
    return folder / "private.pem"


@pytest.mark.slow
def test_what_was_found_is_shown_corrected_and_exported_where_it_was_listed(cli, far, here):
    (here / "key").write_text(SECRET)
    cli("configure", "--api-endpoint", far.url, "--api-key-file", here / "key")
    (family, *_) = cli("families", "--json").json["items"]
    (cluster, *_) = cli("templates", "--json").json["items"]
    for own in (family["id"], cluster["id"], cluster["template"]["id"]):
        assert cli("show", own).code == 0
    assert "now:" in cli("show", family["id"], "--history").out
    asked = ("export", "template", cluster["id"], "--as", "mustache")
    assert "{{& " in cli(*asked).out
    assert cli("diff", cluster["id"]).err.count("no version before") == 1
    assert cluster["id"][:8] in cli("costs").out
    made = cli("correct", "rename", cluster["id"], "Leisure", "--json").json
    assert cli("templates", "--json").json["items"][0]["name"] == "Leisure"
    assert cli("correct", "list", "--json").json["items"][0]["id"] == made["id"]
    named = cli("correct", "lock", cluster["id"], "--by", "ana")
    assert (named.code, "leave `by` out" in named.err) == (1, True)
    assert cli("correct", "undo", made["id"], "--json").json["undone_at"]
    assert cli("correct", "undo", made["id"], "--by", "ana").code == 1
    assert "payment card" in cli("moderation", "check", "card 4111 1111 1111 1111").out
    assert cli("moderation", "list", "--json").json["total"] == 0
    assert cli("moderation", "reviews", "--json").json["total"] == 0
    assert cli("correct", "list", "--home", here / "empty", "--json").json["total"] == 0


@pytest.mark.slow
def test_a_key_that_is_wrong_and_a_server_that_is_away_end_as_such(cli, far, here):
    cli("configure", "--api-endpoint", far.url)
    refused = cli("families")
    assert (refused.code, "INVALID_API_KEY" in refused.err) == (1, True)
    far.process.kill()
    far.process.wait()
    away = cli("families")
    assert (away.code, "[UNAVAILABLE]" in away.err) == (3, True)
    assert "Traceback" not in away.err


@pytest.mark.slow
def test_a_command_shows_what_a_server_that_is_away_had(cli, far, here, monkeypatch):
    (here / "key").write_text(SECRET)
    (here / "late.txt").write_text("Dear {{ name }}, it is late.")
    cli("configure", "--api-endpoint", far.url, "--api-key-file", here / "key")
    monkeypatch.setenv("PROMPTUARY_API_ENDPOINT_CACHE", str(here / "cache"))
    assert cli("library", "save", "late", "late.txt", "--label", "production").code == 0
    assert "is away" not in cli("library", "show", "late").out
    far.process.kill()
    far.process.wait()
    shown = cli("library", "show", "late")
    assert (shown.code, "it is late" in shown.out) == (0, True)
    assert "the server is away; this is what it had at" in shown.out
    assert cli("library", "show", "late", "--json").json["stale_since"]
    assert cli("library", "save", "late", "late.txt").code == 3


def test_a_folder_that_is_named_wins_over_the_server(cli, home, here):
    assert cli("configure", "--api-endpoint", "http://127.0.0.1:9").code == 0
    assert cli("families", "--home", home).code == 0


def test_going_back_takes_out_only_what_was_put_in(cli, here):
    (here / ".env").write_text("# mine\nPROMPTUARY_PORT=9000\n")
    key = here / "a 'key'"
    key.write_text(SECRET)
    cli("configure", "--api-endpoint", "http://far", "--api-key-file", key)
    settings = Settings()
    assert settings.api_endpoint == "http://far"
    assert settings.api_endpoint_key.get_secret_value() == SECRET
    assert (here / ".env").stat().st_mode & 0o777 == 0o644
    cli("configure", "--api-endpoint", "")
    assert (here / ".env").read_text() == "# mine\nPROMPTUARY_PORT=9000\n"


@pytest.mark.parametrize("url", ["far", "ftp://far", "http://me:word@far", "http://far\nX=1"])
def test_what_is_no_address_is_refused_and_not_written(cli, here, url):
    refused = cli("configure", "--api-endpoint", url)
    assert refused.code in {1, 4}
    assert not (here / ".env").exists()
    assert "me:word" not in refused.err


@pytest.mark.parametrize("content", [None, b"", b"\xff", b"two\nlines"])
def test_a_file_without_a_key_is_refused(cli, here, content):
    key = here / "key"
    if content is not None:
        key.write_bytes(content)
    assert cli("configure", "--api-endpoint", "http://far", "--api-key-file", key).code == 4
    assert not (here / ".env").exists()


def test_a_folder_in_which_nothing_can_be_written_is_named(here):
    (here / ".env").mkdir()
    with pytest.raises(Exception, match=r"cannot be written"):
        write_down({"api_endpoint": "http://far"})


def test_configure_alone_says_what_it_wants(cli, here):
    assert (cli("configure").code, "--api-endpoint" in cli("configure").err) == (2, True)


def test_configure_says_who_words_answers(cli, here, monkeypatch):
    for name in ("OPENAI_LLM_MODEL", "OLLAMA_LLM_MODEL", "GEMINI_LLM_MODEL"):
        monkeypatch.delenv(name, raising=False)

    def chosen(provider):
        assert cli("configure", "--provider", provider).code == 0
        return cli("config", "show", "--json").json["chat_models"]["value"]

    assert chosen("openai:gpt-4o-mini") == "openai:gpt-4o-mini"
    assert chosen("google:gemini-flash") == "gemini:gemini-flash"
    assert chosen("ollama") == "ollama:llama3.1"
    monkeypatch.setenv("OPENAI_LLM_MODEL", "gpt-x")
    assert chosen("openai") == "openai:gpt-x"
    assert chosen("") == ""
    for wrong in ("anthropic", "nobody:model", "openai\n:x"):
        assert cli("configure", "--provider", wrong).code == 1
