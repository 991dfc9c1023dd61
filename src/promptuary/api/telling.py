"""The server's voice: insights, what changed in templates, and answered turns, to the sinks of the
settings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from structlog.typing import FilteringBoundLogger

from promptuary import working
from promptuary.api.schemas.conversation import ClipOut, EvidenceOut
from promptuary.api.schemas.templates import EventOut
from promptuary.app import Promptuary
from promptuary.cameras import turn_job
from promptuary.canon.chronicle import Chronicle
from promptuary.conversation.face import Conversing
from promptuary.conversation.handing_on import LEFT_ALONE, let_go, told
from promptuary.conversation.sending import EVERY, Sending
from promptuary.delivering import OVER, Delivery, Parcel, name_of
from promptuary.domain.conversations import Told
from promptuary.domain.errors import PromptuaryError
from promptuary.domain.insights import RANGES
from promptuary.domain.jobs import Job
from promptuary.domain.pages import each_page
from promptuary.domain.templates import EvolutionEvent
from promptuary.plugins import open_insight_sink
from promptuary.ports.insight_sink import InsightSink
from promptuary.settings import Settings

AGAIN_SECONDS = 60.0
LOOKED_BACK = timedelta(days=30)
"""How old a change may be, by its prompts' times, and still be told."""
PAGE = 100


async def tell(
    promptuary: Promptuary, settings: Settings, url: str, log: FilteringBoundLogger
) -> None:
    """Tell one sink of insights until cancelled; whatever happens to it, the others go on."""
    look = partial(promptuary.conversation.insights, RANGES["24h"], severity=settings.insight_least)

    async def run(sink: InsightSink, failed: Failed) -> None:
        delivery = _delivery(settings, url, "insights", sink)
        await Sending(delivery, settings.service_name).run(look, failed)

    await _for_ever(run, url, "insights", log)


async def tell_of_changes(
    promptuary: Promptuary, settings: Settings, url: str, log: FilteringBoundLogger
) -> None:
    """Tell one sink of what changed in the traffic of templates, until cancelled."""

    async def run(sink: InsightSink, failed: Failed) -> None:
        delivery = _delivery(settings, url, "changes", sink)
        while True:
            try:
                await send_changes(promptuary.evolution, settings, delivery, datetime.now(UTC))
            except PromptuaryError as error:
                failed(str(error))
            await asyncio.sleep(EVERY)

    await _for_ever(run, url, "changes", log)


async def tell_of_turns(
    promptuary: Promptuary, settings: Settings, url: str, log: FilteringBoundLogger
) -> None:
    """Tell one sink of answered turns until cancelled: each as soon as it is kept, and again until
    the sink has it or refuses it for good."""

    async def run(sink: InsightSink, failed: Failed) -> None:
        handing = partial(
            hand_on, promptuary.conversation, sink, settings.service_name, failed=failed
        )
        await working.hand_on(promptuary, turn_job(url), handing)

    await _for_ever(run, url, "turns", log)


async def forget_sinks(
    promptuary: Promptuary, settings: Settings, log: FilteringBoundLogger
) -> None:
    """Give up, until cancelled, what waits for sinks of turns that the settings no longer name."""
    known = [turn_job(url) for url in settings.turn_sinks]
    while True:
        try:
            given_up = await let_go(promptuary.conversation, known, datetime.now(UTC))
        except PromptuaryError as error:
            log.warning("turns_not_given_up", reason=str(error))
        else:
            if given_up:
                log.warning("turns_given_up", count=given_up, reason="the sink is not named")
        await asyncio.sleep(LEFT_ALONE.total_seconds())


async def hand_on(
    conversation: Conversing, sink: InsightSink, service: str, job: Job, *, failed: Failed
) -> bool:
    """Tell a sink of the turn that a job is about, if it is still there; there is no more to do."""
    try:
        if (turn := await told(conversation, job)) is not None:
            await sink.tell(turn.answer.id, _turn(turn, job, service))
    except PromptuaryError as error:
        failed(str(error))
        raise
    return False


def _turn(turn: Told, job: Job, service: str) -> dict[str, Any]:
    """A turn in the shape that older receivers read."""
    answer = turn.answer
    clips = [ClipOut.of(each).model_dump(mode="json") for each in turn.clips]
    evidence = [EvidenceOut.of(each).model_dump(mode="json") for each in turn.evidence]
    return {
        "service_name": service,
        "timestamp": answer.at.isoformat(),
        "conversation_id": turn.conversation.id,
        "user_id": turn.conversation.owner,
        "query": turn.question.text,
        "response": answer.text,
        "response_type": "clarification" if answer.refused else "answer",
        "confidence_score": answer.confidence,
        "evidence_count": answer.evidence_count,
        "evidence": evidence,
        "clip_links": [each["url"] for each in clips if each["available"]],
        "follow_up_questions": list(answer.follow_ups),
        "conversation_turn": job.payload["turn"],
        "processing_time_ms": job.payload["took_ms"],
        "metadata": {
            "message_id": answer.id,
            "refused": answer.refused is not None,
            "reason": answer.refused,
            "understood": answer.understood,
            "clips": clips,
        },
    }


async def send_changes(
    evolution: Chronicle, settings: Settings, delivery: Delivery, now: datetime
) -> int:
    """Tell what was not told yet, the oldest first; how many arrived."""
    since = now - LOOKED_BACK
    look = partial(evolution.list, types=settings.evolution_told, since=since, limit=PAGE)
    found = [each async for page in each_page(lambda at: look(cursor=at)) for each in page.items]
    return await delivery.send(
        Parcel(each.id, OVER, _message(each, settings.service_name)) for each in found[::-1]
    )


def _message(event: EvolutionEvent, service: str) -> dict[str, Any]:
    return {"service_name": service, **EventOut.of(event).model_dump(mode="json")}


Failed: TypeAlias = Callable[[str], None]


def _delivery(settings: Settings, url: str, what: str, sink: InsightSink) -> Delivery:
    return Delivery(name_of(url), sink, settings.home.expanduser() / f"{what}-out")


async def _for_ever(
    run: Callable[[InsightSink, Failed], Awaitable[None]],
    url: str,
    what: str,
    log: FilteringBoundLogger,
) -> None:
    """Open the sink and run; when that breaks, again after a while."""
    scheme = url.partition(":")[0]

    def failed(reason: str) -> None:
        log.warning(f"{what}_not_sent", sink=scheme, reason=reason)

    while True:
        try:
            sink = await open_insight_sink(url)
            try:
                await run(sink, failed)
            finally:
                await sink.aclose()
        except (PromptuaryError, OSError) as error:
            failed(str(error))
        await asyncio.sleep(AGAIN_SECONDS)
