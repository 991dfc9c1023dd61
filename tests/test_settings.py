"""Settings: which source wins, under which names, and what is said when something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from promptuary.domain.errors import Misconfigured
from promptuary.settings import Settings
from promptuary.settings.composing import COMPOSED
from promptuary.settings.examples import default_of, example_env, example_yaml
from promptuary.settings.sources import FOREIGN, PREFIX, read_sources

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, and none of our variables in the environment."""
    parts = [name for part in COMPOSED.values() for names in part.values() for name in names]
    ours = [PREFIX + name.upper() for name in Settings.model_fields]
    for name in (*FOREIGN, *parts, *ours, "PROMPTUARY_CONFIG"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    monkeypatch.chdir(tmp_path)


def write_yaml(text: str, name: str = "config.yaml") -> None:
    Path("config").mkdir(exist_ok=True)
    Path(f"config/{name}").write_text(text)


def test_each_source_wins_over_those_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().port == 8000
    write_yaml("port: 1")
    assert Settings().port == 1
    Path(".env").write_text("PROMPTUARY_PORT=2")
    assert Settings().port == 2
    Path("secret").write_text("3\n")
    monkeypatch.setenv("PROMPTUARY_PORT_FILE", "secret")
    assert Settings().port == 3
    monkeypatch.setenv("PROMPTUARY_PORT", "4")
    assert Settings().port == 4
    assert Settings(port=5).port == 5


def test_the_native_name_wins_and_the_conflict_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "1")
    assert Settings().port == 1
    monkeypatch.setenv("PROMPTUARY_PORT", "2")
    assert Settings().port == 2
    (conflict,) = read_sources(Settings.model_fields).conflicts()
    assert conflict == "port: PROMPTUARY_PORT (environment) wins over PORT (environment)"


def test_the_same_value_twice_is_no_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENV", "prod")
    monkeypatch.setenv("ENVIRONMENT", "prod")
    assert read_sources(Settings.model_fields).conflicts() == ()


@pytest.mark.parametrize(("name", "setting"), sorted(FOREIGN.items()))
def test_every_accepted_name_sets_its_setting(
    name: str, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {
        "env": "staging", "log_level": "ERROR", "port": "4711", "rate_limit_per_minute": "7",
        "rate_limit_burst": "7", "metrics_enabled": "false", "metrics_port": "9090",
        "max_request_bytes": "3", "chat_daily_requests": "9", "conversation_days": "3",
        "message_days": "3", "history_messages": "7", "evidence_limit": "7", "evidence_most": "7",
        "evidence_confidence": "0.5", "conversation_tokens": "700",
        "conversation_temperature": "0.7", "thumbnail_base_url": "https://guard.example",
        "clip_base_url": "https://guard.example", "clip_minutes": "9", "clip_longest_hours": "9",
        "clip_seconds": "9", "chat_monthly_dollars": "9.5", "chunk_size": "700",
        "chunk_overlap": "70", "min_confidence": "0.5", "max_chunks": "7",
        "max_chunk_characters": "70", "crawl_depth": "3", "crawl_max_pages": "9",
        "crawl_same_site": "false", "chat_strategy": "balanced", "chat_alert_share": "0.5",
        "cache_url": "redis://u:p@h:1/2", "refine_cache_seconds": "9",
        "cors_origins": "https://app.example", "cors_methods": "get", "jwt_algorithm": "RS256",
        "match_threshold": "0.5", "chat_seconds": "9", "chat_attempts": "7",
        "naming_tokens": "700", "naming_temperature": "0.7", "reasoning_tokens": "700",
        "jwt_expire_minutes": "7",
    }  # fmt: skip
    value = values.get(setting, "something")
    before = getattr(Settings(), setting)
    if "." in name:
        *sections, last = name.split(".")
        nested: object = {last: value}
        for section in reversed(sections):
            nested = {section: nested}
        write_yaml(yaml.safe_dump(nested))
    else:
        monkeypatch.setenv(name, value)
    assert getattr(Settings(), setting) != before


def test_yaml_values_may_name_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    write_yaml("host: ${BIND:-0.0.0.0}\nport: ${BIND_PORT:9}\nservice_name: a-${STAGE}")
    with pytest.raises(Misconfigured, match=r"service_name: \$\{STAGE\}"):
        Settings()
    monkeypatch.setenv("STAGE", "x")
    monkeypatch.setenv("BIND", "::1")
    found = Settings()
    assert (found.host, found.port, found.service_name) == ("::1", 9, "a-x")


def test_every_problem_is_named_at_once_with_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "99999")
    write_yaml("log_level: loud")
    with pytest.raises(Misconfigured) as raised:
        Settings(minimum_prompts=0, prot=1)
    message = str(raised.value)
    assert "port: " in message
    assert "set by PORT (environment)" in message
    assert "log_level: " in message
    assert "config.yaml" in message
    assert "minimum_prompts: " in message
    assert "prot: there is no such setting; did you mean port?" in message


