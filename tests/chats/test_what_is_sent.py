"""What each provider is sent, and that nobody else sees a key."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from traceback import format_exception

import pytest

from chats.keys import KEYS, all_known, none_known, secret
from promptuary.adapters._remote import aws
from promptuary.adapters._remote.keys import variable
from promptuary.adapters.chat_models import (
    anthropic,
    bedrock,
    gemini,
    groq,
    http,
    mistral,
    ollama,
    openai,
    portkey,
)
from promptuary.adapters.chat_models._remote.model import RemoteChatModel
from promptuary.domain.chats import ChatOptions, Message
from promptuary.domain.errors import Misconfigured, PromptuaryError
from promptuary.testing.fakes.chat_upstream import FakeChatUpstream

pytestmark = pytest.mark.anyio

ASKED = [Message("system", "be brief"), Message("user", "one two")]
OPTIONS = ChatOptions(max_tokens=7, temperature=0.5, stop=("END",))
ALL = {
    "openai": lambda: openai.connect("openai:small"),
    "groq": lambda: groq.connect("groq:small"),
    "mistral": lambda: mistral.connect("mistral:small"),
    "ollama": lambda: ollama.connect("ollama:small"),
    "portkey": lambda: portkey.connect("portkey:@openai/small"),
    "anthropic": lambda: anthropic.connect("anthropic:small"),
    "gemini": lambda: gemini.connect("gemini:small"),
    "bedrock": lambda: bedrock.connect("bedrock:small"),
}
Opens = Callable[[RemoteChatModel], RemoteChatModel]


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeChatUpstream]:
    with FakeChatUpstream() as fake:
        all_known(monkeypatch, fake.address)
        yield fake


@pytest.fixture
async def closed() -> AsyncIterator[Opens]:
    """Closes what it is given when the test is over."""
    async with AsyncExitStack() as stack:

        def later(model: RemoteChatModel) -> RemoteChatModel:
            stack.push_async_callback(model.aclose)
            return model

        yield later


SENT = {
    "openai": ("/v1/chat/completions", "authorization", "Bearer {OPENAI_API_KEY}"),
    "groq": ("/openai/v1/chat/completions", "authorization", "Bearer {GROQ_API_KEY}"),
    "mistral": ("/v1/chat/completions", "authorization", "Bearer {MISTRAL_API_KEY}"),
    "ollama": ("/v1/chat/completions", "accept", "*/*"),
    "portkey": ("/v1/chat/completions", "x-portkey-api-key", "{PORTKEY_API_KEY}"),
    "anthropic": ("/v1/messages", "x-api-key", "{ANTHROPIC_API_KEY}"),
    "gemini": ("/v1beta/models/small:generateContent", "x-goog-api-key", "{GOOGLE_API_KEY}"),
    "bedrock": ("/model/small/converse", "authorization", "Bearer {AWS_BEARER_TOKEN_BEDROCK}"),
}


@pytest.mark.parametrize("name", SENT)
async def test_a_key_goes_to_its_own_provider(
    upstream: FakeChatUpstream, closed: Opens, name: str
) -> None:
    await closed(ALL[name]()).reply(ASKED)
    path, header, value = SENT[name]
    (received,) = upstream.received
    keys = {each: secret(each) for each in KEYS}
    assert (received.path, received.headers[header]) == (path, value.format(**keys))
    sent = str(received)
    own = {"PORTKEY_API_KEY", "OPENAI_API_KEY"} if name == "portkey" else set()
    own |= {each for each in KEYS if each in value}
    assert {each for each in KEYS if secret(each) in sent} == own


LIMITS = {
    "openai": {"max_tokens": 7, "temperature": 0.5, "stop": ["END"]},
    "groq": {"max_completion_tokens": 7, "temperature": 0.5, "stop": ["END"]},
    "mistral": {"max_tokens": 7, "temperature": 0.5, "stop": ["END"]},
    "anthropic": {"max_tokens": 7, "temperature": 0.5, "stop_sequences": ["END"]},
    "gemini": {
        "generationConfig": {"maxOutputTokens": 7, "temperature": 0.5, "stopSequences": ["END"]}
    },
    "bedrock": {"inferenceConfig": {"maxTokens": 7, "temperature": 0.5, "stopSequences": ["END"]}},
}


@pytest.mark.parametrize("name", LIMITS)
async def test_options_are_said_in_the_words_of_the_provider(
    upstream: FakeChatUpstream, closed: Opens, name: str
) -> None:
    await closed(ALL[name]()).reply(ASKED, options=OPTIONS)
    body = upstream.received[0].body
    assert {key: body[key] for key in LIMITS[name]} == LIMITS[name]


async def test_a_model_with_a_temperature_of_its_own_is_not_told_one(
    upstream: FakeChatUpstream, closed: Opens
) -> None:
    await closed(openai.connect("openai:o3-mini")).reply(ASKED, options=OPTIONS)
    assert "temperature" not in upstream.received[0].body


async def test_a_stream_is_asked_for_its_usage_where_that_is_understood(
    upstream: FakeChatUpstream, closed: Opens
) -> None:
    for name in ("openai", "mistral"):
        assert [piece async for piece in closed(ALL[name]()).stream(ASKED)]
    told, untold = (received.body for received in upstream.received)
    assert told["stream_options"] == {"include_usage": True}
    assert "stream_options" not in untold


async def test_portkey_is_told_the_way(
    upstream: FakeChatUpstream, closed: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTKEY_TRACE_ID", "trace")
    model = closed(portkey.connect("portkey:@anthropic/small"))
    assert model.name == "anthropic/small"
    await model.reply(ASKED)
    headers = upstream.received[0].headers
    assert (headers["x-portkey-provider"], headers["x-portkey-trace-id"]) == ("anthropic", "trace")
    assert headers["authorization"] == f"Bearer {secret('ANTHROPIC_API_KEY')}"


async def test_a_hosted_gateway_is_sent_no_other_key(monkeypatch: pytest.MonkeyPatch) -> None:
    all_known(monkeypatch, "http://localhost:1")
    monkeypatch.delenv("PORTKEY_BASE_URL")
    monkeypatch.setenv("PORTKEY_CONFIG", "pc-one")
    headers = await portkey.connect("portkey:@openai/small")._sign("", b"")
    assert headers == {
        "x-portkey-api-key": secret("PORTKEY_API_KEY"),
        "x-portkey-config": "pc-one",
    }


async def test_a_gateway_is_found_as_an_older_settings_file_names_it(
    upstream: FakeChatUpstream, closed: Opens, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    none_known(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEY_OF_THE_GATEWAY", "from-the-file")
    file = tmp_path / "older.yaml"
    monkeypatch.setenv("PROMPTUARY_CONFIG", str(file))
    file.write_text(
        "portkey: {api_key: '${KEY_OF_THE_GATEWAY}', base_url: 'https://api.portkey.ai'}"
    )
    monkeypatch.setenv("OPENAI_API_KEY", "not-for-the-hosted-one")
    hosted = portkey.connect("portkey:@openai/small")
    assert await hosted._sign("", b"") == {
        "x-portkey-api-key": "from-the-file",
        "x-portkey-provider": "openai",
    }
    file.write_text(f"portkey: {{api_key: '${{NOT_SET}}', base_url: '{upstream.address}'}}")
    await closed(portkey.connect("portkey:@openai/small")).reply(ASKED)
    (received,) = upstream.received
    assert received.path == "/v1/chat/completions"
    assert "x-portkey-api-key" not in received.headers
    file.write_text("portkey: {api_key: '${NOT_SET}', base_url: 'https://api.portkey.ai'}")
    with pytest.raises(Misconfigured, match="needs PORTKEY_API_KEY"):
        portkey.connect("portkey:@openai/small")


@pytest.mark.parametrize(
    ("name", "header", "own"),
    [("gemini", "x-goog-api-key", "{key}"), ("portkey", "authorization", "Bearer {key}")],
)
async def test_gemini_is_asked_with_either_name_of_its_key(
    upstream: FakeChatUpstream,
    closed: Opens,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    header: str,
    own: str,
) -> None:
    for each in KEYS:
        monkeypatch.delenv(each)
    monkeypatch.setenv("GEMINI_API_KEY", "the-only-key")
    opened = {"gemini": gemini.connect, "portkey": portkey.connect}[name]
    await closed(opened(f"{name}:@google/s")).reply(ASKED)
    (received,) = upstream.received
    assert received.headers[header] == own.format(key="the-only-key")


@pytest.mark.parametrize(
    "header", ["api-key", "provider", "virtual-key", "config", "trace-id", "metadata"]
)
async def test_each_header_of_the_gateway_has_a_variable_and_is_sent_only_if_that_is_set(
    monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    none_known(monkeypatch)
    monkeypatch.setenv("PORTKEY_API_KEY", "the-key-of-the-gateway")
    usual = await portkey.connect("portkey:@openai/small")._sign("", b"")
    assert usual.keys() == {"x-portkey-api-key", "x-portkey-provider"}
    monkeypatch.setenv(f"PORTKEY_{header.upper().replace('-', '_')}", "what-was-set")
    headers = await portkey.connect("portkey:@openai/small")._sign("", b"")
    assert headers[f"x-portkey-{header}"] == "what-was-set"
    routed = {"x-portkey-provider"} if header in {"virtual-key", "config"} else set()
    assert headers.keys() == (usual.keys() | {f"x-portkey-{header}"}) - routed


async def test_ollama_is_asked_where_it_is_said_to_live(
    upstream: FakeChatUpstream, closed: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", upstream.address.removeprefix("http://"))
    assert (await closed(ollama.connect("ollama:small")).reply(ASKED)).text == "one two"


@pytest.mark.parametrize("token", ["", "a+token/="])
def test_a_signature_is_the_one_that_the_sdk_of_aws_makes(token: str) -> None:
    # Made with botocore 1.44.5 from AWS's example key.
    made = {
        "": "c562a017ec314a3b4287e82bd2b6c8ea548cd861eeb9dc669d7764c13ddfedc9",
        "a+token/=": "bd0d0085d90a7c6979956b5a8ee5fe8d49e872afabe854ccf0d2aa1d3611139a",
    }
    who = aws.Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
    host = "https://bedrock-runtime.eu-west-1.amazonaws.com"
    url = f"{host}/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse"
    now = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
    body = b'{"messages": []}'
    headers = aws.signed(url, body, who=who, where="eu-west-1", service="bedrock", now=now)
    assert headers["authorization"].endswith(f"Signature={made[token]}")
    assert headers.get("x-amz-security-token", "") == token


async def test_credentials_of_a_profile_sign_a_request(
    upstream: FakeChatUpstream, closed: Opens, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK")
    kept, config = tmp_path / "credentials", tmp_path / "config"
    kept.write_text("[default]\naws_access_key_id = AKID\naws_secret_access_key = hidden-secret\n")
    config.write_text("[default]\nregion = eu-central-1\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(kept))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    assert (await closed(ALL["bedrock"]()).reply(ASKED)).text == "one two"
    said = upstream.received[0].headers["authorization"]
    assert said.startswith("AWS4-HMAC-SHA256 Credential=AKID/")
    assert "/eu-central-1/bedrock/aws4_request" in said
    assert "hidden-secret" not in str(upstream.received)


@pytest.mark.parametrize("name", [name for name in ALL if name != "ollama"])
def test_without_a_key_nothing_is_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    none_known(monkeypatch)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(Misconfigured, match=r"_API_KEY|AWS_"):
        ALL[name]()


@pytest.mark.parametrize(
    ("connect", "url"),
    [
        (openai.connect, "openai:"),
        (openai.connect, "openai:small?key=sk-123456"),
        (http.connect, "http://localhost/v1"),
        (http.connect, "http:?model=small"),
        (http.connect, "http://localhost/v1?model=small&colour=red"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    connect: Callable[[str], object], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_known(monkeypatch, "http://localhost:1")
    with pytest.raises(Misconfigured) as raised:
        connect(url)
    assert "sk-123456" not in str(raised.value)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("fault", ["echo401", "echo200", "close", "not_json"])
async def test_no_key_is_printed_logged_or_told(
    upstream: FakeChatUpstream,
    closed: Opens,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    name: str,
    fault: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    model = closed(ALL[name]())
    upstream.faults.extend([fault, fault])
    told = [repr(model), str(vars(model))]
    for work in (model.reply(ASKED), anext(model.stream(ASKED))):
        try:
            told.append(str(await work))
        except PromptuaryError as error:
            told += ["".join(format_exception(error)), str(vars(error))]
    told += [caplog.text, *capfd.readouterr()]
    assert [each for each in KEYS if secret(each) in "".join(told)] == []


def test_a_key_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    none_known(monkeypatch)
    (tmp_path / "key").write_text("from a file\n")
    (tmp_path / "GROQ_API_KEY").write_text("from the store\n")
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("PROMPTUARY_SECRETS", str(tmp_path))
    assert variable("OPENAI_API_KEY") == "from a file"
    assert variable("GROQ_API_KEY") == "from the store"
    monkeypatch.setenv("GROQ_API_KEY", "from the environment")
    assert variable("GROQ_API_KEY") == "from the environment"
    monkeypatch.setenv("MISTRAL_API_KEY_FILE", str(tmp_path))
    with pytest.raises(Misconfigured, match="MISTRAL_API_KEY_FILE"):
        variable("MISTRAL_API_KEY")
