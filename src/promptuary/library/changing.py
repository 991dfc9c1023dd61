"""How anything of a kept prompt changes: one transaction, one revision, one line of the audit
trail, one row of the outbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from promptuary.domain.errors import RevisionMismatch
from promptuary.domain.library import Action, AuditEntry, LibraryPrompt
from promptuary.library.compiling import Renderer
from promptuary.library.counting import Uses
from promptuary.library.finding import Cut, Finding
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import Transaction, UnitOfWork


class Opened(Protocol):
    """What these methods need of the Library that they belong to."""

    @property
    def _record(self) -> UnitOfWork: ...

    @property
    def _clock(self) -> Clock: ...

    @property
    def _changed(self) -> Callable[[], None]: ...

    @property
    def _uses(self) -> Uses: ...

    @property
    def _renderer(self) -> Renderer: ...

    @property
    def _finding(self) -> Finding | None: ...

    @property
    def _cut(self) -> Cut: ...


@dataclass(frozen=True, slots=True)
class Done:
    """What was done and by whom, as the audit trail keeps it."""

    action: Action
    author: str = ""
    detail: str = ""


@asynccontextmanager
async def changing(
    library: Opened, slug: str, tenant: str, expected: int | None
) -> AsyncIterator[tuple[Transaction, LibraryPrompt]]:
    """The prompt, held until the transaction ends. Raises NotFound, and RevisionMismatch when
    `expected` is not its revision."""
    async with library._record.begin() as tx:
        prompt = await tx.library.get(slug, tenant, hold=True)
        check_revision(prompt, expected)
        yield tx, prompt
    library._changed()


def check_revision(prompt: LibraryPrompt, expected: int | None) -> None:
    """Raises RevisionMismatch when somebody changed it since it was read."""
    if expected is not None and expected != prompt.revision:
        raise RevisionMismatch(
            f"{prompt.slug!r} is at revision {prompt.revision}, not {expected}: somebody changed "
            "it meanwhile; read it again"
        )


async def changed(
    tx: Transaction, clock: Clock, before: LibraryPrompt, after: LibraryPrompt, done: Done
) -> LibraryPrompt:
    """Write `after` in place of `before`, as the next revision, and tell whom it concerns."""
    now = clock.now()
    after = replace(after, revision=before.revision + 1, updated_at=now)
    await tx.library.change(after, expected=before.revision)
    entry = AuditEntry(
        after.id, after.slug, done.action, done.detail, done.author, after.revision, now
    )
    await tx.library.note(entry, tenant=after.tenant)
    await tx.outbox.add("library", [after.id])
    return after
