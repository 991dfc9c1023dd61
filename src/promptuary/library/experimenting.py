"""The path of an experiment: begun, given out by key, judged by ratings, rolled back by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from promptuary.domain import plain
from promptuary.domain.errors import Conflict, InvalidInput, NotFound
from promptuary.domain.experiments import Experiment, State, Tally, Verdict
from promptuary.domain.library import (
    Action,
    AuditEntry,
    Carried,
    KeptPrompt,
    LibraryPrompt,
    PromptVersion,
    Rating,
)
from promptuary.library.changing import Opened
from promptuary.library.histories import every_rating
from promptuary.library.labels import label as point
from promptuary.library.reading import get
from promptuary.library.trials import (
    ERROR,
    GOOD_STARS,
    difference_at_any_time,
    in_trial,
    share_at_any_time,
)
from promptuary.library.versions import named
from promptuary.ports.unit_of_work import Transaction

KEPT_AS: Final = "promptuary.experiment"
"""Under which name an experiment is kept with its prompt, and exported with it."""
PRODUCTION: Final = "production"


async def begin_experiment(
    self: Opened,
    slug: str,
    candidate: str | int,
    *,
    label: str = PRODUCTION,
    share: float = 0.5,
    author: str = "",
    tenant: str = "",
) -> Experiment:
    """Put a version on trial beside the one that the label points at.

    Raises NotFound, InvalidInput for a share that is none or a version against itself, and
    Conflict while another experiment runs.
    """
    if not 0 < share < 1:
        raise InvalidInput("share lies between 0 and 1", fields={"share": "between 0 and 1"})
    async with self._record.begin() as tx:
        prompt = await tx.library.get(slug, tenant, hold=True)
        control = await tx.library.labelled(prompt.id, label)
        trial = await named(tx, prompt, candidate)
        if trial.id == control.id:
            message = f"{label} already points at that version"
            raise InvalidInput(message, fields={"candidate": "the control itself"})
        known = await _kept(tx, prompt)
        if known is not None and known.state == "running":
            raise Conflict(f"an experiment with {slug} runs; stop it first")
        now = self._clock.now()
        made = Experiment(slug, label, control.id, trial.id, share, now)
        await _keep(tx, prompt, made)
        said = f"v{trial.number} beside {label} (v{control.number}), {share:.0%}"
        await _note(self, tx, prompt, "tried", said, author)
    return made


async def serve(
    self: Opened,
    slug: str,
    key: str,
    *,
    label: str = PRODUCTION,
    user: str = "",
    tenant: str = "",
) -> KeptPrompt:
    """The version that this key gets, always the same until the experiment ends; where there is
    none with the label, the label's version. It is counted as used by the `user`.

    New ratings are judged first, so a candidate that turns out worse is not given out again. One
    that has won is given on to whom it was given, until the label moves. Raises NotFound.
    """
    async with self._record.read() as tx:
        prompt = await tx.library.get(slug, tenant)
        known = await _kept(tx, prompt)
    if known is None or known.label != label:
        return await get(self, slug, label=label, user=user, tenant=tenant)
    if known.state == "running" and prompt.ratings != known.judged:
        known = (await judge(self, slug, tenant=tenant)).experiment
    async with self._record.read() as tx:
        chosen = await _chosen(tx, prompt, known, key)
    return await get(self, slug, chosen.id, user=user, tenant=tenant)


async def judge(
    self: Opened,
    slug: str,
    *,
    promote: bool = False,
    override: bool = False,
    author: str = "",
    tenant: str = "",
) -> Verdict:
    """How the experiment stands now; may be asked at any time, as often as one likes.

    A candidate that is surely worse has lost, and is given to nobody from then on. One that is
    surely better has won; with `promote` the label moves to it (Forbidden for a protected one
    without `override`). Raises NotFound.
    """
    async with self._record.begin() as tx:
        prompt = await tx.library.get(slug, tenant, hold=True)
        known = await _known(tx, prompt)
        every = await every_rating(tx, prompt.id)
        ratings = [rating for rating in every if rating.created_at >= known.started_at]
        verdict = _verdict(known, ratings, prompt.ratings)
        if verdict.experiment != known:
            await _keep(tx, prompt, verdict.experiment)
        if verdict.experiment.state != known.state:
            await _note(self, tx, prompt, "judged", verdict.reason, author)
    if promote and verdict.experiment.state == "won":
        move = (slug, known.label, known.candidate)
        await point(self, *move, override=override, author=author, tenant=tenant)
    return verdict


async def stop_experiment(
    self: Opened, slug: str, *, author: str = "", tenant: str = ""
) -> Experiment:
    """End it: everybody gets the label's version again. Raises NotFound."""
    async with self._record.begin() as tx:
        prompt = await tx.library.get(slug, tenant, hold=True)
        known = await _known(tx, prompt)
        if known.state != "running":
            pointed = await tx.library.labelled(prompt.id, known.label)
            if not _goes_on(known, pointed.id):
                return known
        ended = replace(known, state="stopped")
        await _keep(tx, prompt, ended)
        await _note(self, tx, prompt, "stopped", "the experiment", author)
    return ended


