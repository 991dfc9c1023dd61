"""The settings of the server and its worker."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, SecretStr

from promptuary.domain.templates import EventType
from promptuary.settings.forms import (
    MEBIBYTE,
    comma_list,
    environment_name,
    listed,
    origin,
    text,
    upper,
)

_Origin: TypeAlias = Annotated[str, AfterValidator(origin)]
_Method: TypeAlias = Annotated[
    Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "*"], BeforeValidator(upper)
]
_Header: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]


class ServerSettings(BaseModel):
    """Where the server listens, who may ask it, and how much."""

    env: Annotated[Literal["dev", "test", "staging", "prod"], BeforeValidator(environment_name)] = (
        Field(default="dev", description="Where this runs: `dev`, `test`, `staging` or `prod`.")
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(upper)] = (
        Field(default="INFO", description="`DEBUG`, `INFO`, `WARNING` or `ERROR`.")
    )
    service_name: str = Field(
        default="promptuary", min_length=1, description="The name in logs and metrics."
    )
    service_version: Annotated[str, BeforeValidator(text)] = Field(
        default="",
        description="The version that `/health` tells of. Empty: that of this package.",
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address the server listens on; open without an API key only on loopback.",
    )
    port: int = Field(
        default=8000,
        ge=0,
        le=65535,
        description="The port the server listens on; 0 takes a free one.",
    )
    api_key: SecretStr | None = Field(
        default=None, description="One API key with every scope, to begin with."
    )
    api_keys: Annotated[tuple[SecretStr, ...], BeforeValidator(comma_list)] = Field(
        default=(), description="More API keys with every scope, separated by commas."
    )
    evolution_sinks: Annotated[tuple[str, ...], BeforeValidator(comma_list)] = Field(
        default=(),
        description="Whom the server tells of what changed in the traffic of templates: "
        "`https://HOST/PATH` (a webhook) and `mqtt://HOST:1883?topic=NAME`, separated by commas.",
    )
    evolution_told: Annotated[tuple[EventType, ...], BeforeValidator(comma_list)] = Field(
        default=(
            *("UPDATED", "SLOT_ADDED", "SLOT_REMOVED", "DRIFT_DETECTED", "SPLIT", "MERGED"),
            "RETIRED",
        ),
        description="Which types of events are sent, separated by commas.",
    )
    max_request_bytes: int = Field(
        default=10 * MEBIBYTE, ge=1024, description="The largest body of a request, in bytes."
    )
    max_content_characters: int = Field(
        default=10_000, ge=1, description="The longest prompt over HTTP, in characters."
    )
    max_prompt_characters: int = Field(
        default=1_000_000, ge=1, description="The longest prompt from a file or the library."
    )
    rate_limit_enabled: bool = Field(
        default=True, description="Whether there are rate limits; `false` turns them off."
    )
    rate_limit_per_minute: int = Field(
        default=100, ge=1, description="Requests a minute for each key and endpoint."
    )
    rate_limit_burst: int = Field(
        default=20,
        ge=1,
        description="Requests in ten seconds for each key while the shared cache is away.",
    )
    cors_origins: Annotated[tuple[_Origin, ...], BeforeValidator(listed)] = Field(
        default=(),
        description="The sites whose pages may ask from a browser, as `https://HOST`, separated by "
        "commas; `*` is every site. Empty: none.",
    )
    cors_methods: Annotated[tuple[_Method, ...], BeforeValidator(listed)] = Field(
        default=("GET", "POST", "PUT", "PATCH", "DELETE"),
        description="The methods such a page may use, separated by commas; `*` is every method.",
    )
    cors_headers: Annotated[tuple[_Header, ...], BeforeValidator(listed)] = Field(
        default=(
            *("Authorization", "Content-Type", "X-API-Key", "Idempotency-Key", "If-Match"),
            *("If-None-Match", "Last-Event-ID", "Range", "X-Request-ID", "X-Correlation-ID"),
        ),
        description="The headers such a page may send, separated by commas; `*` is every header.",
    )
    smartprompt_path: str = Field(
        default="/compat/smartprompt",
        pattern=r"^/[A-Za-z0-9/_.-]*$",
        description="Where the routes of the older prompt service are; `/` for the server's root.",
    )
    smartprompt_rate_limit_per_minute: int = Field(
        default=60, ge=1, description="Requests a minute for each key and each of those routes."
    )
    refine_cache_seconds: int = Field(
        default=3600,
        ge=0,
        description="How long those routes know a refined prompt again, and `QueryCache` a result.",
    )
    drain_seconds: float = Field(
        default=20.0, ge=0, description="How long a stopping server waits for its last requests."
    )
    metrics_enabled: bool = Field(default=True, description="Whether `/metrics` is served.")
    metrics_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="A second port, on which `/metrics` and nothing else is served; 0 takes a free "
        "one. Empty: none.",
    )
    worker_lease_seconds: float = Field(
        default=60.0,
        gt=0,
        description="How long a worker may be silent before its job is given away.",
    )
    settle_after_seconds: float = Field(
        default=5.0,
        ge=0,
        description="How long the server waits for more prompts before it mines a part-filled "
        "window.",
    )
