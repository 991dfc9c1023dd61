"""A moderator with another one beside it: the same port in and out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from promptuary.domain.errors import Unavailable
from promptuary.domain.prompts import Verdict
from promptuary.ports.moderator import Moderator


class TwoModerators:
    """What the first refuses is refused, and not shown to the second, which judges the rest; what
    the first replaces, the second sees replaced.

    While the second is Unavailable (too slow, too busy, talking nonsense) the first one's verdicts
    stand, naming who was not asked, and `ping` says so: prompts are not turned away for an outage
    of somebody else's. Where it is `vital` they are, with Unavailable. A wrong key or address is
    raised as it is.
    """

    def __init__(self, first: Moderator, second: Moderator, *, vital: bool = False) -> None:
        self._first = first
        self._second = second
        self._vital = vital
        self._away: Unavailable | None = None
        self._unasked = 0

    @property
    def name(self) -> str:
        """Both."""
        return f"{self._first.name}, {self._second.name}"

    async def review(self, texts: Sequence[str]) -> list[Verdict]:
        """One verdict per text, in order."""
        verdicts = await self._first.review(texts)
        passed = [at for at, verdict in enumerate(verdicts) if verdict.allowed]
        if not passed:
            return verdicts
        shown = [verdicts[at].text for at in passed]
        left = [texts[at] if text is None else text for at, text in zip(passed, shown, strict=True)]
        try:
            said = await self._second.review(left)
        except Unavailable as error:
            self._away = error
            self._unasked += len(passed)
            if self._vital:
                raise
            missed = (self._second.name,)
            for at in passed:
                verdicts[at] = replace(verdicts[at], unasked=(*verdicts[at].unasked, *missed))
            return verdicts
        self._away, self._unasked = None, 0
        for at, verdict in zip(passed, said, strict=True):
            verdicts[at] = _joined(verdicts[at], verdict)
        return verdicts

    async def ping(self) -> None:
        """Raise Unavailable where the second could not be asked the last time."""
        await self._first.ping()
        await self._second.ping()
        if self._away is not None:
            what = "turned away" if self._vital else f"judged by {self._first.name} alone"
            raise Unavailable(
                f"{self._second.name} could not be asked: {self._away}; "
                f"texts {what} since then: {self._unasked:,}"
            )

    async def aclose(self) -> None:
        """Close both."""
        await self._first.aclose()
        await self._second.aclose()


def _joined(first: Verdict, second: Verdict) -> Verdict:
    """The second's word over a text that the first lets pass."""
    if second.allowed and second.text is None:
        return first
    masked = {
        kind: first.masked.get(kind, 0) + second.masked.get(kind, 0)
        for kind in {**first.masked, **second.masked}
    }
    text = first.text if second.text is None else second.text
    return replace(second, text=text, masked=masked, unasked=first.unasked)
