"""Templates as other tools read them, and what traffic costs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.etags import answer
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.traffic import CostsOut, ExportOut
from promptuary.api.serving import Clean, Cursor, Here, Limit, known_form
from promptuary.domain.exporting import TemplateForm


async def export_template(
    request: Request,
    here: Here,
    template_id: str,
    form: Annotated[TemplateForm, Query(description="What shall open it.")] = "jinja",
) -> Response:
    """A template as another tool reads it; a cluster's id gives its current version.

    A pattern (`regex`, `re2`) is tried with the prompts of the template and matches all of them.
    """
    exported = await here.promptuary.traffic.export(known_form("template", template_id), form)
    return answer(request, ExportOut.of(exported), exact=exported)


async def list_costs(
    request: Request,
    here: Here,
    collection: Clean = "default",
    model: Annotated[
        Clean | None, Query(description="Whose price to take, as `openai/gpt-4o-mini`.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Response:
    """Tokens sent, how many of them follow templates, were sent before or could be kept by a
    provider; and the templates that take most."""
    asked = here.promptuary.traffic.costs
    view = await asked(collection, model=model, cursor=cursor, limit=limit)
    return answer(request, CostsOut.of(view), exact=view)


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/templates/{{template_id}}/export",
        call=export_template,
        needs="prompts:read",
        answers=ExportOut,
        problems=(404, 422),
        tag="templates",
    ),
    Operation(
        path=f"{PREFIX}/costs",
        call=list_costs,
        needs="prompts:read",
        answers=CostsOut,
        problems=(404, 422),
        tag="templates",
    ),
)
