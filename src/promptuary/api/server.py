"""The application put together, and the process that serves it."""

from __future__ import annotations

import asyncio
import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial

import uvicorn
from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp
from structlog.typing import FilteringBoundLogger

from promptuary.api import (
    asking,
    batches,
    clusters,
    conversation,
    corrections,
    documents,
    evolution,
    exchanging,
    families,
    health,
    indexing,
    jobs,
    langfuse,
    library,
    moderation,
    moves,
    naming,
    older,
    originals,
    pages,
    prompts,
    refining,
    search,
    smartprompt,
    templates,
    traffic,
)
from promptuary.api.assistants import NAME, NEEDS, PATH, Assistants, Guarded, installed
from promptuary.api.bodies import BodyGuard
from promptuary.api.browsers import let_pages_ask
from promptuary.api.document import document
from promptuary.api.gate import Gate
from promptuary.api.idempotency import Idempotency
from promptuary.api.keys import Doors
from promptuary.api.limits import Limiter
from promptuary.api.listening import listen
from promptuary.api.logs import frames_of, logger_for, server_log_config
from promptuary.api.metering import Meters
from promptuary.api.observing import Observing
from promptuary.api.older_paths import OlderPaths, versions
from promptuary.api.operations import Operation
from promptuary.api.problems import (
    Problem,
    ProblemRaised,
    advice,
    invalid,
    problem_of,
    response,
)
from promptuary.api.scraping import ScrapeDoor, scraped
from promptuary.api.serving import Serving, Versions
from promptuary.api.sockets import listening
from promptuary.api.telling import forget_sinks, tell, tell_of_changes, tell_of_turns
from promptuary.app import Promptuary
from promptuary.domain.errors import PromptuaryError
from promptuary.settings import Settings

KEEP_ALIVE_SECONDS = 75
"""Longer than the idle time of usual load balancers, so that they and not we close a connection."""


def operations(settings: Settings) -> tuple[Operation, ...]:
    """Everything that is served."""
    old = smartprompt.operations(settings)
    served = (
        *prompts.OPERATIONS,
        *batches.OPERATIONS,
        *families.OPERATIONS,
        *clusters.OPERATIONS,
        *templates.OPERATIONS,
        *traffic.OPERATIONS,
        *moderation.OPERATIONS,
        *corrections.OPERATIONS,
        *naming.OPERATIONS,
        *evolution.OPERATIONS,
        *search.OPERATIONS,
        *asking.OPERATIONS,
        *refining.OPERATIONS,
        *documents.OPERATIONS,
        *originals.OPERATIONS,
        *conversation.OPERATIONS,
        *library.OPERATIONS,
        *exchanging.OPERATIONS,
        *langfuse.OPERATIONS,
        *indexing.OPERATIONS,
        *jobs.OPERATIONS,
        *moves.OPERATIONS,
        *older.OPERATIONS,
        *health.OPERATIONS,
        *((health.METRICS,) if settings.metrics_enabled else ()),
        *pages.OPERATIONS,
    )
    taken = {(each.method, each.path) for each in old}
    return (*old, *(each for each in served if (each.method, each.path) not in taken))


