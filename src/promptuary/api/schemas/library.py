"""The library: what is sent to be kept."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AliasChoices, ConfigDict, Field, StringConstraints

from promptuary.api.schemas.basics import CLEAN, Name, Short, Wire
from promptuary.domain.library import (
    MAIN,
    About,
    ChatTurn,
    DeclaredSlot,
    Domain,
    Expertise,
    PromptContent,
    Role,
    Syntax,
)
from promptuary.domain.templates import SlotType

LONGEST = 1_000_000
Long: TypeAlias = Annotated[str, StringConstraints(max_length=LONGEST)]
Named: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=CLEAN)]
Key: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=CLEAN)]
"""Of a user or a conversation: the same is always given the same version."""
Label: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=64)]


def _shown(example: dict[str, Any]) -> ConfigDict:
    """The configuration of a body that is described with an example."""
    return ConfigDict(json_schema_extra={"examples": [example]})


class Shown(Wire):
    """Base of what is made of the domain's own objects."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)


class SlotIn(Shown):
    """A slot as it is declared."""

    name: Named
    type: SlotType = "text"
    required: bool = True
    default: Long | None = None
    description: Long = ""
    choices: list[Long] = Field(default_factory=list, max_length=1000)
    minimum: float | None = Field(default=None, allow_inf_nan=False)
    maximum: float | None = Field(default=None, allow_inf_nan=False)
    sensitive: bool = False
    examples: list[Long] = Field(default_factory=list, max_length=1000)

    def slot(self) -> DeclaredSlot:
        """As the domain has it."""
        told = self.model_dump(exclude={"choices", "examples"})
        return DeclaredSlot(**told, choices=tuple(self.choices), examples=tuple(self.examples))


class TurnIn(Shown):
    """A message of a chat prompt, or with a `placeholder` the place of a list of messages."""

    role: Role
    content: Long = ""
    placeholder: Named | None = None

    def turn(self) -> ChatTurn:
        """As the domain has it."""
        return ChatTurn(self.role, self.content, self.placeholder)


class AboutIn(Shown):
    """What is said about a prompt."""

    model_config = _shown({"title": "Refund reply", "tags": ["mail"], "domain": "general"})

    title: Annotated[str, StringConstraints(max_length=500)] = ""
    description: Long = ""
    folder: Annotated[str, StringConstraints(max_length=200)] = ""
    tags: list[Named] = Field(default_factory=list, max_length=100)
    domain: Domain = "general"
    expertise_level: Expertise = "intermediate"
    detected_topics: list[Named] = Field(default_factory=list, max_length=100)
    topic_details: dict[Named, Long] = Field(default_factory=dict)

    def about(self) -> About:
        """As the domain has it."""
        told = self.model_dump(exclude={"tags", "detected_topics"})
        return About(**told, tags=tuple(self.tags), detected_topics=tuple(self.detected_topics))


class ContentIn(Shown):
    """What a version says: `text` or `turns`."""

    text: Long = ""
    turns: list[TurnIn] = Field(default_factory=list, max_length=1000)
    syntax: Syntax = "jinja"
    slots: list[SlotIn] = Field(default_factory=list, max_length=500)
    lazy_text: Long | None = None
    config: Long = "{}"

    def content(self) -> PromptContent:
        """As the domain has it."""
        return PromptContent(
            text=self.text,
            turns=tuple(turn.turn() for turn in self.turns),
            syntax=self.syntax,
            slots=tuple(slot.slot() for slot in self.slots),
            lazy_text=self.lazy_text,
            config=self.config,
        )


class SaveIn(ContentIn):
    """A prompt, or the next version of one. Without `about` what is said stays as it is; a `text`
    and none of `turns`, `syntax`, `slots`, `config` and `lazy_text` leaves those as they are, but
    for slots that it names no more."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "slug": "support/refund-reply",
                    "text": "Write a kind reply to {{ customer }} about a refund.",
                    "slots": [{"name": "customer", "type": "name"}],
                    "labels": ["production"],
                }
            ]
        }
    )

    slug: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    about: AboutIn | None = None
    message: Short = ""
    author: Name | Literal[""] = ""
    branch: Label = MAIN
    labels: list[Label] = Field(default_factory=list, max_length=20)

    def says(self) -> PromptContent | str:
        """As the library takes it."""
        whole = self.model_fields_set & (ContentIn.model_fields.keys() - {"text"})
        return self.content() if whole else self.text


class Nothing(Wire):
    """Nothing need be said: `{}`."""

    model_config = _shown({})


class LabelIn(Wire):
    """A label and the version that it shall point at: a number, a label, a branch or an id."""

    model_config = _shown({"name": "production", "version": "3"})

    name: Label
    version: Annotated[str, StringConstraints(min_length=1, max_length=64)] = "latest"
    protected: bool | None = None


class MergeIn(Wire):
    """A branch to be brought into another."""

    model_config = _shown({"branch": "try", "into": "main"})

    branch: Label
    into: Label = MAIN
    prefer: Literal["ours", "theirs"] | None = None
    message: Short = ""


class AdoptIn(Wire):
    """A template that was found in traffic, and the slug it shall have."""

    model_config = _shown({"template": "00000000-0000-4000-8000-000000000000"})

    template: Named
    slug: Named | None = None
    labels: list[Label] = Field(default_factory=list, max_length=20)


class RatingIn(Wire):
    """What a version is worth, 1 (bad) to 5 (good)."""

    model_config = _shown({"stars": 4, "version": "production"})

    stars: int = Field(ge=1, le=5, validation_alias=AliasChoices("stars", "rating"))
    version: Annotated[str, StringConstraints(min_length=1, max_length=64)] = "latest"
    key: Key | None = Field(default=None, description="Else the version that it was given.")
    comment: Short = ""
    author: Name | Literal[""] = Field(default="", description="Whom the caller rates for.")


class RenderIn(Wire):
    """Values for the slots, and messages for the placeholders of a chat prompt."""

    model_config = _shown({"values": {"customer": "Ada"}, "label": "production"})

    values: dict[str, object] = Field(default_factory=dict, max_length=1000)
    messages: dict[str, list[TurnIn]] = Field(default_factory=dict, max_length=50)
    version: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    label: Label | None = None
    user: Name | Literal[""] = Field(default="", description="Whom the caller fills it for.")
