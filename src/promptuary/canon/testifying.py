"""What people correct, as events: whoever looks at what changed sees who changed it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from promptuary.domain.corrections import Correction, CorrectionKind
from promptuary.domain.templates import EventType, Evidence, EvolutionEvent, Lineage

LONGEST_BY = 100
PERSON, MODEL = "person:", "model:"
_TYPES: dict[CorrectionKind, EventType] = {
    "merge": "MERGED",
    "join": "MERGED",
    "split": "SPLIT",
}
_SAID: dict[CorrectionKind, str] = {
    "merge": "families were made one",
    "move": "put into another family",
    "split": "clusters were made a family of their own",
    "apart": "kept out of the family of another cluster",
    "rename": "renamed",
    "lock": "locked: its text stays",
    "place": "a prompt was put under it",
    "join": "took over other clusters",
}


def event_of(
    correction: Correction, about: Sequence[Lineage], at: datetime, *, undone: bool = False
) -> list[EvolutionEvent]:
    """The event of a correction, under the first of the lineages it is about; none where it is
    about none (a family of prompts alone)."""
    if not about:
        return []
    line, *others = about
    by = (correction.undone_by if undone else correction.by) or ""
    reason = _SAID[correction.kind] + (f": {correction.name}" if correction.name else "")
    name = f"promptuary:event:{correction.id}:{'undone' if undone else 'made'}"
    return [
        EvolutionEvent(
            id=str(uuid5(NAMESPACE_URL, name)),
            lineage_id=line.id,
            template_id=line.template.id,
            type="UPDATED" if undone else _TYPES.get(correction.kind, "UPDATED"),
            previous_version=line.template.version,
            new_version=line.template.version,
            reason=f"taken back: {reason}" if undone else reason,
            detected_by=(by if by.startswith(MODEL) else PERSON + by)[:LONGEST_BY],
            created_at=at,
            evidence=Evidence(lineage_ids=tuple(dict.fromkeys(each.id for each in others))),
        )
    ]
