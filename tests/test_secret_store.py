"""Settings and keys that AWS Secrets Manager keeps; moto's server stands for it."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from promptuary.adapters._remote.keys import variable
from promptuary.domain.errors import Misconfigured, Unavailable
from promptuary.settings import Settings
from promptuary.settings.sources import read_sources

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI"}


@pytest.fixture(autouse=True)
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that asks for a secret, and an empty folder."""
    monkeypatch.chdir(tmp_path)
    asking = {"AWS_SECRETS_ENABLED": "true", "AWS_REGION": "eu-west-1", **KEYS}
    for name, value in asking.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def keep(moto: str, monkeypatch: pytest.MonkeyPatch):
    """Puts a value into a secret of its own, and asks for that one."""

    def kept(value: str) -> None:
        name = f"promptuary/{uuid4().hex}"
        target = "secretsmanager.CreateSecret"
        signed = "AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/secretsmanager/aws4_request"
        headers = {"X-Amz-Target": target, "Authorization": signed}
        body = {"Name": name, "SecretString": value, "ClientRequestToken": uuid4().hex}
        httpx2.post(f"{moto}/", json=body, headers=headers).raise_for_status()
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", moto)
        monkeypatch.setenv("AWS_SECRETS_MANAGER_SECRET_NAME", name)

    return kept


@pytest.mark.slow
def test_the_store_wins_over_files_and_the_environment_over_it(keep, monkeypatch):
    keep(json.dumps({"PROMPTUARY_API_KEY": "from the store", "RATE_LIMIT_PER_MINUTE": 7}))
    Path(".env").write_text("PROMPTUARY_API_KEY=from a file\nPROMPTUARY_RATE_LIMIT_BURST=3")
    settings = Settings()
    assert settings.api_key.get_secret_value() == "from the store"
    assert (settings.rate_limit_per_minute, settings.rate_limit_burst) == (7, 3)
    winner = read_sources(Settings.model_fields).winners()["api_key"]
    assert winner.where == "PROMPTUARY_API_KEY (secret store)"
    monkeypatch.setenv("PROMPTUARY_API_KEY", "from the environment")
    assert Settings().api_key.get_secret_value() == "from the environment"


@pytest.mark.slow
def test_keys_of_providers_may_stand_in_it(keep, monkeypatch):
    keep(json.dumps({"GROQ_API_KEY": "stored", "AWS_SESSION_TOKEN": "never"}))
    assert variable("GROQ_API_KEY") == "stored"
    monkeypatch.setenv("GROQ_API_KEY", "here")
    assert variable("GROQ_API_KEY") == "here"


@pytest.mark.slow
@pytest.mark.parametrize("value", ["not JSON", "[1]", '"text"', "{"])
def test_what_is_no_object_is_told_without_what_it_is(keep, value):
    keep(value)
    with pytest.raises(Misconfigured, match="JSON object") as told:
        Settings()
    assert "not JSON" not in str(told.value)


@pytest.mark.slow
def test_a_secret_that_is_not_there_is_told(moto, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", moto)
    monkeypatch.setenv("AWS_SECRETS_MANAGER_SECRET_NAME", f"nothing-{uuid4().hex}")
    with pytest.raises(Misconfigured, match="is it there"):
        Settings()


def test_a_store_that_is_away_is_unavailable_and_one_without_a_name_is_told(monkeypatch):
    with pytest.raises(Misconfigured, match="AWS_SECRETS_MANAGER_SECRET_NAME"):
        Settings()
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_SECRETS_MANAGER_SECRET_NAME", "away")
    with pytest.raises(Unavailable, match="cannot be reached"):
        Settings()
    monkeypatch.setenv("AWS_SECRETS_ENABLED", "false")
    assert Settings().port == 8000
