"""Experiments with a kept prompt: begun, looked at, decided, ended."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import read
from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.library.kept import ONE, Slug, author_of, may_protect
from promptuary.api.operations import Operation
from promptuary.api.schemas.experiments import ExperimentIn, ExperimentOut
from promptuary.api.schemas.library import Nothing
from promptuary.api.serving import Here


async def begin_experiment(request: Request, here: Here, slug: Slug) -> Response:
    """Put a version on trial beside the one that a label points at. Which of them a key is given,
    `GET` of the prompt with that `key` says; one runs at a time."""
    said = await read(request, ExperimentIn)
    library, caller = here.promptuary.library, caller_of(request)
    await library.begin_experiment(
        slug,
        said.candidate,
        label=said.label,
        share=said.share,
        author=author_of(request),
        tenant=caller.tenant,
    )
    verdict = await library.judge(slug, tenant=caller.tenant)
    return answer(request, ExperimentOut.of(verdict), exact=verdict, status=201)


async def read_experiment(request: Request, here: Here, slug: Slug) -> Response:
    """How the experiment stands: ask at any time, and as often as you like."""
    verdict = await here.promptuary.library.judge(
        slug, author=author_of(request), tenant=caller_of(request).tenant
    )
    return answer(request, ExperimentOut.of(verdict), exact=verdict)


async def promote_candidate(request: Request, here: Here, slug: Slug) -> Response:
    """Move the label to the candidate if it has won, and say how the experiment stands. A protected
    label needs the scope `library:protect` as well."""
    caller = caller_of(request)
    verdict = await here.promptuary.library.judge(
        slug,
        promote=True,
        override=may_protect(caller),
        author=author_of(request),
        tenant=caller.tenant,
    )
    return answer(request, ExperimentOut.of(verdict), exact=verdict)


async def stop_experiment(request: Request, here: Here, slug: Slug) -> Response:
    """End it: everybody is given the label's version again. One that has ended stays as it is."""
    library, tenant = here.promptuary.library, caller_of(request).tenant
    await library.stop_experiment(slug, author=author_of(request), tenant=tenant)
    verdict = await library.judge(slug, tenant=tenant)
    return answer(request, ExperimentOut.of(verdict), exact=verdict)


OPERATIONS = (
    Operation(
        method="POST",
        path=f"{ONE}/experiment",
        call=begin_experiment,
        needs="library:write",
        takes=ExperimentIn,
        answers=ExperimentOut,
        status=201,
        problems=(404, 409, 413, 415, 422),
        tag="library",
    ),
    Operation(
        path=f"{ONE}/experiment",
        call=read_experiment,
        needs="library:read",
        answers=ExperimentOut,
        problems=(404, 422),
        tag="library",
    ),
    Operation(
        method="POST",
        path=f"{ONE}/promotion",
        call=promote_candidate,
        needs="library:write",
        takes=Nothing,
        answers=ExperimentOut,
        problems=(404, 413, 415, 422),
        tag="library",
    ),
    Operation(
        method="DELETE",
        path=f"{ONE}/experiment",
        call=stop_experiment,
        needs="library:write",
        answers=ExperimentOut,
        problems=(404, 422),
        tag="library",
    ),
)
