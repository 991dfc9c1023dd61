"""A drop-in for applications that load sentence-transformers, or that used a manager of their own.

    from promptuary.compat.embeddings import SentenceTransformer

Behind every name here stands `promptuary.Embeddings`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from threading import RLock
from time import monotonic
from typing import Any, ClassVar, TypeVar

import numpy as np

from promptuary.domain.errors import InvalidInput, ModelMissing, Unavailable, Unsupported
from promptuary.domain.vectors import Space, Vectors
from promptuary.embeddings.catalogue import COMMON
from promptuary.embeddings.settings import Wishes, downloads, environment, wishes
from promptuary.models import Embeddings, outlook, prepare
from promptuary.ports.embedder import Purpose

T = TypeVar("T")

_ROLES: Mapping[str | None, Purpose] = {
    None: "symmetric",
    "query": "query",
    "document": "document",
    "passage": "document",
}
_IGNORED = frozenset({"batch_size", "show_progress_bar", "normalize_embeddings", "device"})
"""Accepted and without effect: batches are chosen by length, vectors are always of length one, and
the processor is used."""


_ENDPOINTS = ("http:", "https:", "ollama:", "openai:", "portkey:")
"""Beginnings of specs that name an endpoint."""


class CacheStrategy(Enum):
    """Where vectors and models are kept."""

    MEMORY = "memory"
    DISK = "disk"
    SHARED = "shared"
    NONE = "none"


class DownloadStrategy(Enum):
    """Whether a model may be fetched."""

    NEVER = "never"
    ASK = "ask"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class EmbeddingConfig:
    """What a manager is set to. `aliases` adds names of the caller's own; `default` among them says
    what the model `default` is, as `model` does. `cache_dir` is the folder of fetched models,
    `download` (`never`, `ask`, `allow`) whether one may be fetched; where they are empty, the
    environment says. `preload` names models to open at once. `timeout_s` bounds a request to an
    endpoint. A model that nobody asked for in `idle_unload_s` seconds is let go; 0: none is."""

    model: str = "auto"
    cache_dir: Path | None = None
    download: str = ""
    preload: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 30.0
    retries: int = 3
    max_loaded_models: int = 4
    idle_unload_s: float = 0.0

    def resolved(self, name: str) -> str:
        """The spec behind a name."""
        spec = self.aliases.get(name, self.model if name == "default" else name)
        if not spec.startswith(_ENDPOINTS) or "timeout=" in spec:
            return spec
        return f"{spec}{'&' if '?' in spec else '?'}timeout={self.timeout_s:g}"

    def wishes(self) -> Wishes:
        """What the environment asks for, but for what is set here. Raises Misconfigured."""
        asked = wishes(environment())
        return replace(
            asked,
            models_folder=self.cache_dir or asked.models_folder,
            downloads=downloads(self.download) or asked.downloads,
        )


class EnvironmentDetector:
    """Where this process runs, by the names that older callers use."""

    def is_docker(self) -> bool:
        """Whether this is a container."""
        return outlook().here.container

    def get_cache_strategy(self) -> CacheStrategy:
        """`disk` where models can be kept, else `memory`."""
        return CacheStrategy.DISK if outlook().here.writable else CacheStrategy.MEMORY

    def get_download_strategy(self) -> DownloadStrategy:
        """What `promptuary models doctor` says."""
        return DownloadStrategy(outlook().policy.downloads)


class RetryHandler:
    """Calls again what is Unavailable. Endpoints have retries of their own; this is for callers."""

    def __init__(self, attempts: int = 3) -> None:
        self.attempts = attempts

    def run(self, work: Callable[[], T]) -> T:
        """What the work gives. Raises its last error."""
        for _ in range(self.attempts - 1):
            try:
                return work()
            except Unavailable:
                continue
        return work()


class LoadedModel:
    """One model with the signature of `SentenceTransformer`."""

    def __init__(self, embeddings: Embeddings) -> None:
        self.embeddings = embeddings

    @property
    def space(self) -> Space:
        """The identity of its vectors."""
        return self.embeddings.space

    def encode(
        self,
        sentences: str | Sequence[str],
        *,
        prompt_name: str | None = None,
        prompt: str | None = None,
        convert_to_numpy: bool = True,
        convert_to_tensor: bool = False,
        **options: Any,  # noqa: ANN401 - whatever the other library takes
    ) -> Vectors | list[Vectors]:
        """float32 of shape (n, dimensions) in input order; (dimensions,) for one `str`.

        Raises InvalidInput for an option or a prompt's name that is not known, Unsupported for
        tensors.
        """
        if unknown := sorted(options.keys() - _IGNORED):
            raise InvalidInput(f"encode does not know {', '.join(unknown)}")
        if convert_to_tensor:
            raise Unsupported("torch is not used here: torch.from_numpy(rows) makes a tensor")
        if prompt_name not in _ROLES:
            raise InvalidInput(f"no prompt is called {prompt_name!r}; query and document are")
        texts = [sentences] if isinstance(sentences, str) else list(sentences)
        rows = self.embeddings.embed([(prompt or "") + t for t in texts], role=_ROLES[prompt_name])
        found: Vectors = rows[0] if isinstance(sentences, str) else rows
        return found if convert_to_numpy else list(found)

    def get_sentence_embedding_dimension(self) -> int:
        """Numbers in a vector."""
        return self.embeddings.dimensions


class ModelCache:
    """The models that are loaded, the least recently used gone first. Safe to use from threads."""

    def __init__(self, config: EmbeddingConfig, now: Callable[[], float] = monotonic) -> None:
        self._config = config
        self._now = now
        self._models: OrderedDict[str, tuple[LoadedModel, float]] = OrderedDict()
        self._lock = RLock()

    def get(self, spec: str) -> LoadedModel:
        """The model of that spec, opened at its first use."""
        with self._lock:
            self._let_go()
            kept = self._models.get(spec)
            model = kept[0] if kept else self._opened(spec)
            self._models[spec] = (model, self._now())
            self._models.move_to_end(spec)
            while len(self._models) > self._config.max_loaded_models:
                self._models.popitem(last=False)
            return model

    def __len__(self) -> int:
        return len(self._models)

    def _opened(self, spec: str) -> LoadedModel:
        return LoadedModel(Embeddings.open(spec, wanted=self._config.wishes()))

    def _let_go(self) -> None:
        """Of the models that nobody asked for lately; whoever still has one may go on using it."""
        if (idle := self._config.idle_unload_s) > 0:
            since = self._now() - idle
            for spec in [spec for spec, (_, used) in self._models.items() if used < since]:
                del self._models[spec]


class _OnClassAndInstance:
    """A method that can be called on the class, which then stands for its one instance."""

    def __init__(self, method: Callable[[EmbeddingManager], None]) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(
        self, instance: EmbeddingManager | None, owner: type[EmbeddingManager]
    ) -> Callable[[], None]:
        return lambda: self._method(instance or owner.get_instance())


class EmbeddingManager:
    """Every model of a process behind one object. Raises what `Embeddings.open` raises."""

    _one: ClassVar[EmbeddingManager | None] = None
    _lock: ClassVar[RLock] = RLock()

    def __init__(self, config: EmbeddingConfig | None = None) -> None:
        self.config = config or EmbeddingConfig()
        self.model_cache = ModelCache(self.config)
        self.env_detector = EnvironmentDetector()
        self.error_handler = RetryHandler(self.config.retries)
        for name in self.config.preload:
            self.get_model(name)

    @classmethod
    def get_instance(cls) -> EmbeddingManager:
        """The one of this process."""
        with cls._lock:
            if cls._one is None:
                cls._one = cls()
            return cls._one

    def encode(
        self,
        texts: str | Sequence[str],
        model: str = "default",
        **kwargs: Any,  # noqa: ANN401 - whatever the other library takes
    ) -> Vectors:
        """float32 of shape (n, dimensions) in input order; (dimensions,) for one `str`."""
        return np.asarray(self.get_model(model).encode(texts, **kwargs))

    def get_model(self, model_name: str = "default") -> LoadedModel:
        """A model with `encode`, opened once and shared."""
        return self.model_cache.get(self.config.resolved(model_name))

    def preload_models(self, models: Sequence[str]) -> None:
        """Fetch what is missing, where that is not forbidden, and open each."""
        for name in models:
            prepare(self.config.resolved(name), wanted=self.config.wishes())
            self.get_model(name)

    @_OnClassAndInstance
    def preload_common_models(self) -> None:
        """The models that images are usually given."""
        self.preload_models(COMMON)


class DockerModelManager:
    """Models for images. `fallback` names a model that may stand in for one that is missing;
    without it a missing model is an error."""

    def __init__(self, manager: EmbeddingManager | None = None, fallback: str = "") -> None:
        self._manager = manager or EmbeddingManager.get_instance()
        self._fallback = fallback

    def preload_common_models(self) -> None:
        """The models that images are usually given."""
        self._manager.preload_models(COMMON)

    def get_model_with_fallback(self, model_name: str) -> LoadedModel:
        """The model, or the one that was named to stand in; look at its `space` before mixing."""
        try:
            return self._manager.get_model(model_name)
        except (ModelMissing, Unavailable):
            if not self._fallback:
                raise
            return self._manager.get_model(self._fallback)


class LegacyEmbeddingAdapter:
    """Drop-in for `SentenceTransformer(name)`; further arguments are accepted and ignored."""

    def __init__(self, model_name: str = "default", *_: object, **__: object) -> None:
        self._model = EmbeddingManager.get_instance().get_model(model_name)

    def encode(
        self,
        texts: str | Sequence[str],
        **kwargs: Any,  # noqa: ANN401 - whatever the other library takes
    ) -> Vectors | list[Vectors]:
        """As `LoadedModel.encode`."""
        return self._model.encode(texts, **kwargs)

    def get_sentence_embedding_dimension(self) -> int:
        """Numbers in a vector."""
        return self._model.get_sentence_embedding_dimension()


SentenceTransformer = LegacyEmbeddingAdapter
"""So that nothing but the import has to change."""
