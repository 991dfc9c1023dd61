"""The path of a turn: read it, carry what was said before, ask all events, say what came out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias
from uuid import uuid4
from zoneinfo import ZoneInfo

from promptuary.conversation import tongues, wording
from promptuary.conversation.carrying import carry, heard, is_why, meant
from promptuary.conversation.executing import Asking, Outcome, execute
from promptuary.conversation.habitual import Habit, against_usual, asked_of, habitual
from promptuary.conversation.manner import Manner
from promptuary.conversation.opening import against, kinder
from promptuary.conversation.related import related, wants_similar
from promptuary.conversation.sites import Sites
from promptuary.conversation.speaking.choosing import choose
from promptuary.conversation.speaking.worded import worded
from promptuary.conversation.unusual import Look, looked
from promptuary.domain.clips import ClipLink
from promptuary.domain.conversations import (
    Carried,
    Conversation,
    Message,
    Plan,
    Reply,
    Turn,
    Unclear,
)
from promptuary.domain.errors import NotFound
from promptuary.ports._conversations import Events
from promptuary.ports.chat_model import ChatModel
from promptuary.ports.embedder import Embedder
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

USUAL = Manner()
SILENT = 0.6
"""What the confidence is multiplied with when nothing says that the camera was running."""


HandOn: TypeAlias = Callable[[Transaction, Conversation, Message, bool], Awaitable[None]]
"""Takes the answer that is kept in that transaction, and whether a model is still to word it."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: the owner of their conversations, the cameras they may see (None: all), where
    their clock stands, and who pays for a chat model."""

    id: str
    zone: ZoneInfo
    cameras: tuple[str, ...] | None = None
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """Which conversation goes on (None: a new one), since when it must have been active, what the
    clock says, since when what was said is kept, and whether that whose time is over goes now."""

    id: str | None
    since: datetime
    clock: datetime
    kept_since: datetime
    expires: bool = False


async def converse(
    record: UnitOfWork,
    question: str,
    viewer: Viewer,
    now: datetime,
    goes_on: Thread,
    *,
    sites: Sites,
    limit: int = 5,
    manner: Manner = USUAL,
    chat: ChatModel | None = None,
    embedder: Embedder | None = None,
    look: Look | None = None,
    habit: Habit | None = None,
    hand_on: HandOn | None = None,
) -> AsyncGenerator[Turn, None]:
    """Answer one turn, asked at `now`, and keep it; when it is yielded, both are durable. `look`
    says what is unusual, `habit` what is usual, `hand_on` has others told of the turn.

    With a chat model the turn comes a second time, in the model's words if they are true; the
    answer is the same. Raises NotFound for a conversation that is not there or belongs to somebody
    else, Conflict when it went on meanwhile.
    """
    async with record.read() as tx:
        thread = await _thread(tx, goes_on, viewer)
        site = await sites.of(tx, viewer.cameras)
        asking = Asking(site, viewer.zone, now, limit, embedder, manner)
        before = thread.carried if within(thread.carried.seen, viewer.cameras) else Carried()
        reply, carried = await answered(question, before, tx.seen, asking)
    if chat is not None and reply.refused == "not_understood":
        reply, carried = await _helped(chat, record, question, viewer, asking, (reply, before))
    if look is not None:
        found = (reply, carried)
        reply, carried = await looked(record, found, asking, look, viewer.cameras)
    if habit is not None:
        reply = await habitual(reply, asking, habit)
    clock = goes_on.clock
    carried = replace(carried, seen=viewer.cameras)
    thread = replace(thread, turns=thread.turns + 1, last_activity=clock, carried=carried)
    messages = _messages(question, reply, clock, viewer.cameras)
    async with record.begin() as tx:
        if goes_on.expires:
            await tx.conversations.expire(goes_on.since)
            await tx.conversations.forget(goes_on.kept_since)
        await tx.conversations.keep(thread, messages)
        if hand_on is not None:
            worded_later = chat is not None and reply.refused is None
            await hand_on(tx, thread, messages[-1], worded_later)
    yield Turn(thread, reply)
    if chat is None or reply.refused is not None:
        return
    spoken = await worded(chat, question, reply, asking, tenant=viewer.tenant)
    if spoken.text != reply.text:
        async with record.begin() as tx:
            await tx.conversations.reword(messages[-1].id, spoken.text)
    yield Turn(thread, spoken)


async def _helped(
    chat: ChatModel,
    record: UnitOfWork,
    question: str,
    viewer: Viewer,
    asking: Asking,
    otherwise: tuple[Reply, Carried],
) -> tuple[Reply, Carried]:
    """The answer to a question of which a model chose what it asks for; else what there was."""
    plan = await choose(chat, question, asking.site, asking.now, asking.zone, tenant=viewer.tenant)
    if plan is None:
        return otherwise
    async with record.read() as tx:
        return await planned(plan, otherwise[1], tx.seen, asking)


def within(seen: Sequence[str] | None, cameras: Sequence[str] | None) -> bool:
    """Whether who sees these cameras (None: all) may be told what was said of those."""
    return cameras is None or (seen is not None and set(seen) <= set(cameras))


def shown(message: Message, cameras: Sequence[str] | None) -> Message:
    """The message; an answer out of cameras that may no longer be seen without what it says."""
    if message.role == "user" or within(message.seen, cameras):
        return message
    bare = replace(message, text=wording.WITHHELD, confidence=None, evidence_count=0)
    return replace(bare, understood="", evidence=(), follow_ups=())


async def _thread(tx: Transaction, goes_on: Thread, viewer: Viewer) -> Conversation:
    """The conversation that goes on, or a new one."""
    if goes_on.id is None:
        return Conversation(str(uuid4()), viewer.id, goes_on.clock, goes_on.clock)
    thread = await tx.conversations.get(goes_on.id)
    if thread.owner != viewer.id or thread.last_activity < goes_on.since:
        raise NotFound("conversation", goes_on.id)
    return thread


async def answered(
    question: str, carried: Carried, events: Events, asking: Asking
) -> tuple[Reply, Carried]:
    """The answer to a turn, and what goes on to the next. Nothing is kept."""
    if not asking.site.cameras:
        return refused(Unclear("unanswerable", wording.NO_CAMERA)), carried
    said = heard(question, carried, asking.site, asking.now, asking.zone)
    if carried.current is not None and is_why(said):
        return explained(carried.current, asking), carried
    if carried.current is not None and wants_similar(question):
        return await _similar(carried, carried.current, events, asking)
    plan = asked_of(question, carried)
    plan = plan or meant(said, carried, asking.site, asking.now, asking.zone)
    if isinstance(plan, Plan) and not plan.usual:
        plan = against_usual(plan, question, asking)
    if isinstance(plan, Plan) and not plan.usual:
        plan = against(plan, question) or plan
    if isinstance(plan, Unclear):
        return refused(kinder(plan, question, carried, asking.site)), carried
    return await planned(plan, carried, events, asking)


async def _similar(
    carried: Carried, plan: Plan, events: Events, asking: Asking
) -> tuple[Reply, Carried]:
    """What is like the event that was last spoken of; the base stays what it was."""
    about = carried.focus or next(iter(carried.shown), None)
    cameras = [each.id for each in asking.site.cameras]
    try:
        find = related(events, about or "", cameras, ["semantic"], limit=asking.limit,
                       embedder=asking.embedder)  # fmt: skip
        found = await find
    except NotFound:
        return refused(Unclear("not_understood", wording.NOTHING_TO_COMPARE)), carried
    event = (await events.get([about or ""]))[0]
    reply = Reply(
        wording.similar(event, [each.event for each in found], asking),
        value=len(found),
        plan=replace(plan, operation="list", event_id=event.id, rest=()),
        understood=f"Show events like event {event.id}.",
        evidence=tuple(each.event for each in found),
        total=len(found),
        confidence=round(sum(e.strength for e in found) / len(found), 3) if found else 0.5,
        follow_ups=("Play the first one",) if found else (),
    )
    return reply, replace(carried, shown=tuple(each.event.id for each in found) or carried.shown)


async def planned(
    plan: Plan, carried: Carried, events: Events, asking: Asking
) -> tuple[Reply, Carried]:
    """The answer to a plan, and what goes on to the next turn."""
    outcome = await execute(plan, events, asking)
    if not outcome.described:
        reply = refused(Unclear("unanswerable", wording.nothing(plan, outcome, asking)))
        return replace(reply, plan=plan, understood=wording.rewritten(plan, asking)), carried
    shown = tuple(each.id for each in outcome.evidence)
    if plan.operation == "clip" and set(shown) <= set(carried.shown):
        shown = carried.shown  # the others can still be chosen from
    focus = outcome.evidence[0].id if outcome.evidence and plan.operation in _NAMES_ONE else None
    kept = replace(plan, usual=False)
    return reply_of(plan, outcome, asking), carry(carried, kept, shown, focus)


_NAMES_ONE = frozenset({"first", "last", "duration", "clip"})


def reply_of(plan: Plan, outcome: Outcome, asking: Asking) -> Reply:
    """What came out, in words and as data."""
    coverage = "" if outcome.alive else "no events of any kind in that time"
    confidence = plan.certainty * (1.0 if outcome.alive else SILENT)
    if outcome.alternatives:
        confidence *= 0.9
    return Reply(
        text=wording.answer(plan, outcome, asking) + wording.aside(plan),
        value=outcome.value,
        plan=plan,
        understood=wording.rewritten(plan, asking),
        definition=plan.time.definition if plan.time else "",
        breakdown=outcome.parts,
        evidence=outcome.evidence,
        total=outcome.total,
        alternatives=outcome.alternatives,
        coverage=coverage,
        confidence=round(confidence, 3),
        follow_ups=wording.follow_ups(plan, outcome, asking),
        suggestions=plan.because,
    )


def with_clips(reply: Reply, clips: tuple[ClipLink, ...]) -> Reply:
    """The reply with the recordings of its evidence; where one was asked for and there is none, it
    says so."""
    text = reply.text
    asked_for = reply.plan is not None and reply.plan.operation == "clip"
    if asked_for and not (clips and clips[0].available):
        said = tongues.no_recording(reply.plan.language if reply.plan else "en")
        text = f"{text} {said or wording.NO_RECORDING}"
    return replace(reply, text=text, clips=clips)


def refused(unclear: Unclear) -> Reply:
    """Why there is no answer."""
    unclear = tongues.refusal(unclear)
    return Reply(
        unclear.message,
        refused=unclear.why,
        confidence=0.0,
        suggestions=unclear.suggestions,
        follow_ups=unclear.suggestions,
    )


def explained(plan: Plan, asking: Asking) -> Reply:
    """How the last answer came to be."""
    said = wording.rewritten(plan, asking)
    notes = "; ".join(plan.because)
    text = f"I understood: {said} Every matching event was counted" + (
        f" ({notes})." if notes else "."
    )
    return Reply(text, plan=plan, understood=said, confidence=plan.certainty)


def _messages(
    question: str, reply: Reply, now: datetime, seen: tuple[str, ...] | None
) -> Sequence[Message]:
    return (
        Message(str(uuid4()), "user", question, now),
        Message(
            str(uuid4()),
            "assistant",
            reply.text,
            now,
            confidence=reply.confidence,
            evidence_count=len(reply.evidence),
            refused=reply.refused,
            seen=seen,
            understood="" if reply.refused else reply.understood,
            evidence=tuple(each.id for each in reply.evidence),
            follow_ups=reply.follow_ups,
        ),
    )
