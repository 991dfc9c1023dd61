"""Every setting, typed and documented.

Order: environment > secret files (`NAME_FILE`) > secret store > `.env` > YAML > defaults. In each
of them the native name (`PROMPTUARY_PORT`, in YAML `port`) wins over a name that other systems use
(`PORT`, in YAML `app.api.port`); `sources.py` reads them and lists those names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from promptuary.domain.errors import Misconfigured
from promptuary.settings.cameras import CameraSettings
from promptuary.settings.conversation import ConversationSettings
from promptuary.settings.forms import comma_list, lower, show
from promptuary.settings.knowledge import KnowledgeSettings
from promptuary.settings.naming import NamingSettings
from promptuary.settings.server import ServerSettings
from promptuary.settings.sources import PREFIX, read_sources
from promptuary.settings.tokens import TokenSettings

NO_SECRET = SecretStr("")


class Settings(
    KnowledgeSettings,
    ConversationSettings,
    CameraSettings,
    NamingSettings,
    ServerSettings,
    TokenSettings,
    BaseSettings,
):
    """What can be set. `Settings()` reads every source; keyword arguments win over all of them.

    Raises Misconfigured with every problem named at once; no message repeats a secret.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix=PREFIX)

    home: Path = Field(
        default=Path("~/.promptuary"),
        description="Folder of the embedded record, index and caches; made when it is missing.",
    )
    database_url: SecretStr = Field(
        default=NO_SECRET,
        description="The record: `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/NAME`. "
        "Empty: `sqlite:///` in `home`.",
    )
    index_url: SecretStr = Field(
        default=NO_SECRET,
        description="The search index: `edge:PATH` or `memory:`. Empty: `edge:` in `home`.",
    )
    embedder: str = Field(
        default="static:",
        description="What turns text into vectors: `static` is offline and needs no key; any name "
        "that `promptuary models doctor` understands.",
    )
    embedder_failure: Annotated[
        Literal["strict", "equivalent", "lexical", "dual"], BeforeValidator(lower)
    ] = Field(
        default="strict",
        description="What is done while the embedder is away: `strict` fails, `equivalent` turns "
        "to `second_embedder`, which is in the same space, `lexical` searches by words alone, "
        "`dual` keeps a second index, in the space of `second_embedder`. "
        "With the last two answers say so.",
    )
    second_embedder: str = Field(
        default="",
        description="What stands in for the embedder with `equivalent` or `dual`. Empty: `static` "
        "with `dual`.",
    )
    second_index_url: SecretStr = Field(
        default=NO_SECRET,
        description="The second index with `dual`, as in `index_url`. Empty: `edge:` in `home`.",
    )
    move_index_url: SecretStr = Field(
        default=NO_SECRET,
        description="Where the index is to move, as in `index_url`; `promptuary migrate` does it.",
    )
    move_embedder: str = Field(
        default="",
        description="The embedding model of the index that moves, as in `embedder`. Empty: the "
        "same.",
    )
    move_from_url: SecretStr = Field(
        default=NO_SECRET,
        description="An older service's prompts that are to move here, as `redis://HOST:6379/0`.",
    )
    move_tenant: str = Field(
        default="",
        description="Into whose library those prompts move, where a plan does not say. Empty: the "
        "one of keys without a tenant.",
    )
    move_patience_seconds: float = Field(
        default=2.0,
        gt=0,
        le=60,
        description="How long a read waits for the store that is moved to before the old one is "
        "asked; past a quarter of it (95th percentile) the new store may count as too slow.",
    )
    reranker: str = Field(
        default="",
        description="Who looks again at the passages found for a question: `lexical:`, "
        "`onnx:FOLDER` or `http://HOST/rerank`. Empty: nobody.",
    )
    rerank_seconds: float = Field(
        default=2.0, gt=0, le=60, description="How long a question waits for the reranker."
    )
    rerank_passages: int = Field(
        default=30, ge=1, le=100, description="How many passages the reranker looks at."
    )
    models_folder: Path | None = Field(
        default=None, description="Where fetched models lie. Empty: `models` in `home`."
    )
    model_downloads: Annotated[Literal["", "never", "ask", "allow"], BeforeValidator(lower)] = (
        Field(
            default="",
            description="Whether models may be fetched: `never`, `ask`, `allow`. Empty: decided by "
            "where this runs.",
        )
    )
    cache_url: SecretStr = Field(
        default=SecretStr("memory:"),
        description="The short-lived cache: `memory:` or `redis://:PASSWORD@HOST:6379/0`.",
    )
    embedding_cache_url: SecretStr = Field(
        default=NO_SECRET,
        description="Where vectors are kept by content. Empty: `sqlite:///` in `home`.",
    )
    cache_prefix: str = Field(
        default="promptuary:",
        description="What stands before every key that caches keep in Redis, where their URLs do "
        "not say it themselves (`?prefix=`); `none`: nothing.",
    )
    mirrors: Annotated[tuple[SecretStr, ...], BeforeValidator(comma_list)] = Field(
        default=(),
        description="Where prompts are copied for readers of an older pipeline, separated by "
        "commas: `redis://HOST:6379/0`, `qdrant://HOST:6333`. Empty: nowhere.",
    )
    moderator: str = Field(
        default="rules:",
        description="What looks at a text before it is processed: `rules:` finds secrets and "
        "personal data.",
    )
    moderator_beside: str = Field(
        default="",
        description="What judges the texts that `moderator` lets pass, as `openai:MODEL`; while it "
        "is away the first verdict stands. Empty: nothing.",
    )
    moderator_failure: Annotated[Literal["open", "closed"], BeforeValidator(lower)] = Field(
        default="open",
        description="What happens while `moderator_beside` cannot be asked: `open` takes prompts "
        "in on the first verdict and says so, `closed` turns them away until it can.",
    )
    chat_models: Annotated[tuple[str, ...], BeforeValidator(comma_list)] = Field(
        default=(),
        description="The models that word replies, as `openai:MODEL`, separated by commas: the "
        "first answers, the others stand in while it is away. Empty: no model is asked.",
    )
    chat_strategy: Annotated[
        Literal["quality_first", "cost_optimized", "speed_focused", "balanced"],
        BeforeValidator(lower),
    ] = Field(
        default="quality_first",
        description="Which of several models is asked first: `quality_first` as they are listed, "
        "`cost_optimized` the cheapest, `speed_focused` the quickest so far, or `balanced`.",
    )
    chat_alert_share: float = Field(
        default=0.8,
        ge=0,
        le=1,
        description="From which share of a budget on the log, the metrics and the status warn.",
    )
    chat_seconds: float = Field(
        default=60.0, gt=0, le=600, description="How long a reply may take, every attempt included."
    )
    chat_attempts: int = Field(
        default=3, ge=1, le=10, description="How often a chat model is asked at most for a reply."
    )
    chat_daily_requests: int | None = Field(
        default=None, ge=0, description="Replies that each tenant may ask for in a day (UTC)."
    )
    chat_daily_tokens: int | None = Field(
        default=None, ge=0, description="Tokens that each tenant may use in a day (UTC)."
    )
    chat_daily_dollars: float | None = Field(
        default=None, ge=0, description="What each tenant may spend on replies in a day (UTC)."
    )
    chat_monthly_dollars: float | None = Field(
        default=None, ge=0, description="What each tenant may spend on replies in a month (UTC)."
    )
    chat_prices: Path | None = Field(
        default=None,
        description="A price list of your own, which overrules the one that is shipped.",
    )
    spending_url: SecretStr = Field(
        default=NO_SECRET,
        description="Where it is kept what was spent: `sqlite:///PATH`, or `redis://...` to share "
        "a budget. Empty: `sqlite:///` in `home`.",
    )
    window_prompts: int = Field(
        default=8000, ge=10, description="How many prompts are mined for templates at once."
    )
    minimum_prompts: int = Field(
        default=3, ge=2, description="How many distinct prompts it takes to make a template."
    )
    dataset_folder: Path | None = Field(
        default=None,
        description="The folder whose files `POST /api/v1/dataset/ingest` takes in. Empty: none.",
    )
    match_threshold: float | None = Field(
        default=None,
        description="How well a prompt must fit a template to be placed; empty: the engine's own.",
    )

    def __init__(self, **values: object) -> None:
        try:
            super().__init__(**values)  # type: ignore[arg-type]  # pydantic checks them at run time
        except ValidationError as error:
            raise Misconfigured(_explain(error, values)) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_others: PydanticBaseSettingsSource,
        **_more: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What was passed in, then what `read_sources` found."""
        return (init_settings, _Gathered(settings_cls))

    def urls(self) -> Urls:
        """Where every part lives, with the defaults filled in and passwords in place."""
        home = self.home.expanduser().absolute()
        return Urls(
            record=self.database_url.get_secret_value() or f"sqlite:///{home}/record.db",
            index=self.index_url.get_secret_value() or f"edge:{home}/index",
            second_index=self.second_index_url.get_secret_value() or f"edge:{home}/second-index",
            embedder=self.embedder,
            cache=self._kept(self.cache_url) or "memory:",
            embedding_cache=self._kept(self.embedding_cache_url)
            or f"sqlite:///{home}/embeddings.db",
            moderator=self.moderator,
            moderator_beside=self.moderator_beside,
            spending=self._kept(self.spending_url) or f"sqlite:///{home}/spending.db",
            originals=self.originals or f"folder:{home}/originals",
        )

    def _kept(self, cache: SecretStr) -> str:
        """The URL of a cache, with what stands before its keys where that is set."""
        url = cache.get_secret_value()
        usual = type(self).model_fields["cache_prefix"].default
        if self.cache_prefix == usual or not url.startswith("redis") or "prefix=" in url:
            return url
        prefix = "" if self.cache_prefix == "none" else quote(self.cache_prefix, safe="")
        return f"{url}{'&' if '?' in url else '?'}prefix={prefix}"

    def shown(self) -> dict[str, str]:
        """Every setting as text that may be printed: keys are hidden, passwords in URLs are cut."""
        return {name: show(getattr(self, name)) for name in type(self).model_fields}


@dataclass(frozen=True, slots=True, repr=False)
class Urls:
    """Where every part lives. Holds passwords, so it does not print itself."""

    record: str
    index: str
    second_index: str
    embedder: str
    cache: str
    embedding_cache: str
    moderator: str
    moderator_beside: str
    spending: str
    originals: str


class _Gathered(PydanticBaseSettingsSource):
    """Hands the winners to pydantic."""

    def get_field_value(
        self,
        field: FieldInfo,  # noqa: ARG002  the base class asks for it
        field_name: str,
    ) -> tuple[Any, str, bool]:
        """Not used: all values come at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        winners = read_sources(self.settings_cls.model_fields).winners()
        return {name: given.value for name, given in winners.items()}


def _explain(error: ValidationError, passed: Mapping[str, object]) -> str:
    winners = read_sources(Settings.model_fields).winners()
    problems = []
    for each in error.errors(include_input=False, include_url=False):
        name = str(each["loc"][0]) if each["loc"] else "settings"
        where = f", set by {winners[name].where}" if name in winners and name not in passed else ""
        message = _no_such_setting(name) if each["type"] == "extra_forbidden" else each["msg"]
        problems.append(f"{name}: {message}{where}")
    return "; ".join(problems)


def _no_such_setting(name: str) -> str:
    close = get_close_matches(name, Settings.model_fields, n=1)
    return "there is no such setting" + (f"; did you mean {close[0]}?" if close else "")
