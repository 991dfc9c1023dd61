"""The path from prompts to a file: what did not change since it was read stands as it stood."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from promptuary.domain.errors import InvalidInput, Unsupported
from promptuary.domain.exchange import Exported, Unmapped
from promptuary.domain.library import (
    LATEST,
    MAIN,
    DeclaredSlot,
    PromptContent,
    PromptHistory,
    PromptVersion,
)
from promptuary.domain.slugs import slug_of
from promptuary.library.exchange.carrying import Baggage, unpack
from promptuary.library.exchange.forms import Draft, Form, Old
from promptuary.library.exchange.names import slots_in
from promptuary.library.exchange.pieces import Kept, whole
from promptuary.library.exchange.reading import together
from promptuary.library.references import redirected

Placed: TypeAlias = tuple[Kept | None, str]

FIELDS: Mapping[str, Callable[[Draft], object]] = {
    "text": lambda draft: (draft.content.text, draft.content.kind),
    "turns": lambda draft: draft.content.turns,
    "syntax": lambda draft: draft.content.syntax,
    "slots": lambda draft: draft.content.slots,
    "config": lambda draft: _settled(draft.content.config),
    "labels": lambda draft: sorted(draft.labels),
    "message": lambda draft: draft.message,
    "author": lambda draft: draft.author,
    "created_at": lambda draft: draft.created_at,
    "title": lambda draft: draft.title,
    "description": lambda draft: draft.description,
    "tags": lambda draft: draft.tags,
}
"""Fields of a draft that formats say, and how each is compared."""


def write(form: Form, histories: Sequence[PromptHistory]) -> Exported:
    """A file of these prompts.

    Exactly the prompts of an imported file, unchanged, give that file again, byte for byte. A piece
    whose prompt changed is written anew with all its unknown fields; so are prompts from elsewhere.
    Raises Unsupported when the format holds one prompt a file and this is not one.
    """
    if form.single and len(histories) != 1:
        raise Unsupported(f"a file of {form.title} holds one prompt, not {len(histories)}")
    pieces = [list(_pieces(form, history)) for history in histories]
    placed = [each for some in pieces for each in some]
    text = whole(placed)
    if text is None:
        text = _joined(form, histories, placed)
    pairs = zip(histories, pieces, strict=True)
    left_out = [each for history, some in pairs for each in _left_out(form, history, some)]
    return Exported(_encoded(text), tuple(left_out))


def _joined(form: Form, histories: Sequence[PromptHistory], placed: Sequence[Placed]) -> str:
    """A new file of these pieces; those of several contexts are said anew in the form's own."""
    contexts = {form.context if each is None else each.context for each, _ in placed}
    if len(contexts) <= 1:
        return form.join([text for _, text in placed], next(iter(contexts), form.context))
    bare = [replace(history, carried=()) for history in histories]
    anew = [text for history in bare for _, text in _pieces(form, history)]
    return form.join(anew, form.context)


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # a lone surrogate: JSON can say it, UTF-8 cannot
        return text.encode("utf-8", "backslashreplace")


def _pieces(form: Form, history: PromptHistory) -> Iterator[Placed]:
    """Each version that the format can say, with the piece it came from and its text of today."""
    main = [version for version in history.versions if version.branch == MAIN]
    if not form.versioned:
        main = main[-1:]
    baggage = unpack(history, form.name)
    before = _as_read(form, baggage, history.prompt.created_at) if baggage else {}
    if baggage is None or not before:
        for version in main:
            yield None, form.say(drafted(history, version), None, form.says | {"name"})
        return
    kept = {each.number: each for each in baggage.pieces}
    for version in main:
        number = version.number if form.versioned else next(iter(kept))
        now = _as_there(drafted(history, version), baggage)
        if number not in kept:
            anew = replace(now, number=number + _ahead(form, baggage))
            yield None, form.say(anew, None, form.says | {"name"})
            continue
        changed = {f for f in form.says if FIELDS[f](now) != FIELDS[f](before[number])}
        if history.prompt.slug != baggage.slug:
            changed.add("name")
        yield kept[number], _said(form, now, kept[number], baggage.name, frozenset(changed))


