"""Which of several models is asked first, and when a budget is nearly spent."""

from __future__ import annotations

from datetime import date

import pytest

from promptuary.domain.chats import ChatUse, Message, Usage
from promptuary.domain.errors import Unavailable
from promptuary.providers import Watching
from promptuary.resilience.chats.falling_back import FallbackChatModel
from promptuary.resilience.chats.ordering import Ordering
from promptuary.resilience.chats.pricing import Price, PriceTable
from promptuary.testing.fakes.chat_model import FakeChatModel
from promptuary.testing.fakes.clock import HandClock

DAY = date(2026, 1, 1)
PRICES = PriceTable({
    "a/dear": Price(10.0, 30.0, DAY),
    "b/cheap": Price(0.1, 0.4, DAY),
    "c/middling": Price(1.0, 2.0, DAY),
})  # fmt: skip
LISTED = ["a/dear", "x/unknown", "b/cheap", "c/middling"]


def order(strategy, *uses, names=LISTED):
    ordering = Ordering(strategy, PRICES, slow=60.0)
    for name, seconds, failure in uses:
        ordering.hear(ChatUse(name, Usage(), seconds, failure))
    return [each.name for each in ordering([FakeChatModel(name=name) for name in names])]


def test_quality_is_the_order_in_which_they_were_listed():
    assert order("quality_first", ("a/dear", 50.0, "")) == LISTED


def test_the_cheapest_comes_first_and_one_of_unknown_price_keeps_its_place():
    assert order("cost_optimized") == ["b/cheap", "x/unknown", "c/middling", "a/dear"]


def test_the_quickest_so_far_comes_first_and_one_that_fails_counts_as_slow():
    assert order("speed_focused") == LISTED
    heard = [("a/dear", 4.0, ""), ("b/cheap", 1.0, ""), ("c/middling", 0.5, "TIMED_OUT")]
    assert order("speed_focused", *heard) == ["b/cheap", "x/unknown", "a/dear", "c/middling"]


def test_newer_calls_outweigh_older_ones():
    heard = [("a/dear", 1.0, ""), ("b/cheap", 2.0, ""), *[("a/dear", 9.0, "")] * 5]
    assert order("speed_focused", *heard, names=["a/dear", "b/cheap"]) == ["b/cheap", "a/dear"]


def test_balance_weighs_price_speed_and_the_listed_place():
    heard = [("a/dear", 0.5, ""), ("b/cheap", 9.0, ""), ("c/middling", 1.0, "")]
    names = ["c/middling", "a/dear", "b/cheap"]
    assert order("balanced", *heard, names=names)[0] == "c/middling"
    assert order("balanced", names=["a/dear", "b/cheap"]) == ["a/dear", "b/cheap"]


@pytest.mark.anyio
async def test_the_one_that_is_first_now_is_asked_and_the_next_stands_in():
    cheap, dear = FakeChatModel(name="b/cheap"), FakeChatModel(name="a/dear")
    chosen = Ordering("cost_optimized", PRICES, slow=60.0)
    model = FallbackChatModel(HandClock(), dear, cheap, order=chosen)
    asked = [Message("user", "Say it.")]
    assert (await model.reply(asked)).model == "b/cheap"
    cheap.replies.append(Unavailable("away"))
    assert (await model.reply(asked)).model == "a/dear"


def test_a_budget_that_comes_near_its_end_is_news_once():
    watching = Watching(0.8)
    for share in (0.5, 0.79, 0.81, 0.95):
        watching.hear("anna", ("day", "tokens"), share)
    watching.hear("bert", ("day", "tokens"), 0.2)
    (news,) = watching.news()
    assert (news.tenant, news.span, news.kind, news.near) == ("anna", "day", "tokens", True)
    assert watching.news() == []
    assert [each.share for each in watching.used] == [0.95, 0.2]
    watching.hear("anna", ("day", "tokens"), 0.1)
    watching.hear("anna", ("day", "tokens"), 0.9)
    assert len(watching.news()) == 1
