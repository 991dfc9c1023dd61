"""The path from a file to prompts: decode, cut, understand each piece, put versions together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.exchange import Imported, Unmapped
from promptuary.domain.library import (
    MAIN,
    About,
    Label,
    LibraryPrompt,
    Origin,
    PromptHistory,
    PromptVersion,
    library_prompt_id,
    version_id,
)
from promptuary.domain.slugs import folder_of, slug_of
from promptuary.library.exchange.carrying import Baggage, pack
from promptuary.library.exchange.forms import Draft, Form
from promptuary.library.exchange.names import free_slug, is_name, label_of, slots_in
from promptuary.library.exchange.pieces import Cut, Kept, kept
from promptuary.library.references import redirected

MOST_PIECES = 100_000
MOST_SLOTS = 500
MOST_TAGS = 100
MOST_SHOWN = 5
UNSAID = ("usage_count", "average_rating")
Read: TypeAlias = tuple[Draft, Kept]


def read(
    form: Form, data: bytes, now: datetime, *, name: str = "prompt", folder: str = ""
) -> Imported:
    """The prompts of a file. `now` stands in for dates that the file does not give, `name` for the
    names of prompts; `folder` goes before their slugs.

    Raises TooLarge, and InvalidInput for a file that is not of the format, is cut short, is not
    UTF-8, or says the same version of a prompt twice: then nothing of it is taken.
    """
    if len(data) > form.most_bytes:
        raise TooLarge(f"the file has {len(data):,} bytes, more than {form.most_bytes:,}")
    cut = _cut(form, decoded(data))
    drafts = {
        place: draft if draft.name.strip() else replace(draft, name=name)
        for place, piece in enumerate(cut.pieces)
        if (draft := _understood(form, piece, cut.context, place + 1)) is not None
        and _says_something(draft)
    }
    prompts = len(drafts)
    if form.distinct:
        first = {draft: place for place, draft in reversed(drafts.items())}
        drafts = {place: draft for place, draft in drafts.items() if first[draft] == place}
    imported = together(
        form, list(zip(drafts.values(), kept(cut, list(drafts)), strict=True)), now, folder
    )
    if len(drafts) < len(cut.pieces):
        why = _left_out(form, len(cut.pieces), prompts, len(drafts))
        return replace(imported, unmapped=(Unmapped("file", "entries", why), *imported.unmapped))
    return imported


def _left_out(form: Form, entries: int, prompts: int, taken: int) -> str:
    """What became of the entries that are not taken, in words."""
    if not prompts:
        return f"none of the {entries:,} reads as a prompt of {form.name}; is that its format?"
    bare = f"{entries - prompts:,} without a prompt" if entries > prompts else ""
    again = f"{prompts - taken:,} that came before" if prompts > taken else ""
    return f"{entries - taken:,} of {entries:,} left out: {', '.join(filter(None, (bare, again)))}"


def _says_something(draft: Draft) -> bool:
    return bool(draft.content.turns or draft.content.text.strip())


def decoded(data: bytes) -> str:
    """Text of UTF-8, a byte order mark included. Raises InvalidInput."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"the file is not UTF-8 (byte {error.start:,}); save it as UTF-8 and try again"
        ) from error


def _cut(form: Form, text: str) -> Cut:
    try:
        cut = form.cut(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"this is no file of {form.title}: {_said(error)}") from error
    if len(cut.pieces) > MOST_PIECES:
        raise TooLarge(f"the file has {len(cut.pieces):,} entries, more than {MOST_PIECES:,}")
    return cut


def _understood(form: Form, piece: str, context: str, place: int) -> Draft | None:
    try:
        return form.understand(piece, context)
    except (ValueError, RecursionError) as error:
        said = f"entry {place:,} is not of {form.title}: {_said(error)}"
        raise InvalidInput(said, fields={str(place): _said(error)}) from error


def _said(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:300]


def together(form: Form, read: Sequence[Read], now: datetime, folder: str = "") -> Imported:
    """Drafts as histories: those of one name are versions of one prompt, where the format has
    versions; otherwise each is a prompt, and a name that comes again gets a number behind it."""
    groups: dict[object, list[Read]] = {}
    for index, each in enumerate(read):
        groups.setdefault(each[0].name if form.versioned else index, []).append(each)
    histories: list[PromptHistory] = []
    unmapped: list[Unmapped] = []
    slugs: dict[str, None] = {}
    for group in groups.values():
        slugs[free_slug(f"{folder}/{group[0][0].name}", slugs)] = None
    named = [slug_of(group[0][0].name) for group in groups.values()]
    moved = dict(zip(reversed(named), reversed(slugs), strict=True)) if folder else {}
    for group, slug in zip(groups.values(), slugs, strict=True):
        there = [(_redirected(draft, moved), piece) for draft, piece in _numbered(group)]
        histories.append(_history(form, there, slug, now))
        unmapped += _notes(group, slug, folder)
    return Imported(tuple(histories), tuple(unmapped))


