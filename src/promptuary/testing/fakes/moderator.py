"""A fake Moderator that refuses texts with given words."""

from __future__ import annotations

from collections.abc import Sequence

from promptuary.domain.prompts import Verdict


class WordModerator:
    """Refuses what contains one of the words; allows everything when there are none."""

    def __init__(self, *words: str) -> None:
        self._words = words

    @property
    def name(self) -> str:
        """What the record notes as the judge."""
        return "fake"

    async def review(self, texts: Sequence[str]) -> list[Verdict]:
        """One verdict per text, in order."""
        return [self._judge(text) for text in texts]

    def _judge(self, text: str) -> Verdict:
        if any(word in text for word in self._words):
            return Verdict(allowed=False, scores={"policy": 1.0}, reason="a word is refused")
        return Verdict(allowed=True)

    async def ping(self) -> None:
        """Nobody else is asked."""

    async def aclose(self) -> None:
        """Nothing is held."""
