"""An endpoint that moderates: believed only when it makes sense, asked in bounded time, and never
told what the rules refuse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from promptuary import Promptuary
from promptuary.adapters.moderators.openai import AT_ONCE, LONGEST, OpenAIModerator, connect
from promptuary.domain.errors import (
    BadReply,
    Misconfigured,
    PromptuaryError,
    RateLimited,
    TimedOut,
    Unavailable,
)
from promptuary.domain.prompts import IncomingPrompt
from promptuary.resilience.judging_beside import TwoModerators
from promptuary.settings import Settings
from promptuary.testing.fakes.moderator import WordModerator
from promptuary.testing.fakes.serving import Answered, FakeServer, Received, as_json
from promptuary.testing.moderator import ModeratorContract

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
KEY = "a-key-that-nobody-may-read"
WORD = "attack"


def answered(received: Received, fault: str) -> Answered:
    """Flags what holds the word, in the form of OpenAI's moderations."""
    results = [
        {
            "flagged": WORD in text,
            "categories": {"violence": WORD in text, "hate": False},
            "category_scores": {"violence": 0.75 if WORD in text else 0.01, "hate": 0.02},
        }
        for text in received.body["input"]
    ]
    match fault:
        case "few":
            results = results[1:]
        case "null":
            return as_json({"results": None})
        case "silent":
            results = [{"flagged": True, "categories": {}}]
        case "nan":
            results[0]["category_scores"] = {"violence": float("nan")}
        case "maybe":
            results[0]["flagged"] = "perhaps"
    return as_json({"id": "modr-1", "model": received.body["model"], "results": results})


@pytest.fixture(scope="module")
def running() -> Iterator[FakeServer]:
    with FakeServer(answered) as fake:
        yield fake


@pytest.fixture
def fake(running: FakeServer, monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{running.address}/v1")
    running.faults.clear()
    running.received.clear()
    return running


@pytest.fixture
async def moderator(fake: FakeServer) -> AsyncIterator[OpenAIModerator]:
    opened = connect("openai:omni?timeout=20")
    yield opened
    await opened.aclose()


class TestOpenAIModerator(ModeratorContract):
    @pytest.fixture
    def secret(self) -> str:
        return WORD


async def test_the_whole_of_every_text_is_asked_about(
    fake: FakeServer, moderator: OpenAIModerator
) -> None:
    long = "x " * LONGEST + WORD
    verdicts = await moderator.review(["", *["Hello."] * AT_ONCE, long])
    assert [at for at, verdict in enumerate(verdicts) if not verdict.allowed] == [AT_ONCE + 1]
    assert verdicts[-1].scores == {"violence": 0.75}
    assert sum(len(each.body["input"]) for each in fake.received) == AT_ONCE + 3
    assert {each.path for each in fake.received} == {"/v1/moderations"}
    assert {each.headers["authorization"] for each in fake.received} == {f"Bearer {KEY}"}


@contextmanager
def raised(kind: type[PromptuaryError]) -> Iterator[None]:
    with pytest.raises(kind) as caught:
        yield
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("429", RateLimited),
        ("500", Unavailable),
        ("401", Misconfigured),
        ("echo401", Misconfigured),
        ("close", Unavailable),
        ("html", BadReply),
        ("not_json", BadReply),
        ("few", BadReply),
        ("null", BadReply),
        ("silent", BadReply),
        ("nan", BadReply),
        ("maybe", BadReply),
    ],
)
async def test_what_goes_wrong_is_typed_and_nothing_is_taken_for_harmless(
    fake: FakeServer, moderator: OpenAIModerator, fault: str, kind: type[PromptuaryError]
) -> None:
    fake.faults.append(fault)
    with raised(kind):
        await moderator.review([f"Plan an {WORD}."])


async def test_an_endpoint_that_hangs_is_given_up_in_time(fake: FakeServer) -> None:
    moderator = connect("openai:omni?timeout=0.2")
    fake.faults.append("hang")
    with raised(TimedOut):
        await moderator.review(["Hello."])
    await moderator.aclose()


async def test_what_the_rules_refuse_is_not_sent_and_their_word_stands_in_an_outage(
    fake: FakeServer, moderator: OpenAIModerator
) -> None:
    both = TwoModerators(WordModerator("password"), moderator)
    texts = ["my password", f"an {WORD}", "Hello."]
    assert [each.allowed for each in await both.review(texts)] == [False, False, True]
    assert fake.received[0].body["input"] == texts[1:]
    fake.faults.append("503")
    assert [each.allowed for each in await both.review(texts)] == [False, True, True]
    fake.faults.append("401")
    with raised(Misconfigured):
        await both.review(texts)
    sent = len(fake.received)
    assert [each.allowed for each in await both.review(texts[:1])] == [False]
    assert len(fake.received) == sent


@pytest.mark.parametrize("url", ["openai:", "openai:m?timeout=0", "openai:m?pii=allow"])
def test_an_address_that_cannot_be_is_refused_at_once(fake: FakeServer, url: str) -> None:
    with pytest.raises(Misconfigured):
        connect(url)


def test_a_key_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(Misconfigured, match="OPENAI_API_KEY"):
        connect("openai:omni")


async def test_a_home_that_names_one_refuses_what_it_flags(
    fake: FakeServer, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, moderator_beside="openai:omni?timeout=20")
    async with await Promptuary.open(settings=settings) as opened:
        refused = await opened.submit(IncomingPrompt(f"Plan an {WORD}."))
        assert refused.prompt.status == "rejected"
        assert refused.prompt.verdict.reason == "omni says: violence"
        fake.faults.append("503")
        passed = (await opened.submit(IncomingPrompt(f"An {WORD}!"))).prompt
        assert (passed.status, passed.verdict.unasked) == ("safe", ("omni",))
        kept = (await opened.prompt(passed.id)).prompt
        assert kept.verdict.unasked == ("omni",)
        (part,) = [each for each in (await opened.health()).parts if each.name == "moderator"]
        assert part.state == "degraded"
        assert "judged by rules alone since then: 1" in part.detail
        assert (await opened.submit(IncomingPrompt("A picnic."))).prompt.status == "safe"
        assert (await opened.health()).status == "healthy"


async def test_where_it_is_vital_prompts_are_turned_away_while_it_is_away(
    fake: FakeServer, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path, moderator_beside="openai:omni?timeout=20", moderator_failure="closed"
    )
    async with await Promptuary.open(settings=settings) as opened:
        fake.faults.append("503")
        with pytest.raises(Unavailable):
            await opened.ingest(["A picnic."])
        assert (await opened.prompts()).total == 0
        assert (await opened.ingest(["A picnic."])).accepted == 1
