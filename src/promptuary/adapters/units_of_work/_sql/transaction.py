"""One transaction with its repositories, and the databases that begin them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from anyio import CancelScope
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from promptuary.adapters.units_of_work._sql.collections import SqlCollections
from promptuary.adapters.units_of_work._sql.conversations import SqlConversations
from promptuary.adapters.units_of_work._sql.corrections import SqlCorrections
from promptuary.adapters.units_of_work._sql.documents import SqlDocuments
from promptuary.adapters.units_of_work._sql.errors import ReadOnlyError, translated
from promptuary.adapters.units_of_work._sql.events import SqlEvents
from promptuary.adapters.units_of_work._sql.evolution import SqlEvolution
from promptuary.adapters.units_of_work._sql.families import SqlFamilies
from promptuary.adapters.units_of_work._sql.intents import SqlIntents
from promptuary.adapters.units_of_work._sql.jobs import SqlJobQueue
from promptuary.adapters.units_of_work._sql.judgements import SqlJudgements
from promptuary.adapters.units_of_work._sql.keys import SqlApiKeys
from promptuary.adapters.units_of_work._sql.leases import SqlLeases
from promptuary.adapters.units_of_work._sql.library import SqlLibrary
from promptuary.adapters.units_of_work._sql.moves import SqlMoves
from promptuary.adapters.units_of_work._sql.namings import SqlNamings
from promptuary.adapters.units_of_work._sql.news import Announcer
from promptuary.adapters.units_of_work._sql.noticing import SqlNoticed
from promptuary.adapters.units_of_work._sql.originals import SqlOriginals
from promptuary.adapters.units_of_work._sql.outbox import SqlOutbox
from promptuary.adapters.units_of_work._sql.prompts import SqlPrompts
from promptuary.adapters.units_of_work._sql.replies import SqlReplies
from promptuary.adapters.units_of_work._sql.reviews import SqlReviews
from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.adapters.units_of_work._sql.templates import SqlTemplates
from promptuary.domain.errors import Unavailable
from promptuary.ports._news import News


@dataclass(frozen=True, slots=True)
class SqlTransaction:
    """The port `Transaction`."""

    collections: SqlCollections
    prompts: SqlPrompts
    templates: SqlTemplates
    families: SqlFamilies
    intents: SqlIntents
    corrections: SqlCorrections
    reviews: SqlReviews
    namings: SqlNamings
    evolution: SqlEvolution
    documents: SqlDocuments
    originals: SqlOriginals
    judgements: SqlJudgements
    library: SqlLibrary
    seen: SqlEvents
    conversations: SqlConversations
    noticed: SqlNoticed
    moves: SqlMoves
    outbox: SqlOutbox
    jobs: SqlJobQueue
    leases: SqlLeases
    replies: SqlReplies
    keys: SqlApiKeys


class SqlUnitOfWork:
    """The port `UnitOfWork`, over an engine that writes and one that reads.

    `turn` is entered before a writing transaction begins; where the database takes one writer at a
    time, that is a lock in which writers of this process queue up.
    """

    def __init__(
        self, writing: AsyncEngine, reading: AsyncEngine, turn: AbstractAsyncContextManager[None]
    ) -> None:
        self._writing = writing
        self._reading = reading
        self._turn = turn
        native = writing.dialect.name == "postgresql"
        self._announcer = Announcer(reading if native else None)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[SqlTransaction]:
        """A transaction that writes: commits durably on a clean exit, rolls back otherwise."""
        try:
            async with self._turn, _transaction(self._writing) as db:
                transaction = _repositories(db)
                yield transaction
                await transaction.outbox.flush()
                await self._announcer.before_commit(db)
        except ReadOnlyError as error:
            raise Unavailable(
                f"{error}; nothing was written: let the database take writes again (a disk mounted "
                "read-only, a standby in the place of its primary), then repeat"
            ) from error
        self._announcer.after_commit(db)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlTransaction]:
        """A transaction for reading only: a consistent snapshot that holds nobody up."""
        async with _transaction(self._reading) as db:
            yield _repositories(db)

    def listen(self, news: News, heard: Callable[[], None]) -> Callable[[], None]:
        """As the port `Announcing` says."""
        return self._announcer.listen(news, heard)

    async def ping(self) -> None:
        """Raises Unavailable when the database does not answer."""
        with translated():
            async with self._reading.connect() as connection:
                await connection.execute(select(1))

    async def aclose(self) -> None:
        """Release what is held; closing twice is harmless."""
        await self._announcer.aclose()
        await self._writing.dispose()
        await self._reading.dispose()


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[Statements]:
    with translated():
        connection = await engine.connect()
    try:
        with translated():
            await connection.begin()
        yield Statements(connection)
        # A commit that has set out is seen through, whoever cancels meanwhile.
        with translated(), CancelScope(shield=True):
            await connection.commit()
    finally:
        with CancelScope(shield=True):
            await connection.close()


def _repositories(db: Statements) -> SqlTransaction:
    return SqlTransaction(
        collections=SqlCollections(db),
        prompts=SqlPrompts(db),
        templates=SqlTemplates(db),
        families=SqlFamilies(db),
        intents=SqlIntents(db),
        corrections=SqlCorrections(db),
        reviews=SqlReviews(db),
        namings=SqlNamings(db),
        evolution=SqlEvolution(db),
        documents=SqlDocuments(db),
        originals=SqlOriginals(db),
        judgements=SqlJudgements(db),
        library=SqlLibrary(db),
        seen=SqlEvents(db),
        conversations=SqlConversations(db),
        noticed=SqlNoticed(db),
        moves=SqlMoves(db),
        outbox=SqlOutbox(db),
        jobs=SqlJobQueue(db),
        leases=SqlLeases(db),
        replies=SqlReplies(db),
        keys=SqlApiKeys(db),
    )
