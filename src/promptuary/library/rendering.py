"""The path of a rendering: a version, what it includes, and values become texts to send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from promptuary.domain.errors import InvalidInput
from promptuary.domain.library import (
    ChatTurn,
    DeclaredSlot,
    KeptPrompt,
    PromptContent,
    Rendered,
)
from promptuary.library.changing import Opened
from promptuary.library.compiling import Renderer
from promptuary.library.including import Included, gathered
from promptuary.library.reading import Name, get_in
from promptuary.library.references import OWN
from promptuary.library.syntaxes.compiled import Budget, Value
from promptuary.library.values import checked_values, marked

Messages: TypeAlias = Mapping[str, Sequence[ChatTurn]]
"""Messages of the caller for the placeholders of a chat prompt, by name."""
SPOKEN: Final = frozenset({"user", "assistant", "tool"})


async def render(
    self: Opened,
    slug: str,
    values: Mapping[str, Value] | None = None,
    *,
    version: Name | None = None,
    label: str | None = None,
    messages: Messages | None = None,
    user: str = "",
    tenant: str = "",
) -> Rendered:
    """The prompt with its slots filled, and counted as used by the `user`.

    Values are data: whatever stands in one, no template is read from it, and no turn or role comes
    of it. Raises NotFound, InvalidInput that names every slot at fault, TooLarge.
    """
    async with self._record.read() as tx:
        kept = await get_in(tx, slug, version, label, tenant)
        whole = await gathered(tx, slug, kept.version, tenant)
    rendered = filled(self._renderer, kept, whole, values or {}, messages or {})
    self._uses.count(kept.prompt.id, kept.version.id, user)
    return rendered


async def slots(
    self: Opened,
    slug: str,
    version: Name | None = None,
    *,
    label: str | None = None,
    tenant: str = "",
) -> Sequence[DeclaredSlot]:
    """What a rendering takes: the slots declared, those of what is included, and every other name
    in the texts, which is a text that must be given. Raises NotFound, InvalidInput."""
    async with self._record.read() as tx:
        kept = await get_in(tx, slug, version, label, tenant)
        whole = await gathered(tx, slug, kept.version, tenant)
    declared, names = _takes(self._renderer, whole)
    known = {slot.name for slot in declared}
    return [*declared, *(DeclaredSlot(name) for name in names if name not in known)]


def filled(
    renderer: Renderer,
    kept: KeptPrompt,
    whole: Included,
    values: Mapping[str, Value],
    messages: Messages,
) -> Rendered:
    """What `render` gives, of parts that are at hand."""
    content = kept.version.content
    slots, names = _takes(renderer, whole)
    checked = checked_values(slots, names, values)
    texts = _texts(renderer, whole, checked, Budget())
    turns = _turns(content, texts, messages)
    warnings = tuple(
        f"the value of {name} reads like a marker of roles; it stays a part of its turn"
        for name in marked(checked)
    )
    return Rendered(
        slug=kept.prompt.slug,
        version_id=kept.version.id,
        number=kept.version.number,
        text="" if content.turns else texts[0],
        turns=turns,
        config=content.config,
        warnings=warnings,
    )


def _takes(renderer: Renderer, whole: Included) -> tuple[list[DeclaredSlot], list[str]]:
    """The slots and other names of a version and of all it includes; what stands above wins."""
    slots = {slot.name: slot for slot in whole.version.content.slots}
    names = dict.fromkeys(renderer.ready(whole.version).names)
    for part in whole.parts.values():
        inner, more = _takes(renderer, part)
        slots = {**{slot.name: slot for slot in inner}, **slots}
        names |= dict.fromkeys(more)
    return list(slots.values()), list(names)


def _texts(
    renderer: Renderer, whole: Included, values: Mapping[str, Value], budget: Budget
) -> list[str]:
    """Each text of a version, filled."""
    parts = {
        reference: _texts(renderer, part, values, budget)[0]
        for reference, part in whole.parts.items()
    }
    made = []
    for compiled, includes in renderer.ready(whole.version).texts:
        own = {f"{OWN}{at}": parts[each] for at, each in enumerate(includes)}
        made.append(compiled.fill({**values, **own}, budget))
    return made


def _turns(
    content: PromptContent, texts: Sequence[str], messages: Messages
) -> tuple[ChatTurn, ...]:
    """The turns with their texts, and the caller's messages in their places."""
    places = {turn.placeholder for turn in content.turns if turn.placeholder is not None}
    if unknown := messages.keys() - places:
        raise _wrong(f"there is no place for {', '.join(sorted(unknown))[:80]}")
    made: list[ChatTurn] = []
    for turn, text in zip(content.turns, texts, strict=False):
        if turn.placeholder is None:
            made.append(ChatTurn(turn.role, text))
            continue
        for each in messages.get(turn.placeholder, ()):
            if each.role not in SPOKEN or each.placeholder is not None:
                raise _wrong(
                    f"what is said in {turn.placeholder} is of {', '.join(sorted(SPOKEN))}"
                )
            made.append(each)
    return tuple(made)


def _wrong(what: str) -> InvalidInput:
    return InvalidInput(f"the messages do not fit: {what}", fields={"messages": what})
