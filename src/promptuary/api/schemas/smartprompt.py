"""What clients of the older prompt service send and read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from promptuary.api.schemas.basics import Text, Wire
from promptuary.domain.library import Domain, Expertise, KeptPrompt, OutputFormat
from promptuary.domain.older_prompts import OlderSaid
from promptuary.domain.refining import Refined, Wishes
from promptuary.library.refining.refine import LONGEST
from promptuary.library.refining.sheet import sheet

Topic = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]


class OldRefineIn(Wire):
    """A quick note. Blank text is refused with 400, not 422."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"lazy_prompt": "secure a kubernetes cluster"}]}
    )

    lazy_prompt: Annotated[str, StringConstraints(max_length=LONGEST)]
    domain: Domain = "general"
    expertise_level: Expertise = "intermediate"
    output_format: OutputFormat = "detailed"
    include_best_practices: bool = True
    include_examples: bool = True

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


class ByTopicIn(Wire):
    """A topic, as a word or as it was detected."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"topic": "kubernetes"}]})

    topic: Topic
    domain: Domain | None = None
    limit: int = Field(default=5, ge=1, le=100)


class RelatedIn(Wire):
    """Several topics."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"topics": ["docker", "linux"]}]})

    topics: Annotated[list[Topic], Field(max_length=50)]
    domain: Domain | None = None
    limit: int = Field(default=3, ge=1, le=100)


class OldRefineOut(Wire):
    """A prompt in order; `refined_prompt` is a prompt, not an answer to it."""

    refined_prompt: Text
    detected_topics: list[Text]
    recommended_references: list[Text] | None = None
    cached: bool = False
    topic_details: dict[Text, Text] | None = None
    prompt_file_content: Text | None = None

    @classmethod
    def made(cls, refined: Refined) -> OldRefineOut:
        """Of a note that was just refined."""
        references = [each for topic in refined.topics for each in topic.references]
        return cls(
            refined_prompt=refined.text,
            detected_topics=[topic.name for topic in refined.topics],
            recommended_references=list(dict.fromkeys(references)) or None,
            topic_details={topic.name: topic.detail for topic in refined.topics},
            prompt_file_content=sheet(refined),
        )

    @classmethod
    def kept(cls, kept: KeptPrompt, text: str, more: dict[str, Any]) -> OldRefineOut:
        """Of a prompt of the library; `more` is what its config says of these members."""
        about = kept.prompt.about
        return cls(
            refined_prompt=text,
            detected_topics=list(about.detected_topics),
            recommended_references=_texts(more.get("recommended_references")),
            topic_details=dict(about.topic_details) or None,
            prompt_file_content=_text(more.get("prompt_file_content")),
        )

    @classmethod
    def said(cls, said: OlderSaid) -> OldRefineOut:
        """Of a prompt that moves, on either side."""
        return cls(
            refined_prompt=said.text,
            detected_topics=list(said.detected_topics),
            recommended_references=list(said.recommended_references) or None,
            topic_details=dict(said.topic_details) or None,
            prompt_file_content=said.prompt_file_content,
        )


class OldHealthOut(Wire):
    """How the service is; `redis` is the shared cache, whichever it is."""

    status: Literal["healthy"] = "healthy"
    redis: Literal["connected", "disconnected"]
    timestamp: datetime


def _texts(found: object) -> list[str] | None:
    return [str(each) for each in found] if isinstance(found, list) and found else None


def _text(found: object) -> str | None:
    return found if isinstance(found, str) else None
