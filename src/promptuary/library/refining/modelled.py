"""A chat model words the prompt, and the gate decides whether that counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from promptuary.domain.chats import ChatOptions, Message, Reply
from promptuary.domain.errors import BudgetSpent, Unavailable
from promptuary.domain.refining import USUAL, Lost, Neighbour, Refined, Wishes
from promptuary.library.refining.arranging import trim
from promptuary.library.refining.borrowing import trusted
from promptuary.library.refining.gate import lost
from promptuary.library.refining.refine import composed, described, in_order, refine
from promptuary.library.refining.wording import told
from promptuary.ports.chat_model import ChatModel

MOST_NAMED: Final = 3
_ROOM: Final = 4_000
_WRAPPED = re.compile(r"\A\s*(?:```\w*\n(.*)\n```|<prompt>\n?(.*?)\n?</prompt>)\s*\Z", re.DOTALL)


async def refine_with(
    chat: ChatModel,
    text: str,
    wishes: Wishes = USUAL,
    *,
    neighbours: Sequence[Neighbour] = (),
    tenant: str = "",
    strict: bool = False,
) -> Refined:
    """The prompt in the words of a model that keep all that the author's say; else by rules.

    A prompt that is in order already is not shown to the model. While that is away, the result is
    that of the rules, or with `strict` its error: Unavailable, BudgetSpent. Raises what `refine`
    raises.
    """
    by_rules = refine(text, wishes, neighbours=neighbours)
    if not by_rules.changed:
        return by_rules
    try:
        reply = await chat.reply(messages(by_rules.text), options=ChatOptions(tenant=tenant))
    except (Unavailable, BudgetSpent) as error:
        if strict:
            raise
        return _fell_back(by_rules, "away", str(error))
    return _judged(reply, by_rules, neighbours)


def messages(prompt: str) -> list[Message]:
    """What the model reads: the instructions, and the prompt in a fence that it cannot close."""
    shown = prompt.replace("<prompt", "<\u200bprompt").replace("</prompt", "<\u200b/prompt")
    return [
        Message("system", "\n".join(told("model")["system"])),
        Message("user", f"<prompt>\n{shown}\n</prompt>"),
    ]


def _judged(reply: Reply, by_rules: Refined, neighbours: Sequence[Neighbour]) -> Refined:
    wrapped = _WRAPPED.match(reply.text)
    said = trim((wrapped[1] or wrapped[2] or "") if wrapped else reply.text)
    if reply.finish != "stop":
        return _fell_back(by_rules, "cut")
    if not said:
        return _fell_back(by_rules, "empty")
    if len(said) > 3 * len(by_rules.text) + _ROOM:
        return _fell_back(by_rules, "long")
    authors, _ = in_order(by_rules.text)
    theirs, arranged = in_order(said)
    missing = lost(authors, theirs)
    if missing:
        invented = all(each.invented for each in missing)
        return _fell_back(by_rules, "invented" if invented else "lost", _named(missing, invented))
    worded = composed(arranged, by_rules.wishes)
    lenders = trusted(neighbours)
    role = next(iter(by_rules.borrowed), None)
    found = described(worded, by_rules.lazy_text, arranged, by_rules.wishes, lenders, role)
    kept = replace(found, engine=reply.model, title=by_rules.title, intent=by_rules.intent)
    return kept if lost(authors, worded, inventing=False) == () else _fell_back(by_rules, "lost")


def _named(missing: Sequence[Lost], invented: bool) -> str:
    shown = [repr(each.text[:40]) for each in missing if each.invented == invented]
    more = len(shown) - MOST_NAMED
    return ", ".join(shown[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _fell_back(by_rules: Refined, why: str, what: str = "something") -> Refined:
    reason: str = told("model")["fallbacks"][why]
    return replace(by_rules, fell_back_because=reason.replace("{what}", what))
