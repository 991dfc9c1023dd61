"""Whether everything is all right: what the watch over the cameras noticed, said in a turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import TypeAlias

from promptuary.conversation import tongues, wording
from promptuary.conversation.executing import Asking, filter_of
from promptuary.domain.conversations import Carried, Plan, Reply
from promptuary.domain.events import Window
from promptuary.domain.insights import Notice
from promptuary.ports.unit_of_work import UnitOfWork

Looked: TypeAlias = tuple[list[Notice], datetime | None]
Look: TypeAlias = Callable[[datetime, datetime, Sequence[str] | None], Awaitable[Looked]]
"""What was noticed from then until now, at these cameras (None: all, and the site as a whole); and
until when events were only counted, if there were too many to look at each."""

ONLY_COUNTED = (
    "Before {} there were too many events to look at each of them: "
    "there I would have noticed silences, but hardly anything else."
)


async def looked(
    record: UnitOfWork,
    answer: tuple[Reply, Carried],
    asking: Asking,
    look: Look,
    cameras: Sequence[str] | None,
) -> tuple[Reply, Carried]:
    """The answer to a question whether all is well with what was noticed in its time and at its
    cameras; any other answer as it is. `cameras` are those that may be seen (None: all)."""
    reply, carried = answer
    plan = reply.plan
    if plan is None or plan.operation != "unusual":
        return answer
    where = filter_of(plan, asking)
    only = where.cameras if plan.cameras or cameras is not None else None
    since = min((each.start or asking.now for each in where.windows), default=asking.now)
    found, counted = await look(since, asking.now, only)
    noticed = [each for each in found if _within(each, where.windows, plan)]
    ids = list(dict.fromkeys(chain.from_iterable(each.evidence_ids for each in noticed)))
    async with record.read() as tx:
        events = await tx.seen.get(ids[: asking.limit])
    evidence = tuple(each for each in events if asking.site.camera(each.camera))
    ideas = (*(wording.played(plan) if evidence else ()), *reply.follow_ups[-1:])
    text = wording.noticed(plan, noticed, reply, asking)
    if counted is not None and since < counted and reply.total:
        said = tongues.counted_before(plan, counted, asking)
        text += f" {said or ONLY_COUNTED.format(wording.at(counted, asking))}"
    patterns = {key: each.pattern for each in reversed(noticed) for key in each.evidence_ids}
    reply = replace(
        reply,
        text=text,
        value=len(noticed),
        evidence=evidence,
        follow_ups=ideas,
        patterns={each.id: patterns[each.id] for each in evidence},
    )
    return reply, replace(carried, shown=tuple(each.id for each in evidence), focus=None)


def _within(notice: Notice, windows: Sequence[Window], plan: Plan) -> bool:
    """Whether it is of the time and the things that are asked about."""
    overlaps = any(
        (each.end is None or notice.start < each.end)
        and (each.start is None or notice.end >= each.start)
        for each in windows
    )
    return overlaps and (not plan.labels or not notice.label or notice.label in plan.labels)
