"""May this text be kept and processed?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from promptuary.domain.prompts import Verdict


class Moderator(Protocol):
    """Looks at texts before anything else does."""

    @property
    def name(self) -> str:
        """What the record notes as the judge."""
        ...

    async def review(self, texts: Sequence[str]) -> list[Verdict]:
        """One verdict per text, in order. A refusal names its categories and a reason a person can
        read, which never repeats the secret itself. Raises Unavailable when it cannot judge.

        A verdict's `text` is what is to be kept instead, with a placeholder of `domain/masks.py`
        for each thing taken out; reviewed again, nothing more is taken out of it."""
        ...

    async def ping(self) -> None:
        """Raise Unavailable where somebody could not be asked the last time; asks nobody now."""
        ...

    async def aclose(self) -> None:
        """Release what is held; closing twice is harmless."""
        ...
