"""A second look at the passages that were found, by a reranker that may be away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from promptuary.domain.errors import Rejected, Unavailable
from promptuary.ports.reranker import Reranker
from promptuary.retrieval.passages import Retrieved


@dataclass(frozen=True, slots=True)
class Reranking:
    """Who looks again, and at how many of the best."""

    reranker: Reranker
    depth: int


async def reranked(
    how: Reranking, question: str, found: Sequence[Retrieved]
) -> tuple[list[Retrieved], str | None]:
    """The passages in the reranker's order, equals as before, and None.

    The scores stay and are dealt out anew, best first; the reranker's own stands among the features
    as `rerank`. While it is Unavailable, or rejects the texts, the order is what it was, and why is
    said. Raises Misconfigured when it can never answer.
    """
    name = how.reranker.name
    try:
        scores = await how.reranker.score(question, [_read(each) for each in found])
    except (Unavailable, Rejected) as error:
        return list(found), f"not reranked, as {name} is away: {error}"
    order = sorted(range(len(found)), key=lambda at: -scores[at])
    dealt = sorted((each.score for each in found), reverse=True)
    return [_moved(found[at], dealt[n], scores[at], name, at) for n, at in enumerate(order)], None


def _read(found: Retrieved) -> str:
    passage = found.passage
    return "\n".join(filter(None, (passage.title, *passage.headings, passage.text)))


def _moved(found: Retrieved, dealt: float, own: float, name: str, before: int) -> Retrieved:
    reasons = found.reasons
    if reasons:
        reasons = (*reasons, f"reranked by {name}: {own:.3f}, was rank {before + 1}")
    features = {**found.features, "rerank": own}
    return replace(found, score=dealt, features=features, reasons=reasons)
