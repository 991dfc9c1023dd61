"""The settings of events and conversations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from promptuary.settings.forms import comma_list


class ConversationSettings(BaseModel):
    """Whose clock counts, who may see what, and for how long it is kept."""

    timezone: str = Field(
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
    conversation_days: float = Field(
        default=7.0, gt=0, description="Days without a turn after which a conversation is deleted."
    )
