"""Single texts that come at the same time, embedded together: the same port in and out."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
from anyio.lowlevel import checkpoint

from promptuary.domain.errors import PromptuaryError, Rejected
from promptuary.domain.vectors import Space, Vectors
from promptuary.ports.embedder import Embedder, Purpose

WINDOW = 0.0015
"""Seconds that the first of them waits for others, once there are others."""

TOGETHER = 64
"""Texts at the most; whoever comes then begins anew."""


class _Gathering:
    """Texts on their way together. When it is `over` there are rows or an error; neither means that
    whoever led it went away, and those who followed begin again."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.over = anyio.Event()
        self.full = anyio.Event()
        self.rows: Vectors | None = None
        self.error: PromptuaryError | None = None


class GatheringEmbedder:
    """Calls with one text each are joined; calls with more go straight on.

    The first to come leads: it waits `window` seconds, embeds for all, and wakes the others. A call
    that nobody joins at once, while nobody is being embedded for, does not wait. Any of them may be
    cancelled without harm to the rest. When the model rejects the texts together, each is tried by
    itself, so a bad one fails alone.
    """

    def __init__(
        self, embedder: Embedder, *, window: float = WINDOW, together: int = TOGETHER
    ) -> None:
        self._embedder = embedder
        self._window = window
        self._together = together
        self._open: dict[Purpose, _Gathering] = {}
        self._under_way = 0

    @property
    def space(self) -> Space:
        """The wrapped embedder's."""
        return self._embedder.space

    async def embed(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """As the port says."""
        if len(texts) != 1:
            return await self._embedder.embed(texts, purpose=purpose)
        while True:
            gathering = self._open.get(purpose)
            leads = gathering is None
            if gathering is None:
                gathering = self._open[purpose] = _Gathering()
            place = self._join(gathering, texts[0], purpose)
            if leads:
                await self._lead(gathering, purpose)
            else:
                await gathering.over.wait()
            if gathering.rows is not None:
                return gathering.rows[place : place + 1]
            if gathering.error is not None:
                return await self._alone(gathering, texts[0], purpose)

    async def aclose(self) -> None:
        """Close the wrapped embedder."""
        await self._embedder.aclose()

    def _join(self, gathering: _Gathering, text: str, purpose: Purpose) -> int:
        gathering.texts.append(text)
        if len(gathering.texts) >= self._together:
            self._shut(gathering, purpose)
        return len(gathering.texts) - 1

    def _shut(self, gathering: _Gathering, purpose: Purpose) -> None:
        gathering.full.set()
        if self._open.get(purpose) is gathering:
            del self._open[purpose]

    async def _lead(self, gathering: _Gathering, purpose: Purpose) -> None:
        try:
            await checkpoint()  # whoever came at the same moment joins meanwhile
            if self._under_way or len(gathering.texts) > 1:
                with anyio.move_on_after(self._window):
                    await gathering.full.wait()
            self._shut(gathering, purpose)
            gathering.rows = await self._together_now(gathering.texts, purpose)
        except PromptuaryError as error:
            gathering.error = error
        finally:
            self._shut(gathering, purpose)
            gathering.over.set()

    async def _together_now(self, texts: Sequence[str], purpose: Purpose) -> Vectors:
        self._under_way += 1
        try:
            return await self._embedder.embed(texts, purpose=purpose)
        finally:
            self._under_way -= 1

    async def _alone(self, gathering: _Gathering, text: str, purpose: Purpose) -> Vectors:
        assert gathering.error is not None  # noqa: S101 - for the type checker; the caller looked
        if isinstance(gathering.error, Rejected) and len(gathering.texts) > 1:
            return await self._embedder.embed([text], purpose=purpose)
        raise gathering.error