def create_app(
    promptuary: Promptuary,
    settings: Settings,
    *,
    log: FilteringBoundLogger | None = None,
    now: Callable[[], float] = time.time,
    draining: Callable[[], bool] = lambda: False,
    assistants: Assistants | None = None,
) -> FastAPI:
    """The application over an open Promptuary, which stays the caller's to close; so does running
    the `assistants`, who are answered at `/mcp`."""
    app = FastAPI(title="Promptuary", openapi_url=None, docs_url=None, redoc_url=None)
    log = log or logger_for(settings)
    meters = Meters(settings.service_name)
    doors = Doors(promptuary, settings)
    limiter = Limiter(promptuary.cache, settings, now=now)
    app.state.serving = Serving(
        promptuary,
        settings,
        Idempotency(promptuary.replies),
        Versions(promptuary),
        meters,
        draining,
        log,
    )
    app.state.doors = doors
    served = operations(settings)
    for operation in served:
        _add(app, operation, doors, limiter)
    if assistants is not None:
        gate = Gate(doors, limiter, NEEDS, NAME)
        app.router.routes.append(Route(PATH, Guarded(gate, assistants)))
    for kind in (PromptuaryError, ProblemRaised, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _as_problem)
    app.add_middleware(
        BodyGuard, limit=settings.max_request_bytes, largest_file=settings.max_document_bytes
    )
    app.add_middleware(OlderPaths, taken=versions(each.path for each in served))
    app.add_middleware(Observing, log=log, meters=meters)
    let_pages_ask(app, settings)
    app.openapi = cache(partial(document, app, served))  # type: ignore[method-assign]  # FastAPI's way
    return app


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; then answer what was begun and close everything.

    Raises Misconfigured when the address cannot be used, or when the server would be open to the
    network without an API key; Busy when another process holds the home.
    """
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    with listening(settings.host, settings.port) as listener, scraped(settings) as beyond:
        async with await Promptuary.open(settings=settings, isolated=True) as promptuary:
            log = logger_for(settings)
            assistants = Assistants(promptuary.library, settings.host) if installed() else None
            app = create_app(
                promptuary,
                settings,
                log=log,
                draining=lambda: server.should_exit,
                assistants=assistants,
            )
            ports = [each.getsockname()[1] for each in beyond]
            served = ScrapeDoor(app, ports[0]) if ports else app
            server = uvicorn.Server(_uvicorn_config(served, settings))
            await app.state.doors.refuse_to_start_open()
            beside = [asyncio.create_task(_work(promptuary, log))]
            beside += [
                asyncio.create_task(listen(promptuary, url, log)) for url in settings.event_sources
            ]
            beside += [
                asyncio.create_task(tell(promptuary, settings, url, log))
                for url in settings.insight_sinks
            ]
            beside += [
                asyncio.create_task(tell_of_changes(promptuary, settings, url, log))
                for url in settings.evolution_sinks
            ]
            beside += [
                asyncio.create_task(tell_of_turns(promptuary, settings, url, log))
                for url in settings.turn_sinks
            ]
            beside.append(asyncio.create_task(forget_sinks(promptuary, settings, log)))
            if assistants is not None:
                beside.append(asyncio.create_task(assistants.run()))
            host, port = listener.getsockname()[:2]
            log.info("listening", host=host, port=port, metrics_ports=ports)
            with _outliving_signals():
                await server.serve(sockets=[listener, *beyond])
            log.info("stopping")
            for task in beside:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


def _uvicorn_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="websockets-sansio",
        lifespan="off",
        access_log=False,
        log_config=server_log_config(settings),
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=math.ceil(settings.drain_seconds),
    )


@contextmanager
def _outliving_signals() -> Iterator[None]:
    """uvicorn sends the signal that stopped it again when it is done, and would take the process
    with it before everything is closed."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: None) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


async def _work(promptuary: Promptuary, log: FilteringBoundLogger) -> None:
    """Run deferred jobs beside the requests; a worker that breaks is started again."""
    while True:
        try:
            await promptuary.work()
        except Exception as error:  # noqa: BLE001  (the server goes on without it for a moment)
            log.error("worker_stopped", error=type(error).__name__, frames=frames_of(error))
        await asyncio.sleep(1)


def _add(app: FastAPI, operation: Operation, doors: Doors, limiter: Limiter) -> None:
    needs, own = operation.needs, operation.per_minute
    made = partial(Gate, doors, limiter, endpoint=operation.name, instead=operation.instead)
    gate = () if needs == "open" else (Depends(made(scope=needs, per_minute=own)),)
    app.add_api_route(
        operation.path,
        operation.call,
        methods=[operation.method],
        status_code=operation.status,
        response_model=operation.answers,
        dependencies=list(gate),
        tags=[operation.tag] if operation.tag else None,
        operation_id=operation.name,
        include_in_schema=operation.listed,
    )


async def _as_problem(request: Request, error: Exception) -> Response:
    return response(request.scope, _problem_for(error))


def _problem_for(error: Exception) -> Problem:
    match error:
        case PromptuaryError():
            return problem_of(error)
        case ProblemRaised():
            return error.problem
        case RequestValidationError():
            return invalid(
                {".".join(map(str, each["loc"][1:])): advice(each) for each in error.errors()}
            )
        case HTTPException(status_code=405):
            allow = dict(error.headers or {})
            return Problem("METHOD_NOT_ALLOWED", "see /docs for what can be done", headers=allow)
        case _:
            return Problem("ROUTE_NOT_FOUND", "see /docs for the routes there are")
