"""Refining: a quick note in, a prompt in order out, with the reasons for all of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from promptuary.api.schemas.basics import Text, Wire
from promptuary.domain.library import DeclaredSlot, Domain, Expertise, Origin, OutputFormat
from promptuary.domain.refining import Engine, Refined, Severity, Wishes
from promptuary.library.refining.refine import LONGEST
from promptuary.library.refining.sheet import sheet

Lazy = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


class RefineIn(Wire):
    """What somebody jotted down, and for whom the prompt is to be. With the `engine` `model` a chat
    model words it, if that loses and invents nothing."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"lazy_prompt": "tell customers we close on 3 May"}]}
    )

    lazy_prompt: Lazy
    domain: Domain = "general"
    expertise_level: Expertise = "intermediate"
    output_format: OutputFormat = "detailed"
    include_best_practices: bool = True
    include_examples: bool = True
    engine: Engine = "rules"

    @property
    def wishes(self) -> Wishes:
        """As the library takes them."""
        return Wishes(
            self.domain,
            self.expertise_level,
            self.output_format,
            self.include_best_practices,
            self.include_examples,
        )


class FindingOut(Wire):
    """Something that will make answers worse; `code` is stable."""

    code: str
    severity: Severity
    reason: str
    quote: Text


class OriginOut(Wire):
    """Words of another prompt: `used` in this one, or only suggested for a `section`."""

    text: Text
    section: str
    used: bool
    kind: str
    id: str

    @classmethod
    def of(cls, text: str, origin: Origin, *, used: bool) -> OriginOut:
        """As it goes out."""
        return cls(text=text, section=origin.part, used=used, kind=origin.kind, id=origin.id)


class RefinedSlotOut(Wire):
    """A place to be filled in."""

    name: str
    type: str
    required: bool

    @classmethod
    def of(cls, slot: DeclaredSlot) -> RefinedSlotOut:
        """As it goes out."""
        return cls(name=slot.name, type=slot.type, required=slot.required)


class RefineOut(Wire):
    """A prompt in order. `changed` is false for one that was in order already."""

    refined_prompt: Text
    detected_topics: list[Text]
    recommended_references: list[str] | None
    cached: bool = False
    topic_details: dict[str, str] | None
    prompt_file_content: Text | None
    title: Text
    intent: str
    engine: str = Field(description="`rules`, or the model that worded it.")
    fell_back_because: str = Field(description="Why a model that was asked did not word it.")
    changed: bool
    questions: list[Text]
    lint: list[FindingOut]
    provenance: list[OriginOut]
    slots: list[RefinedSlotOut]

    @classmethod
    def of(cls, refined: Refined) -> RefineOut:
        """As it goes out."""
        references = [each for topic in refined.topics for each in topic.references]
        lent = [OriginOut.of(each.text, each.origin, used=True) for each in refined.borrowed]
        offered = [OriginOut.of(each.text, each.origin, used=False) for each in refined.suggestions]
        return cls(
            refined_prompt=refined.text,
            detected_topics=[topic.name for topic in refined.topics],
            recommended_references=list(dict.fromkeys(references)) or None,
            topic_details={topic.name: topic.detail for topic in refined.topics},
            prompt_file_content=sheet(refined),
            title=refined.title,
            intent=refined.intent,
            engine=refined.engine,
            fell_back_because=refined.fell_back_because,
            changed=refined.changed,
            questions=list(refined.questions),
            lint=[
                FindingOut(code=f.code, severity=f.severity, reason=f.reason, quote=f.quote)
                for f in refined.findings
            ],
            provenance=[*lent, *offered],
            slots=[RefinedSlotOut.of(slot) for slot in refined.slots],
        )
