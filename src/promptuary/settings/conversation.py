"""The settings of events and conversations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from promptuary.settings.forms import comma_list, zone_name


class ConversationSettings(BaseModel):
    """Whose clock counts, who may see what, and for how long it is kept."""

    timezone: Annotated[str, AfterValidator(zone_name)] = Field(
        default="UTC",
        description="Where the clock of whoever asks about events stands, unless they say so: "
        "a name such as `Europe/Istanbul`.",
    )
    camera_access: Annotated[tuple[str, ...], BeforeValidator(comma_list)] = Field(
        default=(),
        description="Which cameras an API key may see, as `KEY_ID=gate|hall`, separated by "
        "commas; `*` stands for all. Empty: every key sees all cameras. As soon as one is named, "
        "a key that is not named sees none.",
    )
    conversation_with_model: bool = Field(
        default=True,
        description="Whether the chat model, where one is set, words answers over events; it "
        "changes nothing but the words.",
    )
    calendar: Path | None = Field(
        default=None,
        description="A JSON file of a site's holidays and odd days, for insights: "
        "{timezone?, entries: [{date, kind}]}.",
    )
    turn_sinks: Annotated[tuple[str, ...], BeforeValidator(comma_list)] = Field(
        default=(),
        description="Whom the server tells of each answered turn: `https://HOST/PATH` (a webhook) "
        "and `mqtt://HOST:1883?topic=NAME`, separated by commas.",
    )
    conversation_days: float = Field(
        default=7.0, gt=0, description="Days without a turn after which a conversation is deleted."
    )
    message_days: float = Field(
        default=30.0,
        gt=0,
        description="Days after which what was said is deleted in a conversation that goes on.",
    )
    history_messages: int = Field(
        default=50,
        ge=1,
        le=1000,
        description="How many messages a history holds where nobody says how many.",
    )
    evidence_limit: int = Field(
        default=5,
        ge=1,
        le=1000,
        description="How many events an answer shows as evidence where nobody says how many.",
    )
    evidence_most: int = Field(
        default=50, ge=1, le=1000, description="How many it shows at the most, whoever asks."
    )
    evidence_confidence: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Events of at least that confidence go first in the evidence of what only "
        "descriptions can answer; nothing is dropped, and counts stay exact.",
    )
    conversation_tokens: int = Field(
        default=300,
        ge=1,
        le=32_000,
        description="How many tokens a chat model may use to word an answer over events.",
    )
    conversation_temperature: float = Field(
        default=0.0, ge=0, le=2, description="Its temperature; 0 words the same answer alike."
    )
