"""What a person writes to name a model, read into what is meant. Touches nothing outside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from promptuary.domain.errors import InvalidInput
from promptuary.embeddings.catalogue import STATIC, Known, known_as

_PART = r"[A-Za-z0-9][\w.-]*"
_HUB = re.compile(rf"(?P<name>{_PART}(?:/{_PART})?)(?:@(?P<revision>{_PART}))?")
_SCHEME = re.compile(r"[a-z][a-z0-9+._-]+:")
_PATHS = ("/", "./", "../", "~")


@dataclass(frozen=True, slots=True)
class Auto:
    """Whatever is best among what is here."""


@dataclass(frozen=True, slots=True)
class Static:
    """The table that comes with the package."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A model in a folder that the caller names."""

    path: str
    options: str = ""


@dataclass(frozen=True, slots=True)
class Hub:
    """A model by its name on a hub; `known` when it is in the catalogue."""

    name: str
    revision: str = "main"
    known: Known | None = None
    options: str = ""


@dataclass(frozen=True, slots=True)
class Url:
    """An adapter's URL, taken as it is: an endpoint or another library."""

    url: str


Spec: TypeAlias = Auto | Static | Folder | Hub | Url


def parse(text: str) -> Spec:
    """`auto`, `static`, a name of the catalogue, `hf:org/name@revision`, a folder (`/`, `./`, `~`
    or `folder:` in front), or an adapter's URL. `?kernel=q8` may follow a folder or a name.

    Raises InvalidInput for anything else; never guesses.
    """
    spec, _, options = text.strip().partition("?")
    if spec in {"auto", "default"}:
        return Auto()
    if spec in {STATIC, "static:"}:
        return Static()
    if spec.startswith("folder:"):
        return Folder(spec.removeprefix("folder:"), options)
    if spec.startswith(_PATHS):
        return Folder(spec, options)
    if spec.startswith("hf:"):
        return _hub(spec.removeprefix("hf:"), options, text)
    if known := known_as(spec):
        return Hub(known.hub, known=known, options=options)
    if _SCHEME.match(text.strip()):
        return Url(text.strip())
    raise InvalidInput(_unknown(text), fields={"spec": "names no model"})


def _hub(name: str, options: str, text: str) -> Hub:
    found = _HUB.fullmatch(name)
    if found is None:
        raise InvalidInput(
            f"{text!r} is not of the form hf:org/name or hf:org/name@revision",
            fields={"spec": "no name of a model hub"},
        )
    known = known_as(found["name"])
    return Hub(known.hub if known else found["name"], found["revision"] or "main", known, options)


def _unknown(text: str) -> str:
    return (
        f"no model is called {text!r}; write hf:org/name for a model of a hub, ./folder for a "
        "folder, openai:model for an endpoint, or see: promptuary models list"
    )
