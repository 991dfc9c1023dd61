"""`promptuary.traffic`: what is asked about prompts and their templates as a whole."""

from __future__ import annotations

from functools import partial

from promptuary.canon.costing import Price, costs
from promptuary.canon.drifting import drift
from promptuary.canon.exporting.export import export
from promptuary.domain.costs import CostView
from promptuary.domain.drifting import DriftReport
from promptuary.domain.exporting import TemplateExport, TemplateForm
from promptuary.ports.unit_of_work import UnitOfWork


class Traffic:
    """Questions about what was sent. Nothing here writes."""

    def __init__(self, record: UnitOfWork, price: Price) -> None:
        self._record = record
        self._price = price

    async def drift(
        self, cluster_id: str, template_id: str | None = None, *, recent: int = 20
    ) -> DriftReport:
        """Whether the cluster's newest prompts still fit its template. Raises NotFound, and
        InvalidInput for a template of another cluster."""
        return await drift(self._record, cluster_id, template_id, recent=recent)

    async def export(self, template_id: str, form: TemplateForm) -> TemplateExport:
        """A template (a cluster's id gives its current one) as another tool reads it. Raises
        NotFound, InvalidInput, and Unsupported for a template that the form cannot say."""
        return await export(self._record, template_id, form)

    async def costs(
        self,
        collection: str = "default",
        *,
        model: str | None = None,
        cursor: str | None = None,
        limit: int = 20,
    ) -> CostView:
        """What the collection's prompts cost to send, its dearest templates first; in money too
        where a `model` is named, as `openai/gpt-4o-mini`. Raises NotFound, InvalidInput."""
        asked = partial(costs, self._record, self._price, collection, model=model)
        return await asked(cursor=cursor, limit=limit)
