"""The library as callers have it: `promptuary.library`."""

from __future__ import annotations

from collections.abc import Callable

from promptuary.library import (
    adopting,
    exchanging,
    experimenting,
    histories,
    improving,
    merging,
    rating,
    reading,
    recommending,
    rendering,
    saving,
    searching,
)
from promptuary.library import analytics as counts
from promptuary.library import labels as pointing
from promptuary.library.compiling import Renderer
from promptuary.library.counting import Uses
from promptuary.library.finding import Cut, Finding
from promptuary.library.improving import Chat
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import UnitOfWork


async def _nobody() -> None:
    """No chat model."""


class Library:
    """Kept prompts: saved, labelled, read, rated. A `tenant` never sees what another keeps.

    `changed` is called whenever something was written that an index must hear of. Without `finding`
    nothing can be searched; `cut` takes the text of an adopted template apart;
    `chat` gives the model that may reword prompts.
    """

    def __init__(
        self,
        record: UnitOfWork,
        clock: Clock,
        changed: Callable[[], None],
        *,
        finding: Finding | None = None,
        cut: Cut = lambda text: (text,),
        chat: Chat = _nobody,
    ) -> None:
        self._chat = chat
        self._finding = finding
        self._cut = cut
        self._record = record
        self._clock = clock
        self._changed = changed
        self._uses = Uses(record, clock)
        self._renderer = Renderer()

    save = saving.save
    describe = saving.describe
    archive = saving.archive
    restore = saving.restore
    get = reading.get
    versions = reading.versions
    branches = reading.branches
    diff = reading.diff
    list = reading.listed
    audit = reading.audit
    ratings = reading.ratings
    misses = reading.misses
    label = pointing.label
    unlabel = pointing.unlabel
    labels = pointing.labels
    merge = merging.merge_branch
    adopt = adopting.adopt
    shadows = adopting.shadows
    search = searching.find
    similar = searching.similar
    refine = improving.refine
    begin_experiment = experimenting.begin_experiment
    stop_experiment = experimenting.stop_experiment
    serve = experimenting.serve
    judge = experimenting.judge
    analytics = counts.analytics
    recommend = recommending.recommend
    slot_values = recommending.slot_values
    rate = rating.rate
    render = rendering.render
    slots = rendering.slots
    export_history = histories.export_history
    import_history = histories.import_history
    import_file = exchanging.import_file
    export_file = exchanging.export_file

    async def aclose(self) -> None:
        """Write the counts that were gathered; closing twice is harmless."""
        await self._uses.aclose()
