"""How often a caller may ask."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.api.keys import Caller
from promptuary.api.limits import Limiter, TooOften
from promptuary.domain.errors import Unavailable
from promptuary.domain.keys import SCOPES
from promptuary.settings import Settings

from .sites import serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


class Counters:
    """A fake cache that can be sent away; it only counts."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.away: type[Exception] | None = None
        self.asked = 0

    async def increment(self, key: str, amount: int, *, ttl: timedelta) -> int:
        self.asked += 1
        if self.away:
            raise self.away("the cache is away")
        self.counts[key] = self.counts.get(key, 0) + amount
        return self.counts[key]


class Turned:
    """A clock turned by hand."""

    def __init__(self, at: float = 6_000_000.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def limiter(counters: Counters, clock: Turned, **values) -> Limiter:
    return Limiter(counters, Settings(**values), now=clock)


CALLER = Caller("k1", SCOPES)


async def allowed(limits: Limiter, number: int, caller: Caller = CALLER) -> int:
    """How many of so many requests are let through."""
    passed = 0
    for _ in range(number):
        try:
            await limits.count(caller, "read")
        except TooOften:
            continue
        passed += 1
    return passed


async def test_as_many_as_the_limit_are_let_through_and_no_more():
    assert await allowed(limiter(Counters(), Turned()), 130) == 100


async def test_keys_and_endpoints_are_counted_apart():
    limits = limiter(Counters(), Turned(), rate_limit_per_minute=1)
    assert await limits.count(CALLER, "read")
    assert await limits.count(CALLER, "write")
    assert await limits.count(Caller("k2", SCOPES), "read")
    with pytest.raises(TooOften):
        await limits.count(CALLER, "read")


@given(
    times=st.lists(st.floats(0, 400), min_size=1, max_size=80).map(sorted),
    limit=st.integers(1, 20),
)
async def test_no_window_holds_more_than_twice_the_limit_and_no_minute_more_than_it(times, limit):
    clock, counters = Turned(), Counters()
    limits, passed = limiter(counters, clock, rate_limit_per_minute=limit), []
    for at in times:
        clock.at = 6_000_000 + at
        if await allowed(limits, 1):
            passed.append(at)
    for start in passed:
        assert sum(start <= at < start + 60 for at in passed) <= 2 * limit
    for minute in range(7):
        assert sum(minute * 60 <= at < minute * 60 + 60 for at in passed) <= limit


@given(spread=st.lists(st.floats(0, 59), min_size=1, max_size=12), limit=st.integers(1, 12))
async def test_who_waits_as_long_as_told_is_let_through(spread, limit):
    clock = Turned()
    limits = limiter(Counters(), clock, rate_limit_per_minute=limit)
    for at in sorted(spread):
        clock.at = 6_000_000 + at
        await allowed(limits, 1)
    clock.at = 6_000_000 + 59
    while True:
        try:
            await limits.count(CALLER, "read")
        except TooOften as refused:
            clock.at += refused.retry_after + 0.001
            break
    assert await limits.count(CALLER, "read")


async def test_a_refused_request_does_not_count():
    clock, counters = Turned(), Counters()
    limits = limiter(counters, clock, rate_limit_per_minute=2)
    await allowed(limits, 50)
    assert max(counters.counts.values()) == 2


@pytest.mark.parametrize(("own", "expected"), [(None, 100), (0, 300), (7, 7), (200, 200)])
async def test_a_key_may_have_a_limit_of_its_own_or_none(own, expected):
    limits = limiter(Counters(), Turned())
    assert await allowed(limits, 300, Caller("k", SCOPES, own)) == expected


async def test_limits_can_be_switched_off():
    assert await allowed(limiter(Counters(), Turned(), rate_limit_enabled=False), 300) == 300


@pytest.mark.parametrize("trouble", [Unavailable, TimeoutError, ConnectionError])
async def test_without_the_cache_bursts_are_cut_and_nobody_walks_in_free(trouble):
    counters = Counters()
    counters.away = trouble
    assert await allowed(limiter(counters, Turned()), 300) == 20


async def test_without_the_cache_the_minute_still_holds():
    clock, counters = Turned(), Counters()
    counters.away = Unavailable
    limits, passed = limiter(counters, clock, rate_limit_burst=60), 0
    for _ in range(5):
        passed += await allowed(limits, 100)
        clock.at += 11
    assert passed == 100


async def test_a_cache_that_is_away_is_left_in_peace_and_asked_again():
    clock, counters = Turned(), Counters()
    counters.away = Unavailable
    limits = limiter(counters, clock)
    await allowed(limits, 10)
    assert counters.asked == 1
    counters.away = None
    clock.at += 2
    await allowed(limits, 1)
    assert counters.asked > 1


async def test_own_counters_forget_what_is_long_past():
    clock, counters = Turned(), Counters()
    counters.away = Unavailable
    limits = limiter(counters, clock)
    for _ in range(100):
        await allowed(limits, 1)
        clock.at += 60
    assert len(limits._alone._counts) + len(limits._alone._older) < 60


async def test_every_answer_says_where_the_caller_stands(tmp_path):
    clock = Turned()
    async with serving(tmp_path, rate_limit_enabled=True, now=clock) as site:
        first = (await site.client.get("/api/v1/families")).headers
        second = (await site.client.get("/api/v1/families")).headers
    assert first["X-RateLimit-Limit"] == "100"
    assert (first["X-RateLimit-Remaining"], second["X-RateLimit-Remaining"]) == ("99", "98")
    assert first["X-RateLimit-Window-Seconds"] == "60"
    assert int(first["X-RateLimit-Reset"]) == clock.at + 60
    assert first["RateLimit-Policy"] == '"default";q=100;w=60'
    assert second["RateLimit"] == '"default";r=98;t=60'


async def test_who_asks_too_often_is_told_when_to_come_back(tmp_path):
    clock = Turned()
    async with serving(
        tmp_path, rate_limit_enabled=True, rate_limit_per_minute=2, now=clock
    ) as site:
        for _ in range(2):
            assert (await site.client.get("/api/v1/families")).status_code == 200
        refused = await site.client.get("/api/v1/families")
        assert refused.status_code == 429
        assert refused.json()["error_type"] == "rate_limit_exceeded"
        assert refused.headers["X-RateLimit-Remaining"] == "0"
        clock.at += int(refused.headers["Retry-After"])
        assert (await site.client.get("/api/v1/families")).status_code == 200


async def test_open_routes_are_not_limited(tmp_path):
    async with serving(tmp_path, rate_limit_enabled=True, rate_limit_per_minute=1) as site:
        answers = [await site.client.get("/livez") for _ in range(5)]
        assert {answer.status_code for answer in answers} == {200}
        assert "X-RateLimit-Limit" not in answers[0].headers
