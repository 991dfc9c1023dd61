"""The settings of naming: whether and by whom templates and families are named."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from promptuary.settings.forms import comma_list


class NamingSettings(BaseModel):
    """What a chat model is asked about what was found."""

    naming_models: Annotated[tuple[str, ...], BeforeValidator(comma_list)] = Field(
        default=(),
        description="The models that name templates and families, as in `chat_models`. Empty: "
        "those of `chat_models`.",
    )
    code_models: Annotated[tuple[str, ...], BeforeValidator(comma_list)] = Field(
        default=(),
        description="The models that name templates and families full of program code, as in "
        "`chat_models`. Empty: those of `naming_models`.",
    )
    naming_tokens: int = Field(
        default=2_000,
        ge=100,
        le=100_000,
        description="How long a reply about names may be, in tokens; it gets room for each thing "
        "besides.",
    )
    naming_temperature: float = Field(
        default=0.0, ge=0, le=2, description="How freely names are chosen: 0 is not at all."
    )
    reasoning_models: Annotated[tuple[str, ...], BeforeValidator(comma_list)] = Field(
        default=(),
        description="The models that say whether two families are one, as in `chat_models`. "
        "Empty: those of `chat_models`.",
    )
    reasoning_tokens: int = Field(
        default=1_000,
        ge=100,
        le=100_000,
        description="How long a reply about families that may be one may be, in tokens; it gets "
        "room for each pair besides.",
    )
    name_new_templates: bool = Field(
        default=False,
        description="Whether new templates and families are named by a model after each ingest; "
        "else only `promptuary name` does.",
    )
    naming_calls: int = Field(
        default=20,
        ge=1,
        le=10_000,
        description="Calls that naming makes at most after an ingest; the rest waits for the next.",
    )