def _redirected(draft: Draft, moved: Mapping[str, str]) -> Draft:
    """The draft taking in prompts of its file where these are now."""
    if not moved:
        return draft
    return replace(draft, content=redirected(draft.content, lambda slug: moved.get(slug, slug)))


def _numbered(group: Sequence[Read]) -> list[Read]:
    """In order of their versions, numbered 1, 2, 3 and so on. Raises InvalidInput."""
    ordered = list(group)
    if all(draft.number is not None for draft, _ in group):
        _check_once(group)
        ordered.sort(key=lambda each: each[0].number or 0)
    return [(said, replace(piece, number=at)) for at, (said, piece) in enumerate(ordered, 1)]


def _check_once(group: Sequence[Read]) -> None:
    counts = Counter(draft.number for draft, _ in group)
    if twice := [number for number, count in counts.items() if count > 1]:
        name = group[0][0].name
        raise InvalidInput(f"version {twice[0]} of {name!r} stands in the file more than once")


def _history(form: Form, group: Sequence[Read], slug: str, now: datetime) -> PromptHistory:
    versions: list[PromptVersion] = []
    labels: dict[str, Label] = {}
    for draft, piece in group:
        version = replace(_version(form, draft, slug, versions[-1:], now), number=piece.number)
        versions.append(version)
        at = version.created_at
        names = filter(None, map(label_of, draft.labels))
        labels |= {each: Label(each, version.id, False, at, "") for each in names}
    newest, _ = group[-1]
    dated = [draft.created_at for draft, _ in group if draft.created_at]
    title = newest.title or newest.name.rpartition("/")[2] or slug
    prompt = LibraryPrompt(
        id=library_prompt_id(slug),
        slug=slug,
        about=About(
            title[:200], newest.description, folder=folder_of(slug), tags=newest.tags[:MOST_TAGS]
        ),
        revision=1,
        versions=len(versions),
        latest=versions[-1].id,
        usage_count=0,
        ratings=0,
        average_rating=None,
        archived=False,
        created_at=min(dated, default=now),
        updated_at=max(dated, default=now),
        unknown=UNSAID if len(dated) == len(group) else ("created_at", *UNSAID),
    )
    baggage = Baggage(group[0][0].name, slug, tuple(piece for _, piece in group))
    return PromptHistory(
        prompt,
        tuple(versions),
        tuple(labels.values()),
        {MAIN: versions[-1].id},
        carried=(pack(form.name, baggage),),
    )


def _version(
    form: Form, draft: Draft, slug: str, before: Sequence[PromptVersion], now: datetime
) -> PromptVersion:
    content = draft.content
    slots = [slot for slot in content.slots or slots_in(content) if is_name(slot.name)]
    content = replace(content, slots=tuple(slots[:MOST_SLOTS]))
    parents = tuple(each.id for each in before)
    return PromptVersion(
        id=version_id(content, parents),
        prompt_id=library_prompt_id(slug),
        number=1,
        branch=MAIN,
        content=content,
        parents=parents,
        message=draft.message,
        author=draft.author,
        created_at=draft.created_at or now,
        origins=(Origin(form.name, draft.name),),
    )


def _counted(numbers: Sequence[int]) -> str:
    """How versions of other numbers are numbered here, in words; a few of many."""
    shown = [f"{number} is {at} here" for at, number in enumerate(numbers, 1) if number != at]
    more = f" and {len(shown) - MOST_SHOWN:,} more" if len(shown) > MOST_SHOWN else ""
    return f"version {', '.join(shown[:MOST_SHOWN])}{more}"


def _notes(group: Sequence[Read], slug: str, folder: str) -> list[Unmapped]:
    notes = dict.fromkeys(note for draft, _ in group for note in draft.notes)
    name = group[0][0].name
    if slug != slug_of(f"{folder}/{name}"):
        notes[("name", f"an entry before {name!r} has its slug; this one is {slug!r}")] = None
    numbers = [draft.number for draft, _ in group if draft.number is not None]
    if len(numbers) == len(group) and sorted(numbers) != list(range(1, len(group) + 1)):
        notes[("version", _counted(sorted(numbers)))] = None
    on = Counter(label for draft, _ in group for label in draft.labels)
    for label in on:
        if label_of(label) != label:
            notes[("labels", f"{label!r} is called {label_of(label)!r} here")] = None
    for label, count in on.items():
        if count > 1:
            notes[("labels", f"{label!r} stands on {count} versions; the newest has it")] = None
    return [Unmapped(slug, field, why) for field, why in notes]
