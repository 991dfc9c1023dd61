"""The path of an answer: found passages, evidence, confidence; then quotes or a model's words.

Nothing is answered that no passage holds: what is quoted are the passages' own characters, and what
a chat model says is believed sentence by sentence, each checked against the passages it names.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from anyio import to_thread

from promptuary.answering import confidence, wording
from promptuary.answering.citing import Quoted, choose, cite, worded
from promptuary.answering.confidence import Calibration
from promptuary.answering.evidence import Evidence, Rarity, weigh
from promptuary.answering.follow_ups import follow_ups
from promptuary.answering.prompting import packed
from promptuary.answering.question import Question, read
from promptuary.answering.replying import Grounded, Ungrounded, replied
from promptuary.domain.answers import Answer, Considered, Refusal, RefusalReason
from promptuary.domain.chats import Usage
from promptuary.domain.errors import InvalidInput, Rejected, TooLarge, Unavailable
from promptuary.ports.chat_model import ChatModel
from promptuary.ports.embedder import ContextualEmbedder
from promptuary.retrieval.passages import Retrieved
from promptuary.retrieval.thesaurus import Thesaurus

LONGEST_QUESTION = 1_000
"""Characters; more is a document, not a question."""

Said: TypeAlias = str | Answer | Refusal
"""A piece of a reply that is streamed, or, last of all, the outcome."""


@dataclass(frozen=True, slots=True)
class Answering:
    """The parts that answering needs. Without `chat` answers are quotes. Where there is a
    `contextual` model, what it makes of each word in its place has a say in what is quoted."""

    thesaurus: Thesaurus
    calibration: Calibration = field(default_factory=confidence.shipped)
    chat: ChatModel | None = None
    contextual: ContextualEmbedder | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """How to answer: how sure at least, how many sentences quoted at most, how much a model reads,
    in all and, in `characters`, of each passage.

    `tenant` is who pays for the model.
    """

    min_confidence: float = 0.25
    sentences: int = 2
    context_tokens: int = 4_000
    characters: int | None = None
    tenant: str = ""


USUAL = Wish()


def checked(question: str) -> str:
    """The question without blanks around it. Raises InvalidInput, TooLarge."""
    text = question.strip()
    if not text:
        raise InvalidInput("there is no question", fields={"question": "empty"})
    if len(text) > LONGEST_QUESTION:
        raise TooLarge(f"a question has at most {LONGEST_QUESTION:,} characters, not {len(text):,}")
    return text


def refuse(reason: RefusalReason, question: str) -> Refusal:
    """A no for which nothing was looked up. Raises InvalidInput, TooLarge for the question."""
    return _refusal(reason, read(checked(question)), [], [])


async def answer(
    parts: Answering,
    question: str,
    found: Sequence[Retrieved],
    wish: Wish = USUAL,
    *,
    rarity: Rarity | None = None,
) -> Answer | Refusal:
    """The outcome for a question and the passages found for it, best first.

    `rarity` is that of the question's stems in the collection; without it, among the passages.
    Raises InvalidInput and TooLarge for the question. A model that fails or says what the passages
    do not hold is no error: then the quotes answer.
    """
    async with aclosing(stream(parts, question, found, wish, rarity=rarity)) as saying:
        async for said in saying:
            if not isinstance(said, str):
                return said
    raise AssertionError  # the last is the outcome, by `stream`


async def stream(
    parts: Answering,
    question: str,
    found: Sequence[Retrieved],
    wish: Wish = USUAL,
    *,
    rarity: Rarity | None = None,
) -> AsyncGenerator[Said, None]:
    """The same, piece by piece: text as it is known to be true, last the outcome.

    The outcome is what counts: where a model began well and then said what no passage holds, its
    text is not the pieces' but the quotes'.
    """
    asked = read(checked(question))
    weighing = partial(_weighed, parts, asked, found, rarity)
    evidence, features = await to_thread.run_sync(weighing)
    if not evidence:
        yield _refusal("nothing_found", asked, found, evidence)
        return
    sure = parts.calibration.probability(features)
    why = confidence.reasons(asked, features, evidence, found)
    if sure < wish.min_confidence:
        yield _refusal("low_confidence", asked, found, evidence, sure=sure, reasons=why)
        return
    basis = _Basis(asked, found, evidence, sure, why)
    if parts.chat is None:
        outcome = _quoted(basis, wish)
        if isinstance(outcome, Answer):
            yield outcome.text
        yield outcome
        return
    async with aclosing(_wording(parts, parts.chat, basis, wish)) as saying:
        async for said in saying:
            yield said


def _weighed(
    parts: Answering, question: Question, found: Sequence[Retrieved], rarity: Rarity | None
) -> tuple[list[Evidence], Mapping[str, float]]:
    """What takes the time of an answer, for a thread of its own."""
    evidence = weigh(question, found, parts.thesaurus, rarity, parts.contextual)
    return evidence, confidence.portray(question, evidence, parts.thesaurus) if evidence else {}


@dataclass(frozen=True, slots=True)
class _Basis:
    question: Question
    found: Sequence[Retrieved]
    evidence: Sequence[Evidence]
    confidence: float
    reasons: tuple[str, ...]


def _quoted(
    basis: _Basis, wish: Wish, *, because: str = "", usage: Usage | None = None
) -> Answer | Refusal:
    chosen = choose(basis.question, basis.evidence, wish.sentences)
    if not chosen:
        return _refusal("nothing_found", basis.question, basis.found, basis.evidence, usage=usage)
    return _answered(basis, worded(chosen), chosen, because=because, usage=usage)


async def _wording(
    parts: Answering, chat: ChatModel, basis: _Basis, wish: Wish
) -> AsyncGenerator[Said, None]:
    question = basis.question.text
    passages = packed(question, basis.found, basis.evidence, wish.context_tokens, wish.characters)
    said: list[Grounded] = []
    usage: Usage | None = None
    try:
        async with aclosing(replied(chat, question, passages, wish.tenant)) as saying:
            async for each in saying:
                if isinstance(each, Usage):
                    usage = each
                    continue
                said.append(each)
                yield each.text if len(said) == 1 else f" {each.text}"
    except Ungrounded as lie:
        yield _quoted(basis, wish, because=f"the model was not believed: {lie}", usage=lie.usage)
        return
    except (Unavailable, Rejected) as failure:
        yield _quoted(basis, wish, because=f"the model did not answer: {failure}")
        return
    if not said:
        yield _refusal(
            "not_grounded", basis.question, basis.found, basis.evidence,
            sure=basis.confidence, reasons=basis.reasons, usage=usage,
        )  # fmt: skip
        return
    quoted = _evidence_of(parts, basis, said)
    text = " ".join(each.text for each in said)
    yield _answered(basis, text, quoted, model=chat.name, usage=usage)


def _evidence_of(parts: Answering, basis: _Basis, said: Sequence[Grounded]) -> list[Quoted]:
    """For each statement the sentence of each passage it names that says it."""
    chosen: dict[tuple[str, int], Quoted] = {}
    for each in said:
        for mark in each.marks:
            retrieved = basis.found[mark - 1]
            weighed = weigh(read(each.text), [retrieved], parts.thesaurus)
            for quoted in choose(basis.question, weighed, 1):
                chosen.setdefault((quoted.passage.id, quoted.span[0]), quoted)
    return list(chosen.values())


def _answered(
    basis: _Basis,
    text: str,
    chosen: Sequence[Quoted],
    *,
    model: str = "extractive",
    because: str = "",
    usage: Usage | None = None,
) -> Answer:
    reasons = (*basis.reasons, because) if because else basis.reasons
    follow = follow_ups(basis.question.text, basis.found, chosen)
    considered = tuple(Considered(each.passage, each.score) for each in basis.found)
    return Answer(text, cite(chosen), basis.confidence, reasons, model, follow, usage, considered)


def _refusal(
    reason: RefusalReason,
    question: Question,
    found: Sequence[Retrieved],
    evidence: Sequence[Evidence],
    *,
    sure: float = 0.0,
    reasons: tuple[str, ...] = (),
    usage: Usage | None = None,
) -> Refusal:
    missing = confidence.missing(question, evidence)
    nearest = tuple(each.passage for each in found)
    return Refusal(reason, wording.refused(reason, missing), sure, missing, nearest, reasons, usage)