def test_no_message_and_no_output_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMPTUARY_API_KEY", "hush-hush")
    monkeypatch.setenv("PROMPTUARY_API_KEYS", "hush-1,hush-2")
    monkeypatch.setenv("PROMPTUARY_DATABASE_URL", "postgresql://me:hush@db/x")
    settings = Settings()
    said = (
        f"{settings!r}{settings.shown()}{settings.urls()!r}{read_sources(Settings.model_fields)!r}"
    )
    assert "hush" not in said
    assert settings.shown()["database_url"] == "postgresql://***@db/x"
    assert [key.get_secret_value() for key in settings.api_keys] == ["hush-1", "hush-2"]
    monkeypatch.setenv("PROMPTUARY_PORT", "hush")
    with pytest.raises(Misconfigured) as raised:
        Settings()
    assert "hush" not in str(raised.value)


def test_what_is_no_setting_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMPTUARY_PROT", "1")
    write_yaml("portkey: {api_kye: '${NOT_SET}'}")
    notes = read_sources(Settings.model_fields).notes
    assert [note.split()[0] for note in notes] == ["PROMPTUARY_PROT", "portkey.api_kye"]
    assert Settings().port == 8000


def test_a_shell_startup_file_in_env_says_nothing_about_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENV", "/etc/shrc")
    assert Settings().env == "dev"
    monkeypatch.setenv("ENV", "production")
    assert Settings().env == "prod"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"config/config.yaml": "port: [1"}, "config.yaml"),
        ({"config/config.yaml": "- a"}, "must hold settings"),
        ({".env": "PROMPTUARY_API_KEY_FILE=nowhere"}, "PROMPTUARY_API_KEY_FILE"),
        ({".env": "PROMPTUARY_CONFIG=nowhere.yaml"}, "nowhere.yaml"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(files: dict[str, str], reason: str) -> None:
    Path("config").mkdir()
    for name, text in files.items():
        Path(name).write_text(text)
    with pytest.raises(Misconfigured, match=reason):
        Settings()


def test_parts_live_in_the_home_unless_told_otherwise() -> None:
    urls = Settings(home="/srv/p", index_url="memory:").urls()
    assert urls.record == "sqlite:////srv/p/record.db"
    assert urls.embedding_cache == "sqlite:////srv/p/embeddings.db"
    assert (urls.index, urls.cache, urls.moderator) == ("memory:", "memory:", "rules:")


def test_the_examples_name_every_setting_and_change_nothing() -> None:
    before = Settings()
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert f"#{name}:" in example_yaml()
        assert f"#{PREFIX}{name.upper()}=" in example_env()
    write_yaml(example_yaml())
    Path(".env").write_text(example_env())
    assert Settings() == before


@pytest.mark.parametrize(
    ("name", "made", "form"),
    [("config/config.example.yaml", example_yaml, "yaml"), (".env.example", example_env, "env")],
)
def test_the_committed_examples_are_those_of_this_version(
    name: str, made: Callable[[], str], form: str
) -> None:
    again = f"promptuary config example {form} > {name}"
    assert (ROOT / name).read_text("utf-8") == made(), again


def test_the_examples_hold_the_defaults_once_their_marks_are_taken_away() -> None:
    before = Settings()
    names = [name for name in Settings.model_fields if default_of(name)]
    lines = [line for line in example_yaml().splitlines() if line[1:].split(":")[0] in names]
    write_yaml("\n".join(line.removeprefix("#") for line in lines))
    assert Settings() == before
