"""What the face does with events and conversations: `Promptuary.conversation`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from promptuary.conversation import noting, reaching, telling
from promptuary.conversation.converse import Thread, Viewer, converse, shown, with_clips
from promptuary.conversation.following import Following
from promptuary.conversation.insights.calendar import Calendar
from promptuary.conversation.manner import Manner
from promptuary.conversation.noticing import Noticing
from promptuary.conversation.outside import Outside
from promptuary.conversation.planning.windows import zone_of
from promptuary.conversation.receiving import receive
from promptuary.conversation.recordings import Recordings
from promptuary.conversation.sites import Sites
from promptuary.conversation.speaking.worded import Chat
from promptuary.conversation.summing_up import LONG, summary
from promptuary.conversation.telling import EVERYBODY
from promptuary.conversation.unusual import Looked
from promptuary.domain.clips import ClipLink
from promptuary.domain.conversations import Carried, Conversation, Exported, Message, Turn
from promptuary.domain.errors import InvalidInput, NotFound, PromptuaryError
from promptuary.domain.events import Camera, Event, EventFilter, Received, Site
from promptuary.domain.pages import Page
from promptuary.ports.chat_model import ChatModel
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

LONGEST_QUESTION = 4_000
EVERY = 1_000_000
SWEEP_SECONDS = 60.0
"""So often turns take conversations away whose time is over; nobody reads those meanwhile."""


class Conversing:
    """Events in; questions about them, answered exactly, in threads that belong to somebody.

    `user` is whose conversation it is; nobody reads another's. `cameras` are those that they may
    see (None: all): nothing of another camera shows, not even its name.
    """

    def __init__(
        self,
        record: UnitOfWork,
        clock: Clock,
        timezone: str,
        lifetime: timedelta,
        calendar: Calendar,
        outside: Outside | None = None,
        *,
        chat: Chat | None = None,
        manner: Manner | None = None,
    ) -> None:
        self._record = record
        self._clock = clock
        self._sites = Sites()
        self._swept = clock.monotonic() - SWEEP_SECONDS
        self._chat = chat
        self._manner = manner or Manner()
        self._timezone = timezone
        self._lifetime = lifetime
        self._noticing = Noticing(record, Following(record, timezone, calendar))
        self._outside = outside or Outside()
        self.recordings = Recordings(record, self._outside.clips)

    async def add_events(
        self,
        events: Iterable[Event | Mapping[str, Any]],
        *,
        first: int = 1,
        cameras: Sequence[str] | None = None,
    ) -> Received:
        """Take events in, as `Event` or as JSON of any shape that `receiving` knows. The same
        again changes nothing; bad ones are named and stop nobody. `cameras` are those that the
        sender may write for."""
        try:
            now = self._clock.now()
            return await receive(self._record, events, now, first=first, only=cameras)
        finally:
            self._sites.forget()

    listen = reaching.listen
    import_from = reaching.import_from
    import_conversations = reaching.import_conversations
    clips = reaching.clips
    save_clip = reaching.save_clip
    open_link = reaching.open_link
    related_events = reaching.related_events
    search_events = reaching.search_events
    begin = noting.begin
    note = noting.note
    owner_of = noting.owner_of

    async def remove_events(self, ids: Sequence[str]) -> int:
        """Delete events and all they say; they do not come back. How many there were."""
        async with self._record.begin() as tx:
            gone = await tx.seen.remove(ids)
        self._sites.forget()
        return gone

    async def describe_cameras(self, cameras: Sequence[Camera]) -> None:
        """Say what cameras are called and what they can see."""
        async with self._record.begin() as tx:
            await tx.seen.describe(cameras)
        self._sites.forget()

    async def events(
        self,
        where: EventFilter | None = None,
        *,
        cameras: Sequence[str] | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Event]:
        """Events, the newest first."""
        async with self._record.read() as tx:
            return await tx.seen.page(_within(where, cameras), cursor=cursor, limit=limit)

    async def events_of(
        self, ids: Sequence[str], *, cameras: Sequence[str] | None = None
    ) -> list[Event]:
        """The events of these ids that exist, in the order asked."""
        async with self._record.read() as tx:
            found = await tx.seen.get(ids)
        return [each for each in found if cameras is None or each.camera in cameras]

    async def site(self, *, cameras: Sequence[str] | None = None) -> Site:
        """The cameras, what they see, and since when."""
        async with self._record.read() as tx:
            return await tx.seen.site(cameras)

    async def converse(
        self,
        question: str,
        *,
        conversation_id: str | None = None,
        user: str = EVERYBODY,
        cameras: Sequence[str] | None = None,
        timezone: str | None = None,
        now: datetime | None = None,
        limit: int = 5,
        tenant: str = "",
    ) -> Turn:
        """Answer a question about events, exactly, with its evidence; or say why it cannot be.

        Without a conversation a new one begins. `timezone` is where the clock of whoever asks
        stands, `now` when they ask (else: now); `limit` is how many events come as evidence;
        `tenant` pays for a chat model, where one words answers. Raises InvalidInput (too long, no
        such time zone), NotFound (no such conversation, or somebody else's), Conflict (it went on
        meanwhile).
        """
        asking = self.converse_stream(
            question,
            conversation_id=conversation_id,
            user=user,
            cameras=cameras,
            timezone=timezone,
            now=now,
            limit=limit,
            tenant=tenant,
        )
        turn: Turn | None = None
        async with aclosing(asking) as coming:
            async for each in coming:
                turn = each
        if turn is None:
            raise AssertionError  # a turn comes, or an error was raised
        return turn

    async def converse_stream(
        self,
        question: str,
        *,
        conversation_id: str | None = None,
        user: str = EVERYBODY,
        cameras: Sequence[str] | None = None,
        timezone: str | None = None,
        now: datetime | None = None,
        limit: int = 5,
        tenant: str = "",
    ) -> AsyncGenerator[Turn, None]:
        """The same as it comes: the turn as soon as it is answered and kept and, where a chat model
        words answers, once more in its words. Raises what `converse` raises."""
        if len(question) > LONGEST_QUESTION:
            raise InvalidInput(
                f"a question holds at most {LONGEST_QUESTION} characters",
                fields={"query": "too long"},
            )
        zone = zone_of(timezone or self._timezone)
        viewer = Viewer(user, zone, None if cameras is None else tuple(cameras), tenant)
        clock, began = self._clock.now(), self._clock.monotonic()
        expires = began - self._swept >= SWEEP_SECONDS
        self._swept = began if expires else self._swept
        kept_since = clock - self._manner.remembered
        thread = Thread(conversation_id, clock - self._lifetime, clock, kept_since, expires)
        chat = await self._words()
        asked = partial(
            converse, self._record, question, viewer, now or clock, thread, sites=self._sites
        )
        clips: tuple[ClipLink, ...] | None = None
        async with aclosing(
            asked(
                limit=limit,
                manner=self._manner,
                chat=chat,
                embedder=self._outside.embedder,
                look=self._look,
                habit=self._noticing.usually,
                hand_on=partial(self._hand_on, began),
            )
        ) as coming:
            async for turn in coming:
                if clips is None:
                    clips = await self.recordings.of_answer(turn.reply.evidence)
                yield replace(turn, reply=with_clips(turn.reply, clips))

    async def _hand_on(
        self, began: float, tx: Transaction, thread: Conversation, answer: Message, waits: bool
    ) -> None:
        took = self._clock.monotonic() - began
        await self._outside.handing.defer(tx, thread, answer, took, waits=waits)

    async def _words(self) -> ChatModel | None:
        """Who words answers. A model that cannot be opened words none: the answer needs no model,
        and `promptuary ping` says what is wrong with it."""
        with suppress(PromptuaryError):
            return await self._chat() if self._chat else None
        return None

    async def _look(self, since: datetime, now: datetime, cameras: Sequence[str] | None) -> Looked:
        found = await self._noticing.notices(since, now, cameras=cameras)
        return found, self._noticing.following.counted_until

    insights = telling.insights
    outlook = telling.outlook
    mute_insights = telling.mute_insights
    unmute_insights = telling.unmute_insights
    insight_mutes = telling.insight_mutes
    judge_insight = telling.judge_insight
    insight_feedback = telling.insight_feedback
    heartbeat = telling.heartbeat

    async def conversations(
        self, *, user: str = EVERYBODY, cursor: str | None = None, limit: int = 50
    ) -> Page[Conversation]:
        """Those of a user, the latest activity first; without what they carry."""
        async with self._record.read() as tx:
            page = await tx.conversations.list(user, cursor=cursor, limit=limit)
        bare = tuple(replace(each, carried=Carried()) for each in page.items)
        return replace(page, items=bare)

    async def history(
        self,
        conversation_id: str,
        *,
        user: str = EVERYBODY,
        cameras: Sequence[str] | None = None,
        limit: int = 50,
        skip: int = 0,
    ) -> Exported:
        """A conversation and the latest of what was said, oldest first. An answer from a time when
        its owner saw other cameras too is withheld. Raises NotFound."""
        async with self._record.read() as tx:
            thread = await tx.conversations.get(conversation_id)
            old = thread.last_activity < self._clock.now() - self._lifetime
            if thread.owner != user or old:
                raise NotFound("conversation", conversation_id)
            said = await tx.conversations.messages(conversation_id, limit=limit, skip=skip)
            total = await tx.conversations.count(conversation_id)
            long = thread.turns > LONG
            every = await tx.conversations.messages(conversation_id, limit=EVERY) if long else ()
        bare = replace(thread, carried=Carried())
        whole = summary([shown(each, cameras) for each in every])
        since = self._clock.now() - self._manner.remembered
        kept = tuple(shown(each, cameras) for each in said if each.at >= since)
        return Exported(bare, kept, whole, total)

    async def export(
        self,
        conversation_id: str,
        *,
        user: str = EVERYBODY,
        cameras: Sequence[str] | None = None,
    ) -> Exported:
        """A conversation with everything that was said. Raises NotFound."""
        return await self.history(conversation_id, user=user, cameras=cameras, limit=EVERY)

    async def expire(self) -> int:
        """Delete the conversations whose time is over, each as a whole, and of the others what was
        said too long ago; how many conversations went."""
        now = self._clock.now()
        async with self._record.begin() as tx:
            await tx.conversations.forget(now - self._manner.remembered)
            return await tx.conversations.expire(now - self._lifetime)

    async def delete(self, conversation_id: str, *, user: str = EVERYBODY) -> None:
        """Delete a conversation and all that was said in it, at once. Raises NotFound."""
        async with self._record.begin() as tx:
            if (await tx.conversations.get(conversation_id)).owner != user:
                raise NotFound("conversation", conversation_id)
            await tx.conversations.delete(conversation_id)


def _within(where: EventFilter | None, cameras: Sequence[str] | None) -> EventFilter:
    """The filter, for the cameras that may be seen."""
    where = where or EventFilter()
    if cameras is None:
        return where
    wanted = where.cameras
    seen = tuple(each for each in cameras if wanted is None or each in wanted)
    return replace(where, cameras=seen)
