"""What conversations over camera events are put together from, as the settings say."""

from __future__ import annotations

from datetime import timedelta

from promptuary.conversation.clips import Clips
from promptuary.conversation.handing_on import TURN, Handing
from promptuary.conversation.insights.calendar import Calendar, read_calendar
from promptuary.conversation.manner import Manner
from promptuary.conversation.outside import Outside
from promptuary.conversation.planning.windows import zone_of
from promptuary.delivering import name_of
from promptuary.domain.errors import InvalidInput, Misconfigured
from promptuary.home import own_secret
from promptuary.parts import Parts
from promptuary.plugins import open_event_source, open_thread_archive
from promptuary.ports.clock import Clock
from promptuary.settings import Settings


def outside_of(parts: Parts, settings: Settings, clock: Clock) -> Outside:
    """What conversations have to do with beyond the record."""
    clips = clips_of(parts, settings, clock)
    opening = open_event_source, open_thread_archive
    return Outside(clips, *opening, parts.embedder, handing_of(settings))


def clips_of(parts: Parts, settings: Settings, clock: Clock) -> Clips | None:
    """The recordings of events, where there is a store of them. Raises Misconfigured where the key
    of their links cannot be kept."""
    if parts.clip_store is None:
        return None
    given = settings.clip_key.get_secret_value().encode()
    return Clips(
        parts.clip_store,
        settings.clip_store.partition(":")[0],
        clock,
        given or own_secret(settings.home.expanduser().absolute(), "clip.key"),
        settings.clip_base_url.rstrip("/"),
        timedelta(minutes=settings.clip_minutes),
        timedelta(hours=settings.clip_longest_hours),
        settings.clip_seconds,
        settings.thumbnail_base_url.rstrip("/"),
    )


def calendar_of(settings: Settings) -> Calendar:
    """The site's holidays and odd days. Raises Misconfigured for a file that is not there, that is
    no calendar, or that names a time zone that there is not."""
    if settings.calendar is None:
        return Calendar()
    try:
        found = read_calendar(settings.calendar.expanduser())
        zone_of(found.timezone or settings.timezone)
    except InvalidInput as error:
        raise Misconfigured(f"calendar: {error}") from error
    return found


def handing_of(settings: Settings) -> Handing:
    """Who is told of answered turns."""
    jobs = tuple(turn_job(url) for url in settings.turn_sinks)
    worded = settings.conversation_with_model and settings.chat_models
    return Handing(jobs, timedelta(seconds=settings.chat_seconds if worded else 0))


def manner_of(settings: Settings) -> Manner:
    """How answers over events are given and kept."""
    return Manner(
        settings.evidence_confidence,
        settings.conversation_tokens,
        settings.conversation_temperature,
        timedelta(days=settings.message_days),
    )


def turn_job(url: str) -> str:
    """The name of the jobs that tell a sink of turns."""
    return f"{TURN}{name_of(url)}"
