"""Chat models as the settings ask for them, and whether their providers are there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import aclosing
from io import StringIO
from pathlib import Path

import pytest

from chats.keys import KEYS, all_known, none_known, secret
from promptuary.adapters._remote.keys import variable
from promptuary.adapters.clocks.system import SystemClock
from promptuary.cli.running import run
from promptuary.domain.chats import ChatOptions, Message
from promptuary.domain.errors import BudgetSpent, Misconfigured, TimedOut, Unavailable
from promptuary.providers import Tally, chat_model_of, ping
from promptuary.settings import Settings
from promptuary.testing.fakes.chat_upstream import FakeChatUpstream
from promptuary.testing.fakes.clock import HandClock

pytestmark = pytest.mark.anyio
ASKED = [Message("user", "one two three")]
CHAIN = ("openai:gpt-4o-mini", "anthropic:claude-haiku-4-5")


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeChatUpstream]:
    monkeypatch.chdir(tmp_path)
    with FakeChatUpstream() as fake:
        all_known(monkeypatch, fake.address)
        yield fake


class Hurried(HandClock):
    """Whoever sleeps moves the time on."""

    async def sleep(self, seconds: float) -> None:
        await self.advance(seconds)


def contents(folder: Path) -> bytes:
    """All that stands in its files."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_without_a_model_nobody_is_asked(tmp_path: Path) -> None:
    async with chat_model_of(Settings(home=tmp_path), SystemClock(), Tally()) as model:
        assert model is None


async def test_a_reply_says_what_it_cost_and_is_counted(
    upstream: FakeChatUpstream, tmp_path: Path
) -> None:
    settings, tally = Settings(home=tmp_path, chat_models=CHAIN[:1]), Tally()
    async with chat_model_of(settings, SystemClock(), tally) as model:
        assert model
        reply = await model.reply(ASKED)
        async with aclosing(model.stream(ASKED)) as pieces:
            last = [piece async for piece in pieces][-1]
    assert reply.usage.cost == pytest.approx(3 * 0.15e-6 + 3 * 0.6e-6)
    assert last.usage == reply.usage
    (total,) = tally.totals
    assert (total.provider, total.model, total.calls, total.up) == (
        "openai",
        "gpt-4o-mini",
        2,
        True,
    )
    assert total.cost == pytest.approx(2 * reply.usage.cost)


async def test_the_next_one_replies_while_the_first_is_down(
    upstream: FakeChatUpstream, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, chat_models=CHAIN, chat_attempts=1)
    tally = Tally()
    async with chat_model_of(settings, SystemClock(), tally) as model:
        assert model
        upstream.faults.append("503")
        assert (await model.reply(ASKED)).model == "anthropic/claude-haiku-4-5"
    assert [(each.provider, each.failures, each.up) for each in tally.totals] == [
        ("openai", 1, False),
        ("anthropic", 0, True),
    ]


async def test_a_budget_holds_over_a_restart(upstream: FakeChatUpstream, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, chat_models=CHAIN[:1], chat_daily_requests=1)
    async with chat_model_of(settings, SystemClock(), Tally()) as model:
        assert model
        await model.reply(ASKED, options=ChatOptions(tenant="a"))
    async with chat_model_of(settings, SystemClock(), Tally()) as model:
        assert model
        with pytest.raises(BudgetSpent):
            await model.reply(ASKED, options=ChatOptions(tenant="a"))
        assert await model.reply(ASKED, options=ChatOptions(tenant="b"))


async def test_a_budget_in_dollars_needs_the_price_of_every_model(
    upstream: FakeChatUpstream, tmp_path: Path
) -> None:
    own = tmp_path / "prices.json"
    listed = {"provider": "openai", "as_of": "2030-01-01", "models": {"odd": [1, 2]}}
    own.write_text(json.dumps([listed]))
    asked = {"home": tmp_path, "chat_models": (CHAIN[0], "openai:odd"), "chat_daily_dollars": 5}
    with pytest.raises(Misconfigured, match="openai/odd"):
        async with chat_model_of(Settings(**asked), SystemClock(), Tally()):
            pass
    async with chat_model_of(Settings(**asked, chat_prices=own), SystemClock(), Tally()) as model:
        assert model


async def test_no_key_gets_into_a_file_of_the_home(
    upstream: FakeChatUpstream, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, chat_models=CHAIN, chat_daily_tokens=10_000)
    async with chat_model_of(settings, SystemClock(), Tally()) as model:
        assert model
        await model.reply(ASKED)
        upstream.faults.append("echo401")
        with pytest.raises(Misconfigured):
            await model.reply(ASKED)
    kept = contents(tmp_path)
    assert kept
    assert [name for name in KEYS if secret(name).encode() in kept] == []


async def test_every_provider_is_pinged(upstream: FakeChatUpstream, tmp_path: Path) -> None:
    upstream.faults.append("401")
    settings = Settings(home=tmp_path, chat_models=("groq:small",))
    asked = {each.provider: each for each in await ping(settings, SystemClock())}
    assert (asked["groq"].state, asked["groq"].model) == ("failed", "small")
    assert "MISCONFIGURED" in asked["groq"].detail
    assert {each.state for name, each in asked.items() if name != "groq"} == {"not configured"}
    assert "openai:MODEL" in asked["openai"].detail
    assert len(upstream.received) == 1


