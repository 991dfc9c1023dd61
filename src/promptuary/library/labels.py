"""Labels: names that point at versions and can be moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promptuary.domain.errors import Forbidden, InvalidInput
from promptuary.domain.library import LATEST, Label, LibraryPrompt
from promptuary.domain.slugs import checked_name
from promptuary.library.changing import Done, Opened, changed, changing
from promptuary.library.including import gathered
from promptuary.library.versions import named
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class Pointing:
    """A label to be put on a version; `override` moves one that is protected, and `protected` says
    whether it is so from then on (None: as it was)."""

    name: str
    version_id: str
    author: str = ""
    override: bool = False
    protected: bool | None = None


async def label(
    self: Opened,
    slug: str,
    name: str,
    version: str | int = LATEST,
    *,
    protected: bool | None = None,
    override: bool = False,
    author: str = "",
    expected_revision: int | None = None,
    tenant: str = "",
) -> Label:
    """Point a label at a version, which is named as `get` takes it.

    Raises NotFound, InvalidInput for a name that none can have, Conflict as `save` does, and
    Forbidden for a protected label without `override`.
    """
    async with changing(self, slug, tenant, expected_revision) as (tx, prompt):
        target = await named(tx, prompt, version)
        await gathered(tx, slug, target, tenant)
        made = Pointing(name, target.id, author, override, protected)
        found = await move(tx, self._clock, prompt, made)
        done = Done("labelled", author, f"{name} -> v{target.number}")
        await changed(tx, self._clock, prompt, prompt, done)
        return found


async def unlabel(
    self: Opened,
    slug: str,
    name: str,
    *,
    override: bool = False,
    author: str = "",
    expected_revision: int | None = None,
    tenant: str = "",
) -> None:
    """Take a label away; one that is not there is no error. Raises as `label` does."""
    async with changing(self, slug, tenant, expected_revision) as (tx, prompt):
        known = {each.name: each for each in await tx.library.labels(prompt.id)}
        if name not in known:
            return
        _check(known[name], override)
        await tx.library.unlabel(prompt.id, name)
        await changed(tx, self._clock, prompt, prompt, Done("unlabelled", author, name))


async def labels(self: Opened, slug: str, *, tenant: str = "") -> Sequence[Label]:
    """Every label of a prompt, `latest` first. Raises NotFound."""
    async with self._record.read() as tx:
        return await every_label(tx, await tx.library.get(slug, tenant))


async def every_label(tx: Transaction, prompt: LibraryPrompt) -> tuple[Label, ...]:
    """`latest` first, then by name."""
    return (latest(prompt), *await tx.library.labels(prompt.id))


def latest(prompt: LibraryPrompt) -> Label:
    """The label that always is the newest version on `main`."""
    return Label(LATEST, prompt.latest, False, prompt.updated_at, "")


async def move(tx: Transaction, clock: Clock, prompt: LibraryPrompt, made: Pointing) -> Label:
    """Put the label where it shall be. Raises InvalidInput, Forbidden."""
    if made.name == LATEST:
        message = "`latest` always is the newest version; take another label"
        raise InvalidInput(message, fields={"label": "moves by itself"})
    checked_name("label", made.name)
    known = {each.name: each for each in await tx.library.labels(prompt.id)}.get(made.name)
    if known is not None:
        _check(known, made.override)
    protected = known.protected if known is not None else False
    if made.protected is not None:
        protected = made.protected
    found = Label(made.name, made.version_id, protected, clock.now(), made.author)
    await tx.library.point(prompt.id, found)
    return found


def _check(label: Label, override: bool) -> None:
    if label.protected and not override:
        said = "moving it needs `override` (`--protected` in a command), or a key with the scope "
        raise Forbidden(f"the label {label.name!r} is protected: {said}library:protect")
