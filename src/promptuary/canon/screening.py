"""What a moderator says of a prompt: of its text, and of its source and metadata, which are kept
beside it and shown with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from promptuary.domain.filters import Scalar
from promptuary.domain.prompts import Collection, IncomingPrompt, Verdict, prompt_id
from promptuary.ports.moderator import Moderator
from promptuary.ports.unit_of_work import UnitOfWork

_NOTHING = Verdict(allowed=True)


async def screened(
    moderator: Moderator,
    record: UnitOfWork,
    collection: Collection,
    prompts: Sequence[IncomingPrompt],
) -> list[tuple[IncomingPrompt, Verdict]]:
    """Each prompt as it is to be kept but for its text (which `keeps` gives), with the verdict over
    all of it; what somebody released before is allowed.

    What comes with a text is shown to the moderator as `name: value`, since rules go by what a
    value is called, and once for all prompts that say the same. Ids are left alone: they are what
    a sender knows a prompt by.
    """
    texts = [prompt.text for prompt in prompts]
    beside = list(dict.fromkeys(line for prompt in prompts for line in _lines(prompt)))
    verdicts = await moderator.review([*texts, *beside])
    said = dict(zip(beside, verdicts[len(texts) :], strict=True))
    whole = [
        (_cleaned(prompt, said), _joined(verdict, [said[line] for line in _lines(prompt)]))
        for prompt, verdict in zip(prompts, verdicts[: len(texts)], strict=True)
    ]
    ids = [prompt_id(collection.id, keeps(prompt.text, verdict)) for prompt, verdict in whole]
    refused = [own for own, (_, verdict) in zip(ids, whole, strict=True) if not verdict.allowed]
    if not refused:
        return whole
    async with record.read() as tx:
        released = await tx.reviews.released(refused)
    return [
        (prompt, replace(verdict, allowed=True) if own in released else verdict)
        for own, (prompt, verdict) in zip(ids, whole, strict=True)
    ]


def keeps(text: str, verdict: Verdict) -> str:
    """What is kept of a text: with placeholders where the moderator took something out."""
    return text if verdict.text is None else verdict.text


def _lines(prompt: IncomingPrompt) -> Iterator[str]:
    if prompt.source:
        yield _line("source", prompt.source)
    for name, value in prompt.metadata.items():
        if _is_looked_at(value):
            yield _line(name, value)


def _is_looked_at(value: Scalar) -> bool:
    """A card number may come as a number."""
    return isinstance(value, str | int) and not isinstance(value, bool)


def _line(name: str, value: Scalar) -> str:
    return f"{name}: {value}"


def _cleaned(prompt: IncomingPrompt, said: Mapping[str, Verdict]) -> IncomingPrompt:
    """The prompt with placeholders in its source and metadata."""
    if all(said[line].text is None for line in _lines(prompt)):
        return prompt
    source = prompt.source and str(_clean("source", prompt.source, said)[1])
    return replace(
        prompt,
        source=source,
        metadata=dict(_clean(name, value, said) for name, value in prompt.metadata.items()),
    )


def _clean(name: str, value: Scalar, said: Mapping[str, Verdict]) -> tuple[str, Scalar]:
    verdict = said.get(_line(name, value)) if _is_looked_at(value) else None
    if verdict is None or verdict.text is None:
        return name, value
    if verdict.text.startswith(_line(name, "")):
        return name, verdict.text.removeprefix(_line(name, ""))
    shown, _, rest = verdict.text.partition(": ")  # something was taken out of the name
    return shown, rest


def _joined(verdict: Verdict, beside: Iterable[Verdict]) -> Verdict:
    """The text's verdict over all of the prompt: what is refused anywhere refuses it."""
    telling = [said for said in beside if said != _NOTHING]
    if not telling:
        return verdict
    scores = dict(verdict.scores)
    masked = Counter(verdict.masked)
    for said in telling:
        masked.update(said.masked)
        for name, score in said.scores.items():
            scores[name] = max(score, scores.get(name, 0.0))
    reasons = [verdict.reason, *(f"its metadata {said.reason}" for said in telling if said.reason)]
    return replace(
        verdict,
        allowed=verdict.allowed and all(said.allowed for said in telling),
        scores=scores,
        reason="; ".join(dict.fromkeys(filter(None, reasons))) or None,
        masked=dict(masked),
        unasked=tuple(
            dict.fromkeys([*verdict.unasked, *(name for said in telling for name in said.unasked)])
        ),
    )