async def given(tx: Transaction, prompt: LibraryPrompt, key: str) -> PromptVersion:
    """The version that this key is given now. Raises NotFound where there never was an
    experiment."""
    return await _chosen(tx, prompt, await _known(tx, prompt), key)


async def _chosen(
    tx: Transaction, prompt: LibraryPrompt, known: Experiment, key: str
) -> PromptVersion:
    pointed = await tx.library.labelled(prompt.id, known.label)
    if _goes_on(known, pointed.id) and _tried_by(known, key):
        return await tx.library.version(prompt.id, known.candidate)
    return pointed


def _goes_on(known: Experiment, pointed: str) -> bool:
    """Whether the candidate is given to anybody: while it is tried, and after it has won as long as
    the label points at what it was better than."""
    return known.state == "running" or (known.state == "won" and known.control == pointed)


def _tried_by(known: Experiment, key: str) -> bool:
    name = f"{known.slug}\0{known.candidate}\0{known.started_at.isoformat()}"
    return in_trial(name, key, known.share)


def _verdict(known: Experiment, ratings: Sequence[Rating], seen: int) -> Verdict:
    control, candidate = (_tally(ratings, version) for version in (known.control, known.candidate))
    difference = difference_at_any_time(control, candidate)
    state: State = known.state
    reason = "not enough is known yet: the difference may still be none"
    if difference.high < 0:
        state, reason = "lost", "the candidate is surely worse; the label's version is given out"
    elif difference.low > 0:
        state, reason = "won", "the candidate is surely better"
    if known.state != "running":
        state, reason = known.state, ENDED[known.state]
    after = replace(known, state=state, judged=seen)
    old, new = (share_at_any_time(tally, ERROR / 2) for tally in (control, candidate))
    return Verdict(after, control, candidate, difference, reason, old, new)


ENDED: Final[dict[State, str]] = {
    "won": "it is decided: the candidate is better",
    "lost": "it has ended: the candidate is worse, and the label's version is given out",
    "stopped": "it was stopped, and the label's version is given out",
}


def _tally(ratings: Sequence[Rating], version_id: str) -> Tally:
    own = [rating.stars for rating in ratings if rating.version_id == version_id]
    return Tally(len(own), sum(stars >= GOOD_STARS for stars in own))


async def _known(tx: Transaction, prompt: LibraryPrompt) -> Experiment:
    known = await _kept(tx, prompt)
    if known is None:
        raise NotFound("experiment", prompt.slug)
    return known


async def _kept(tx: Transaction, prompt: LibraryPrompt) -> Experiment | None:
    for each in await tx.library.carried(prompt.id):
        if each.format == KEPT_AS:
            return plain.decode(Experiment, each.extras.encode())
    return None


async def _keep(tx: Transaction, prompt: LibraryPrompt, made: Experiment) -> None:
    await tx.library.carry(prompt.id, [Carried(KEPT_AS, plain.encode(made).decode())])


async def _note(
    self: Opened, tx: Transaction, prompt: LibraryPrompt, action: Action, said: str, author: str
) -> None:
    now = self._clock.now()
    entry = AuditEntry(prompt.id, prompt.slug, action, said, author, prompt.revision, now)
    await tx.library.note(entry, tenant=prompt.tenant)
