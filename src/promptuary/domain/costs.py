"""What traffic costs to send, and how much of that is said again and again."""

from __future__ import annotations

from dataclasses import dataclass

from promptuary.domain.pages import Page


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """Of some prompts, each as often as it was sent: how many were sent, and tokens in all.

    `repeated` tokens were sent in a text that was sent before, `alike` in one that differs from an
    earlier one only in case, white space and punctuation. `fixed` tokens are template text, and
    `cacheable` stand in a beginning that a provider can keep. `dollars` is the price of all of
    them, None where it is not known.
    """

    sent: int = 0
    tokens: int = 0
    repeated: int = 0
    alike: int = 0
    fixed: int = 0
    cacheable: int = 0
    dollars: float | None = None


@dataclass(frozen=True, slots=True)
class TemplateCost:
    """What the prompts of one cluster cost; `share` is its part of all tokens."""

    lineage_id: str
    name: str
    template: str
    counts: TokenCounts
    share: float


@dataclass(frozen=True, slots=True)
class CostView:
    """All traffic of a collection. `explained` is the share of prompts sent that follow a template,
    `explained_tokens` that of their tokens; `model` is whose price was taken.

    Tokens are counted by a rule of thumb, a quarter of the bytes in UTF-8.
    """

    collection: str
    model: str | None
    total: TokenCounts
    explained: float
    explained_tokens: float
    templates: Page[TemplateCost]
