"""Does what came in lately still fit the template? Asked about one cluster, answered by counting.

The newest prompts are set against those before them: how many carry words that the template does
not have (a residual), and how many bring a value that its slot never had. New values are expected
at the rate of values seen once (Good and Turing). What is left must be more than chance gives
samples of that size (Hoeffding's bound for the difference of two shares).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import log, sqrt
from typing import Final

from promptuary.domain.drifting import Change, DriftReport, Recommendation
from promptuary.domain.errors import InvalidInput
from promptuary.domain.templates import Placement
from promptuary.ports.unit_of_work import UnitOfWork

EARLIER: Final = 400
"""So many prompts before the newest ones are what these are compared with."""
LEAST: Final = 10
"""With fewer earlier prompts nothing can be said."""
DOUBT: Final = 0.01
"""How often a stream that does not change may be said to drift, for each thing looked at."""
REWORDED: Final = 0.5
"""From this share of reworded prompts on, they are better served by a template of their own."""


async def drift(
    record: UnitOfWork, lineage_id: str, template_id: str | None = None, *, recent: int = 20
) -> DriftReport:
    """The newest `recent` prompts of the cluster against those before.

    Raises NotFound, InvalidInput for a template of another cluster.
    """
    async with record.read() as tx:
        lineage = await tx.templates.lineage(lineage_id)
        template = await tx.templates.get(template_id) if template_id else lineage.template
        if template.lineage_id != lineage.id:
            message = "the template is one of another cluster"
            raise InvalidInput(message, fields={"template_id": message})
        newest = await tx.prompts.list(lineage_id=lineage.id, limit=recent + EARLIER)
        placements = await tx.templates.placements([prompt.id for prompt in newest.items])
    lately, before = placements[:recent], placements[recent:]
    changes = tuple(_changes(lately, before)) if len(before) >= LEAST else ()
    score = max((change.score for change in changes), default=0.0)
    return DriftReport(
        lineage_id=lineage.id,
        template_id=template.id,
        recent=len(lately),
        earlier=len(before),
        score=score,
        changes=changes,
        recommendation=_advice(changes),
    )


def _changes(lately: Sequence[Placement], before: Sequence[Placement]) -> Iterable[Change]:
    was, size = _share(before), (len(lately), len(before))
    wording = _change("wording", _share(lately), was, was, size)
    names = {name for each in (*lately, *before) for name in each.slots}
    slots = [_of_slot(name, lately, before) for name in sorted(names)]
    return [change for change in (wording, *slots) if change is not None]


def _share(placements: Sequence[Placement]) -> float:
    return sum(bool(each.residual) for each in placements) / len(placements)


def _of_slot(name: str, lately: Sequence[Placement], before: Sequence[Placement]) -> Change | None:
    """How many bring a value that nobody brought; a slot that always does is not looked at."""
    known = Counter(value for each in before if (value := each.slots.get(name, "").strip()))
    fresh = [value for each in lately if (value := each.slots.get(name, "").strip())]
    if not known or not fresh:
        return None
    expected = sum(count == 1 for count in known.values()) / known.total()
    strange = sum(value not in known for value in fresh) / len(fresh)
    return _change(f"slot {name}", strange, 0.0, expected, (len(fresh), known.total()))


def _change(
    what: str, lately: float, before: float, expected: float, sizes: tuple[int, int]
) -> Change | None:
    """None where two samples of these sizes may differ as much without anything behind it."""
    excess = lately - expected
    if excess <= sqrt(log(1 / DOUBT) / 2 * sum(1 / size for size in sizes)):
        return None
    return Change(what, round(before, 4), round(lately, 4), round(min(1.0, excess), 4))


def _advice(changes: Sequence[Change]) -> Recommendation:
    reworded = [change.score for change in changes if change.what == "wording"]
    if reworded and max(reworded) >= REWORDED:
        return "create_new_template"
    return "update_template" if changes else "none"
