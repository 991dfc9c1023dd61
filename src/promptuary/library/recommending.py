"""The path of recommending: what is like a text, or liked in a domain, and what it would add."""

from __future__ import annotations

from collections.abc import Sequence

from promptuary.domain.errors import InvalidInput
from promptuary.domain.library import Domain, Expertise
from promptuary.domain.recommending import Recommendations, Recommended
from promptuary.domain.refining import Neighbour, Wishes
from promptuary.library.improving import Improving, lenders, neighbour
from promptuary.library.reading import get, listed
from promptuary.library.refining.borrowing import standing, suggestions, trusted
from promptuary.library.refining.refine import LONGEST, in_order, refine

SAYS_IT = 0.8
"""From what share of common words on a kept prompt most likely does what somebody is writing."""
LOOKED_AT = 100


async def recommend(
    self: Improving,
    text: str = "",
    *,
    domain: Domain | None = None,
    expertise: Expertise | None = None,
    limit: int = 5,
    tenant: str = "",
) -> Recommendations:
    """Kept prompts like a text, of one domain if that is given; without a text, the most liked.

    With `expertise` the best one is given in order for that level too, without being kept. Raises
    InvalidInput where neither a text nor a domain is given.
    """
    if not 1 <= limit <= 100:
        raise InvalidInput("limit must be between 1 and 100", fields={"limit": "1 to 100"})
    if text.strip():
        near = await lenders(self, text, limit, domain=domain, tenant=tenant)
        found: Sequence[Neighbour] = sorted(
            near, key=lambda each: (-each.likeness, -standing(each))
        )
    elif domain is not None:
        found = await _liked(self, domain, tenant)
    else:
        raise InvalidInput("give a text or a domain", fields={"text": "is missing"})
    arranged = in_order(text[:LONGEST])[1] if text.strip() else None
    offered = suggestions(arranged, trusted(found)) if arranged else ()
    shown = tuple(_shown(each, asked=bool(text.strip())) for each in found[:limit])
    return Recommendations(shown, offered, _adapted(shown, domain, expertise))


async def slot_values(
    self: Improving, slug: str, slot: str, *, begins: str = "", limit: int = 10, tenant: str = ""
) -> list[str]:
    """Values that somebody may want next for a slot: its choices, its default, then what traffic
    filled in, most frequent first. Raises NotFound, InvalidInput for a slot it does not have."""
    kept = await get(self, slug, count=False, tenant=tenant)
    declared = {each.name: each for each in kept.version.content.slots}
    if slot not in declared:
        known = ", ".join(declared) or "none"
        raise InvalidInput(f"{slug} has no slot {slot!r}; it has {known}", fields={"slot": slot})
    one = declared[slot]
    if one.sensitive:
        return []
    every = [*one.choices, *([one.default] if one.default else []), *one.examples]
    start = begins.casefold()
    return [each for each in dict.fromkeys(every) if each.casefold().startswith(start)][:limit]


async def _liked(self: Improving, domain: Domain, tenant: str) -> Sequence[Neighbour]:
    """The most used prompts of a domain, best rated first."""
    page = await listed(self, domain=domain, sort="used", limit=LOOKED_AT, tenant=tenant)
    async with self._record.read() as tx:
        newest = await tx.library.newest([prompt.id for prompt in page.items])
    found = [neighbour(prompt, newest[prompt.id]) for prompt in page.items]
    return sorted(found, key=lambda each: -standing(each))


def _shown(each: Neighbour, *, asked: bool) -> Recommended:
    slug, _, number = each.origin.id.rpartition("@v")
    does_it = asked and each.likeness >= SAYS_IT
    said = f"says {each.likeness:.0%} of your words" if asked else "is among the most used"
    rated = f", rated {each.rating:.1f} by {each.ratings}" if each.rating is not None else ""
    why = f"{each.origin.id} {said}{rated}"
    return Recommended(
        slug,
        int(number),
        each.title,
        each.text,
        each.likeness,
        each.rating,
        each.ratings,
        does_it,
        why,
    )


def _adapted(
    shown: Sequence[Recommended], domain: Domain | None, expertise: Expertise | None
) -> str:
    if expertise is None or not shown or len(shown[0].text) > LONGEST:
        return ""
    wishes = Wishes(domain or "general", expertise)
    return refine(shown[0].text, wishes).text