async def test_what_may_pass_is_pinged_again(upstream: FakeChatUpstream, tmp_path: Path) -> None:
    upstream.faults.extend(["503", "503"])
    (first, *_) = await ping(Settings(home=tmp_path, chat_models=CHAIN[:1]), Hurried())
    assert first.state == "connected"
    assert len(upstream.received) == 3


def test_ping_is_a_command(
    upstream: FakeChatUpstream,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PROMPTUARY_CHAT_MODELS", ",".join(CHAIN))
    assert run(["ping", "--home", str(tmp_path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    states = [each["state"] for each in said["providers"]]
    assert states == ["connected"] * 2 + ["not configured"] * 6
    upstream.faults.extend(["401"])
    assert run(["ping", "--home", str(tmp_path)]) == 3
    out = capsys.readouterr().out
    assert "failed" in out
    assert [name for name in KEYS if secret(name) in out] == []


def test_what_a_machine_without_keys_lacks_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    none_known(monkeypatch)
    monkeypatch.chdir(tmp_path)
    assert run(["ping", "--home", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "ANTHROPIC_API_KEY" in out
    assert "connected" not in out


@pytest.mark.parametrize(
    ("variables", "models"),
    [
        ({"PRIMARY_LLM_PROVIDER": "openai", "OPENAI_LLM_MODEL": "small"}, ("openai:small",)),
        ({"PRIMARY_LLM_PROVIDER": "google", "GEMINI_LLM_MODEL": "flash"}, ("gemini:flash",)),
        ({"PRIMARY_LLM_PROVIDER": "Ollama"}, ("ollama:llama3.1",)),
        ({"PROMPTUARY_CHAT_MODELS": "groq:a, openai:b"}, ("groq:a", "openai:b")),
        ({"PRIMARY_LLM_PROVIDER": "groq"}, ("groq:",)),
    ],
)
def test_names_of_other_systems_choose_a_model(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], models: tuple[str, ...]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Settings().chat_models == models


@pytest.mark.slow
async def test_a_provider_that_is_away_is_unavailable(
    upstream: FakeChatUpstream, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, chat_models=CHAIN, chat_attempts=1, chat_seconds=2)
    async with chat_model_of(settings, SystemClock(), Tally()) as model:
        assert model
        upstream.faults.extend(["hang", "close"])
        with pytest.raises(Unavailable):
            await model.reply(ASKED, options=ChatOptions(seconds=1))


async def test_a_reply_takes_no_longer_than_the_settings_say(
    upstream: FakeChatUpstream, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, chat_models=CHAIN[:1], chat_attempts=1, chat_seconds=0.4)
    async with chat_model_of(settings, SystemClock(), Tally()) as model:
        assert model
        upstream.faults.append("hang")
        with pytest.raises(TimedOut, match=r"within 0\.2 s"):
            await model.reply(ASKED)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder of secrets on a machine without keys."""
    none_known(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROMPTUARY_SECRETS", str(tmp_path / "secrets"))
    return tmp_path / "secrets"


@pytest.mark.parametrize("given", ["argument", "input"])
def test_a_key_is_kept_for_this_user_alone_and_found(
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: str,
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("sk-5ecret\n"))
    argument = ["sk-5ecret"] if given == "argument" else []
    assert run(["configure", "--api-key", "openai", *argument]) == 0
    assert "5ecret" not in "".join(capsys.readouterr())
    assert variable("OPENAI_API_KEY") == "sk-5ecret"
    assert (store / "OPENAI_API_KEY").stat().st_mode & 0o777 == 0o600
    assert store.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in store.iterdir()] == ["OPENAI_API_KEY"]


@pytest.mark.parametrize(
    ("provider", "key"),
    [("nobody", "sk-5ecret"), ("groq", ""), ("groq", "5ecret two"), ("groq", "\0")],
)
def test_what_is_no_key_is_not_kept(
    store: Path, capsys: pytest.CaptureFixture[str], provider: str, key: str
) -> None:
    assert run(["configure", "--api-key", provider, key]) == 1
    assert "5ecret" not in "".join(capsys.readouterr())
    assert not store.exists()


def test_a_place_that_cannot_be_written_is_named(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.write_text("a file stands where the folder should")
    assert run(["configure", "--api-key", "groq", "sk-5ecret"]) == 4
    assert "secrets" in capsys.readouterr().err


def test_a_chat_model_that_nothing_opens_is_found_by_a_check(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PROMPTUARY_CHAT_MODELS", "opanai:small")
    assert run(["config", "check"]) == 4
    assert "openai:" in capsys.readouterr().err
    monkeypatch.setenv("PROMPTUARY_CHAT_MODELS", "openai:small, https://host/v1?model=small")
    assert run(["config", "check"]) == 0
