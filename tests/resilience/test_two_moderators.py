"""What two moderators say together, and what is said while one of them is away."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from promptuary.adapters.moderators.rules import connect
from promptuary.domain.errors import Unavailable
from promptuary.domain.prompts import Verdict
from promptuary.resilience.judging_beside import TwoModerators
from promptuary.testing.fakes.moderator import WordModerator

pytestmark = pytest.mark.anyio
LETTER = "Write to ann@example.org about it."


class Outside(WordModerator):
    """Remembers what it was shown; away while told so."""

    def __init__(self, *words: str) -> None:
        super().__init__(*words)
        self.shown: list[str] = []
        self.away = False

    async def review(self, texts: Sequence[str]) -> list[Verdict]:
        if self.away:
            raise Unavailable("nobody answers")
        self.shown += texts
        return await super().review(texts)


async def test_the_second_sees_what_the_first_replaced_and_its_refusal_keeps_it_replaced():
    outside = Outside("about")
    both = TwoModerators(connect("rules:?pii=mask"), outside)
    (refused,) = await both.review([LETTER])
    assert outside.shown == ["Write to [EMAIL] about it."]
    assert (refused.status, refused.text) == ("rejected", outside.shown[0])
    assert dict(refused.masked) == {"email": 1}
    (passed,) = await both.review(["Write to ann@example.org."])
    assert (passed.status, passed.text) == ("masked", "Write to [EMAIL].")


async def test_an_outage_is_named_in_each_verdict_and_by_a_ping_until_it_is_over():
    outside = Outside()
    both = TwoModerators(connect("rules:"), outside)
    outside.away = True
    verdicts = await both.review([LETTER, "Good morning."])
    assert [(each.allowed, each.unasked) for each in verdicts] == [(True, ("fake",))] * 2
    with pytest.raises(Unavailable, match=r"nobody answers; texts judged by rules alone.*: 2"):
        await both.ping()
    outside.away = False
    (after,) = await both.review([LETTER])
    assert after.unasked == ()
    await both.ping()


async def test_where_the_second_is_vital_nothing_passes_without_it():
    outside = Outside()
    both = TwoModerators(connect("rules:"), outside, vital=True)
    outside.away = True
    with pytest.raises(Unavailable, match="nobody answers"):
        await both.review([LETTER])
    with pytest.raises(Unavailable, match="turned away"):
        await both.ping()
