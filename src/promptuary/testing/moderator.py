"""What every Moderator promises. Subclass it and give it `moderator` and `secret` fixtures."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promptuary.ports.moderator import Moderator

HARMLESS = "Translate the following sentence into French: the library opens at nine."
TEXTS = st.text(alphabet=st.characters(), max_size=200)


@pytest.mark.anyio
class ModeratorContract:
    """`secret` is something the moderator refuses wherever it stands between two spaces."""

    async def test_it_has_a_name(self, moderator: Moderator) -> None:
        assert moderator.name

    async def test_no_text_gives_no_verdict(self, moderator: Moderator) -> None:
        assert await moderator.review([]) == []

    async def test_each_text_gets_its_verdict_in_order(
        self, moderator: Moderator, secret: str
    ) -> None:
        verdicts = await moderator.review([HARMLESS, f"Use {secret} for it", "", HARMLESS])
        assert [verdict.allowed for verdict in verdicts] == [True, False, True, True]

    async def test_a_refusal_names_categories_and_a_reason(
        self, moderator: Moderator, secret: str
    ) -> None:
        (verdict,) = await moderator.review([f"Use {secret} for it"])
        assert verdict.scores
        assert verdict.reason

    async def test_a_reason_never_repeats_the_secret(
        self, moderator: Moderator, secret: str
    ) -> None:
        (verdict,) = await moderator.review([f"Use {secret} for it"])
        assert secret not in f"{verdict.reason} {dict(verdict.scores)}"

    async def test_whoever_has_judged_is_well(self, moderator: Moderator) -> None:
        await moderator.review([HARMLESS])
        await moderator.ping()

    async def test_what_is_allowed_has_no_reason(self, moderator: Moderator) -> None:
        (verdict,) = await moderator.review([HARMLESS])
        assert verdict.reason is None

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(texts=st.lists(TEXTS, max_size=4))
    async def test_any_text_gets_a_sound_verdict(
        self, moderator: Moderator, texts: list[str]
    ) -> None:
        verdicts = await moderator.review(texts)
        assert len(verdicts) == len(texts)
        for verdict in verdicts:
            assert verdict.allowed == (verdict.reason is None)
            assert all(0 < score <= 1 for score in verdict.scores.values())

    async def test_many_tasks_may_ask_at_once(self, moderator: Moderator, secret: str) -> None:
        asked = [moderator.review([HARMLESS, f"Use {secret} for it"]) for _ in range(20)]
        answers = await asyncio.gather(*asked)
        assert all(answer == answers[0] for answer in answers)

    async def test_closing_twice_is_harmless(self, moderator: Moderator) -> None:
        await moderator.aclose()
        await moderator.aclose()
