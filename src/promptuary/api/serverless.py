"""The same application as a function of AWS Lambda, behind API Gateway (both of its forms).

    from promptuary.api.serverless import handler

Everything is opened with the first event and kept for those that follow. What lies in the function
itself is gone with it: the record should be a database elsewhere, or be filled from a backup.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from promptuary.adapters.clocks.system import SystemClock
from promptuary.api.server import create_app
from promptuary.app import Promptuary
from promptuary.backups import restore
from promptuary.domain.errors import Conflict, MissingExtra
from promptuary.settings import Settings

Event: TypeAlias = Mapping[str, Any]
"""What Lambda hands over, and what it takes back: JSON objects of API Gateway's making."""
TEXTS = ["text/", "application/json", "application/problem+json", "application/vnd.promptuary+json"]
"""Answers that go back as they are; others are encoded in base 64."""


QUESTIONS = frozenset({"/query", "/api/v1/ask", "/api/v1/batch/ask", "/api/v1/batch_ask"})
SERVER_ERROR = 500


class Serverless:
    """A handler of Lambda events. `settings` are read with the first one unless they are given."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings
        self._loop: asyncio.AbstractEventLoop | None = None
        self._adapter: Any = None
        self._promptuary: Promptuary | None = None
        self._namespace = ""

    def __call__(self, event: Event, context: object) -> Event:
        """The answer to one request. Raises Misconfigured with the first event, where the settings
        cannot work or nobody could have a key."""
        if self._loop is None:
            self._open()
        asyncio.set_event_loop(self._loop)  # the adapter asks for the thread's own
        began = time.perf_counter()
        asked = _without_stage(event)
        answered: Event = self._adapter(asked, context)
        if _path(asked) in QUESTIONS:
            line = figures(self._namespace, answered, time.perf_counter() - began)
            sys.stdout.write(json.dumps(line) + "\n")
        return answered

    def close(self) -> None:
        """Release everything; Lambda never asks for that, tests do."""
        loop, self._loop = self._loop, None
        if loop is not None and self._promptuary is not None:
            loop.run_until_complete(self._promptuary.aclose())
            loop.close()
            asyncio.set_event_loop(None)

    def _open(self) -> None:
        loop = asyncio.new_event_loop()
        try:
            asyncio.set_event_loop(loop)
            self._promptuary, app = loop.run_until_complete(_opened(self._settings))
            self._adapter = _adapter(app)
            self._namespace = self._promptuary.settings.cloudwatch_namespace
        except BaseException:
            loop.close()
            raise
        self._loop = loop


async def _opened(settings: Settings | None) -> tuple[Promptuary, object]:
    given = settings or Settings()
    # Requests come from anywhere: nobody is let in for coming from this machine.
    given = given.model_copy(update={"host": "0.0.0.0"})  # noqa: S104 - nothing listens there
    await _filled(given)
    promptuary = await Promptuary.open(settings=given)
    try:
        app = create_app(promptuary, given)
        await app.state.doors.refuse_to_start_open()
    except BaseException:
        await promptuary.aclose()
        raise
    return promptuary, app


async def _filled(settings: Settings) -> None:
    """A new environment of the function begins with the record of a backup, where one is named."""
    if settings.restore_from:
        with suppress(Conflict):  # it has a record already
            await restore(settings, SystemClock(), settings.restore_from)


def _adapter(app: object) -> Any:  # noqa: ANN401 - an optional package's own type
    try:
        from mangum import Mangum  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtra("promptuary.api.serverless", "aws") from None
    return Mangum(app, lifespan="off", text_mime_types=TEXTS)  # type: ignore[arg-type]  # ASGI


def figures(namespace: str, answered: Event, seconds: float) -> Event:
    """What CloudWatch counts of a question, in its embedded metric format: a line of the log is all
    it takes. A question that was refused was answered; what could not be looked up was not."""
    status = int(answered["statusCode"])
    failed = status >= SERVER_ERROR
    outcome = "QueryFailure" if failed else "QuerySuccess"
    metrics = [{"Name": "QueryLatency", "Unit": "Milliseconds"}, {"Name": outcome, "Unit": "Count"}]
    told = {"Namespace": namespace, "Dimensions": [[]], "Metrics": metrics}
    by_type = {**told, "Dimensions": [["ErrorType"]], "Metrics": metrics[1:]}
    return {
        "_aws": {
            "Timestamp": round(time.time() * 1000),
            "CloudWatchMetrics": [told, by_type] if failed else [told],
        },
        "QueryLatency": round(seconds * 1000, 3),
        outcome: 1,
        **({"ErrorType": str(status)} if failed else {}),
    }


def _path(event: Event) -> str:
    http = event.get("requestContext", {}).get("http")
    return str(http["path"] if http else event.get("path", ""))


def _without_stage(event: Event) -> Event:
    """HTTP APIs put the name of a stage before the path; REST APIs do not."""
    http = event.get("requestContext", {}).get("http")
    stage = f"/{event.get('requestContext', {}).get('stage', '')}"
    if http is None or not f"{http['path']}/".startswith(f"{stage}/"):
        return event
    path = http["path"].removeprefix(stage) or "/"
    context = {**event["requestContext"], "http": {**http, "path": path}}
    return {**event, "rawPath": path, "requestContext": context}


handler = Serverless()
"""What the function's configuration names."""
