"""What is worth looking at before one writes a prompt."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import read
from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.basics import Text, Wire
from promptuary.api.schemas.library import Shown
from promptuary.api.schemas.refining import OriginOut
from promptuary.api.serving import Here
from promptuary.domain.library import Domain, Expertise
from promptuary.library.refining.refine import LONGEST


class RecommendIn(Wire):
    """What somebody is writing, or a domain to look around in; one of them at least."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "reply to a complaint"}]})

    text: Annotated[str, StringConstraints(max_length=LONGEST)] = ""
    domain: Domain | None = None
    expertise_level: Expertise | None = None
    limit: int = Field(default=5, ge=1, le=100)


class RecommendedOut(Shown):
    """A kept prompt; `does_it` when it most likely does what is being written."""

    slug: Text
    number: int
    title: Text
    text: Text
    likeness: float
    rating: float | None
    ratings: int
    does_it: bool
    why: Text


class RecommendationsOut(Wire):
    """Best first; `suggestions` are statements of well rated ones that the text does not have."""

    prompts: list[RecommendedOut]
    suggestions: list[OriginOut]
    adapted: Text


async def recommend_prompts(request: Request, here: Here) -> Response:
    """Kept prompts like a text, or liked in a domain."""
    asked = await read(request, RecommendIn)
    found = await here.promptuary.library.recommend(
        asked.text,
        domain=asked.domain,
        expertise=asked.expertise_level,
        limit=asked.limit,
        tenant=caller_of(request).tenant,
    )
    shown = RecommendationsOut(
        prompts=[RecommendedOut.model_validate(each) for each in found.prompts],
        suggestions=[OriginOut.of(s.text, s.origin, used=False) for s in found.suggestions],
        adapted=found.adapted,
    )
    return answer(request, shown, exact=found)


OPERATIONS = (
    Operation(
        method="POST",
        path=f"{PREFIX}/library/recommendations",
        call=recommend_prompts,
        needs="library:read",
        takes=RecommendIn,
        answers=RecommendationsOut,
        problems=(413, 415, 422),
        tag="library",
    ),
)