def _as_there(draft: Draft, baggage: Baggage) -> Draft:
    """The draft without the folder that its file was put into, in the names of what it takes in."""
    folder = baggage.slug.removesuffix(slug_of(baggage.name))
    if not folder.endswith("/") or folder == baggage.slug:
        return draft
    content = redirected(draft.content, lambda slug: slug.removeprefix(folder))
    return replace(draft, content=content)


def _ahead(form: Form, baggage: Baggage) -> int:
    """By how much the file counts its versions further than we do."""
    last = max(baggage.pieces, key=lambda piece: piece.number)
    draft = form.understand(last.raw, last.context)
    return (draft.number or last.number) - last.number if draft else 0


def _said(form: Form, draft: Draft, piece: Kept, name: str, changed: frozenset[str]) -> str:
    """The piece as it has to be today. One that went by its first words, and has others now, is
    given its name."""
    if not changed:
        return piece.raw
    old = Old(piece.raw, piece.context)
    said = form.say(draft, old, changed)
    again = form.understand(said, piece.context)
    if "name" not in changed and again is not None and (again.name or name) != name:
        return form.say(draft, old, changed | {"name"})
    return said


def _as_read(form: Form, baggage: Baggage, now: datetime) -> Mapping[int, Draft]:
    """The drafts that its pieces gave when they were read, by version; none for pieces that cannot
    be of this format, whoever wrote them."""
    try:
        pieces = [(form.understand(each.raw, each.context), each) for each in baggage.pieces]
        read = [
            (draft if draft.name else replace(draft, name=baggage.name), each)
            for draft, each in pieces
            if draft is not None
        ]
        (history,) = together(form, read, now).histories
    except (ValueError, RecursionError, InvalidInput):
        return {}
    return {version.number: drafted(history, version) for version in history.versions}


def drafted(history: PromptHistory, version: PromptVersion) -> Draft:
    """A version as formats say it."""
    prompt = history.prompt
    labels = {label.name for label in history.labels if label.version_id == version.id}
    return Draft(
        name=prompt.slug,
        content=version.content,
        number=version.number,
        labels=tuple(sorted(labels - {LATEST})),
        message=version.message,
        author=version.author,
        created_at=None if "created_at" in prompt.unknown else version.created_at,
        title=prompt.about.title,
        description=prompt.about.description,
        tags=prompt.about.tags,
        newest=version.id == prompt.latest,
    )


def _settled(config: str) -> str:
    """JSON in one spelling, whatever spelling it has."""
    try:
        return json.dumps(json.loads(config), sort_keys=True)
    except ValueError:
        return config


def _left_out(form: Form, history: PromptHistory, placed: Sequence[Placed]) -> Iterator[Unmapped]:
    """What of a prompt the format has no place for."""
    about, newest = history.prompt.about, history.versions[-1]
    main = [version for version in history.versions if version.branch == MAIN]
    there_is: Mapping[str, int] = {
        "versions": 0 if form.versioned else len(main) - 1,
        "branches": len(history.versions) - len(main),
        "ratings": len(history.ratings),
        "labels": 0 if "labels" in form.says else _own_labels(history),
        "tags": 0 if "tags" in form.says else len(about.tags),
        "description": 0 if "description" in form.says else len(about.description),
        "config": 0 if "config" in form.says or _settled(newest.content.config) == "{}" else 1,
        "slots": _slots_lost(form, main, placed),
    }
    for field, count in there_is.items():
        if count:
            yield Unmapped(history.prompt.slug, field, f"{form.title} cannot say it")


def _own_labels(history: PromptHistory) -> int:
    return len([label for label in history.labels if label.name != LATEST])


def _slots_lost(form: Form, versions: Sequence[PromptVersion], placed: Sequence[Placed]) -> int:
    """How many slots of the newest version, of which more is known than the name, are not told by
    its piece as they are here."""
    if not versions or not placed:
        return 0
    piece, text = placed[-1]
    said = form.understand(text, form.context if piece is None else piece.context)
    content = said.content if said else PromptContent()
    told = {slot.name: slot for slot in content.slots or slots_in(content)}
    typed = [slot for slot in versions[-1].content.slots if slot != DeclaredSlot(slot.name)]
    return sum(told.get(slot.name) != slot for slot in typed)
