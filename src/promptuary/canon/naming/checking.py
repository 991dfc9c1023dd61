"""Whether a model's words are taken: in the shape asked for, complete, of the thing, its own."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from promptuary.canon.naming.showing import Thing, label
from promptuary.canon.templates.lexicon import PLAIN_WORDS
from promptuary.canon.tokens import tokenise
from promptuary.domain.chats import Reply
from promptuary.domain.namings import Refused, SlotWording, Wording
from promptuary.retrieval.stems import stem

NAME, DESCRIPTION, LONGEST_REPLY = 80, 300, 100_000
_SLOT: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FENCE = re.compile(r"\A\s*```\w*\n(.*)\n```\s*\Z", re.DOTALL)
_ODD = re.compile(r"[\x00-\x1f\x7f<>{}`\u200b-\u200f\u2028-\u202e\u2060-\u2069]|://")
_QUOTED = re.compile(r"[\"“„«‹「『']([^\"“”„«»‹›「」『』'\n]{1,120})[\"”“»›」』']")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Words that are taken, or why they are not."""

    wording: Wording | None
    refused: Refused = ""
    detail: str = ""


class Refuse(Exception):  # noqa: N818 - it is a verdict, which never leaves this room
    """Words are not taken, for the reason of `code`."""

    def __init__(self, code: Refused, detail: str) -> None:
        self.code = code
        self.detail = detail


def judged(reply: Reply, things: Sequence[Thing]) -> list[Verdict]:
    """A verdict on each thing, in their order. Total: any reply has them, and never raises.

    A reply that is cut, is no JSON of the shape asked for or speaks of other things is worth
    nothing as a whole; else each thing stands for itself.
    """
    try:
        said = listed(reply, "things", {label(at) for at in range(len(things))})
    except Refuse as error:
        return [Verdict(None, error.code, error.detail)] * len(things)
    own = [said.get(label(at)) for at in range(len(things))]
    names = Counter(_called(thing, each) for thing, each in zip(things, own, strict=True) if each)
    return [_verdict(thing, each, names) for thing, each in zip(things, own, strict=True)]


def listed(reply: Reply, key: str, ids: set[str]) -> dict[str, dict[str, Any]]:
    """What the JSON of a reply lists under `key`, by id. Raises Refuse for a reply that is no such
    JSON, or speaks of other ids."""
    if reply.finish != "stop" or len(reply.text) > LONGEST_REPLY:
        raise Refuse("cut", f"the reply ended because of {reply.finish!r}, or is far too long")
    fenced = _FENCE.match(reply.text)
    try:
        whole = json.loads(fenced[1] if fenced else reply.text)
    except (ValueError, RecursionError):
        raise Refuse("not_json", f"the reply begins {reply.text[:80]!r}") from None
    rows = whole.get(key) if isinstance(whole, dict) else None
    if isinstance(whole, dict) and key not in whole and len(ids) == 1:
        rows = [{"id": next(iter(ids)), **whole}]  # about one thing, and so without a list
    if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
        raise Refuse("wrong_shape", f"the reply holds no list of `{key}`")
    found = {str(each.get("id")): each for each in rows}
    if len(found) < len(rows) or not found.keys() <= ids:
        raise Refuse("other_ids", f"it speaks of {sorted(found)[:20]!r}"[:300])
    return found


def _called(thing: Thing, said: dict[str, Any]) -> tuple[str, str]:
    return thing.kind, _plain(said.get("name"))


def _verdict(
    thing: Thing, said: dict[str, Any] | None, names: Mapping[tuple[str, str], int]
) -> Verdict:
    try:
        if said is None:
            raise Refuse("left_out", "the reply does not speak of it")
        name = one_line(said, "name", NAME)
        if names[_called(thing, said)] > 1:
            raise Refuse("two_alike", f"two of a kind are called {name!r}")
        wording = Wording(name, one_line(said, "description", DESCRIPTION), _slots(thing, said))
        _its_own(thing, wording)
    except Refuse as error:
        return Verdict(None, error.code, error.detail)
    return Verdict(wording)


def _slots(thing: Thing, said: dict[str, Any]) -> tuple[SlotWording, ...]:
    rows = said.get("slots", [])
    if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
        raise Refuse("wrong_shape", "`slots` is no list of objects")
    by_slot = {str(each.get("slot")): each for each in rows}
    if missing := set(thing.slots) - by_slot.keys():
        raise Refuse("slot_dropped", f"nothing is said of {', '.join(sorted(missing))}")
    if len(rows) > len(thing.slots):
        raise Refuse("slot_invented", f"{len(rows)} slots for {len(thing.slots)}")
    found = []
    for slot in thing.slots:
        name = one_line(by_slot[slot], "name", NAME)
        if not _SLOT.fullmatch(name):
            raise Refuse("no_name", f"{name!r} is no name of a slot")
        found.append(SlotWording(slot, name, one_line(by_slot[slot], "description", DESCRIPTION)))
    twice = [name for name, count in Counter(each.name for each in found).items() if count > 1]
    if twice:
        raise Refuse("two_alike", f"two slots are called {twice[0]!r}")
    return tuple(found)


def one_line(said: Mapping[str, Any], key: str, longest: int) -> str:
    """One line of plain text. Raises Refuse."""
    text = said.get(key)
    if not isinstance(text, str):
        raise Refuse("wrong_shape", f"`{key}` is no text")
    if len(text) > longest:
        raise Refuse(
            "too_long", f"`{key}` has {len(text):,} characters; at most {longest} are taken"
        )
    line = text.strip()
    if not any(letter.isalnum() for letter in line) or _ODD.search(line) or not _utf8(line):
        raise Refuse("no_name", f"`{key}` is {line!r}")
    return line


def _its_own(thing: Thing, wording: Wording) -> None:
    """The words share one with the thing, and the name is not one that a text put into quotes for
    the model to take."""
    dictated = {_plain(quoted) for text in thing.texts for quoted in _QUOTED.findall(text)}
    if _plain(wording.name) in dictated:
        raise Refuse("dictated", f"the text itself says {wording.name!r}, in quotation marks")
    if not shared_word((*thing.texts, *thing.slots), f"{wording.name} {wording.description}"):
        raise Refuse("not_about_it", f"{wording.name!r} shares no word with the text")


def shared_word(texts: Sequence[str], said: str) -> bool:
    """Whether what is said shares a telling word with the texts, where these have any."""
    about = {word for text in texts for word in _words(text)}
    return not about or not about.isdisjoint(_words(said))


def _words(text: str) -> set[str]:
    every = {part for word in tokenise(text).words for part in word.split("_") if part}
    return {stem(word) for word in every if word not in PLAIN_WORDS}


def _plain(text: object) -> str:
    return " ".join(tokenise(text).words) if isinstance(text, str) else ""


def _utf8(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
