"""The settings of the server and its worker."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, SecretStr

from promptuary.settings.forms import MEBIBYTE, comma_list, environment_name, upper


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
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address the server listens on; open without an API key only on loopback.",
    )
    port: int = Field(default=8000, ge=0, le=65535, description="The port; 0 takes a free one.")
    api_key: SecretStr | None = Field(
        default=None, description="One API key with every scope, to begin with."
    )
    api_keys: Annotated[tuple[SecretStr, ...], BeforeValidator(comma_list)] = Field(
        default=(), description="More API keys with every scope, separated by commas."
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
    rate_limit_enabled: bool = Field(default=True, description="Whether requests are limited.")
    rate_limit_per_minute: int = Field(
        default=100, ge=1, description="Requests a minute for each key and endpoint."
    )
    rate_limit_burst: int = Field(
        default=20,
        ge=1,
        description="Requests in ten seconds for each key while the shared cache is away.",
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
        default=3600, ge=0, description="How long those routes know a refined prompt again."
    )
    drain_seconds: float = Field(
        default=20.0, ge=0, description="How long a stopping server waits for its last requests."
    )
    metrics_enabled: bool = Field(default=True, description="Whether `/metrics` is served.")
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
