"""Templates as other tools read them, and what traffic costs, as they go over the wire."""

from __future__ import annotations

from pydantic import Field

from promptuary.api.schemas.basics import Text, Wire
from promptuary.domain.costs import CostView, TemplateCost, TokenCounts
from promptuary.domain.exporting import TemplateExport, TemplateForm


class ExportOut(Wire):
    """A template in one form. `members`, `matched` and `filled` are of patterns: how many prompts
    it was tried with, how many it matches, and how many of those gave every slot its value."""

    form: TemplateForm
    text: Text
    media_type: str
    suffix: str
    names: dict[str, str]
    members: int
    matched: int
    filled: int

    @classmethod
    def of(cls, export: TemplateExport) -> ExportOut:
        """From the facade's answer."""
        return cls(
            form=export.form,
            text=export.text,
            media_type=export.media_type,
            suffix=export.suffix,
            names=dict(export.names),
            members=export.members,
            matched=export.matched,
            filled=export.filled,
        )


class CountsOut(Wire):
    """Prompts sent and their tokens, each as often as it was sent."""

    sent: int
    tokens: int
    repeated: int = Field(description="Tokens in texts that had been sent before.")
    alike: int = Field(description="Tokens in texts that differ from an earlier one in form only.")
    fixed: int = Field(description="Tokens that are template text.")
    cacheable: int = Field(description="Tokens that a provider can keep, as a stable beginning.")
    dollars: float | None

    @classmethod
    def of(cls, counts: TokenCounts) -> CountsOut:
        """From the facade's answer."""
        return cls(
            sent=counts.sent,
            tokens=counts.tokens,
            repeated=counts.repeated,
            alike=counts.alike,
            fixed=counts.fixed,
            cacheable=counts.cacheable,
            dollars=counts.dollars,
        )


class TemplateCostOut(CountsOut):
    """What the prompts of one cluster cost; `share` is its part of all tokens."""

    cluster_id: str
    name: Text
    template_content: Text
    share: float

    @classmethod
    def one(cls, cost: TemplateCost) -> TemplateCostOut:
        """From the facade's answer."""
        return cls(
            **CountsOut.of(cost.counts).model_dump(),
            cluster_id=cost.lineage_id,
            name=cost.name,
            template_content=cost.template,
            share=cost.share,
        )


class CostsOut(Wire):
    """What the traffic of a collection costs to send."""

    collection: str
    model: str | None
    total: CountsOut
    explained: float = Field(description="The share of prompts sent that follow a template.")
    explained_tokens: float
    templates: list[TemplateCostOut]
    templates_total: int
    next_cursor: str | None

    @classmethod
    def of(cls, view: CostView) -> CostsOut:
        """From the facade's answer."""
        return cls(
            collection=view.collection,
            model=view.model,
            total=CountsOut.of(view.total),
            explained=view.explained,
            explained_tokens=view.explained_tokens,
            templates=[TemplateCostOut.one(each) for each in view.templates.items],
            templates_total=view.templates.total,
            next_cursor=view.templates.next_cursor,
        )
