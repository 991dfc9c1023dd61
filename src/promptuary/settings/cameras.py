"""The settings of what comes from cameras: events, recordings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, SecretStr

from promptuary.settings.forms import comma_list


def clip_store_url(value: object) -> object:
    """The bare address of a video management system, as other settings give it, names that."""
    is_address = isinstance(value, str) and value.strip().startswith(("http://", "https://"))
    return f"vms:{str(value).strip()}" if is_address else value


class CameraSettings(BaseModel):
    """Where events come from, where recordings lie, and how links to them are made."""

    event_sources: Annotated[tuple[str, ...], BeforeValidator(comma_list)] = Field(
        default=(),
        description="Sources that the server takes events from as they come, such as "
        "`mqtt://HOST:1883` and `frigate:http://HOST:5000`, separated by commas.",
    )

    insight_sinks: Annotated[tuple[str, ...], BeforeValidator(comma_list)] = Field(
        default=(),
        description="Whom the server tells of insights: `https://HOST/PATH` (a webhook) and "
        "`mqtt://HOST:1883?topic=NAME`, separated by commas.",
    )
    insight_least: Literal["low", "medium", "high", "critical"] = Field(
        default="medium", description="How severe an insight must be to be sent."
    )
    clip_store: Annotated[str, BeforeValidator(clip_store_url)] = Field(
        default="",
        description="Where recordings of events lie: `folder:PATH`, `s3://BUCKET/PREFIX`, "
        "`frigate:http://HOST:5000` or `vms:http://HOST:8001`. Empty: nowhere.",
    )
    clip_base_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#@]+)?$",
        description="What stands before the path of a signed link, such as `https://HOST`. Empty: "
        "links are paths of this server.",
    )
    thumbnail_base_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#@]+)?$",
        description="The same for links to thumbnails. Empty: as `clip_base_url` says.",
    )
    clip_key: SecretStr = Field(
        default=SecretStr(""),
        description="What links to recordings are signed with, the same on every server. Empty: a "
        "key that is made once and kept in `home`.",
    )
    clip_minutes: float = Field(
        default=60.0, gt=0, le=1440, description="How long a link to a recording works."
    )
    clip_longest_hours: float = Field(
        default=24.0, gt=0, le=24, description="How long a link may work at the most."
    )
    clip_seconds: float = Field(
        default=10.0,
        gt=0,
        le=60,
        description="How long the store of recordings may take; an answer waits two seconds.",
    )
