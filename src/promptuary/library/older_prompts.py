"""Prompts of an older prompt service as kept prompts, and back, with nothing lost on either way.

The older service wrote `{"response": {...}, "request": {...}}`, with six members each. What has no
field of its own here stands in the content's config, where `/compat/smartprompt` looks for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Final, TypeVar, get_args

from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.library import (
    About,
    Domain,
    Expertise,
    Origin,
    OutputFormat,
    PromptContent,
    PromptVersion,
)
from promptuary.domain.older_prompts import Dirt, OlderSaid
from promptuary.library.contents import LONGEST
from promptuary.retrieval.kept import text_of

T = TypeVar("T", bound=str)
FOLDER: Final = "smartprompt"
"""Where in the library its prompts lie."""
ORIGIN: Final = "smartprompt-redis"
"""The kind of a version's origin that was taken from the older service."""
UNKNOWN: Final = ("created_at", "usage_count", "average_rating")
"""What the older service never kept."""
_ID: Final = re.compile(r"[0-9]{1,12}")
_NUMBERING: Final = re.compile(r"^\s*(?:\d{1,3}[.)]|[-*•])\s+")
_TITLE: Final = 80
_SPAN: Final = 9 * 10**11


@dataclass(frozen=True, slots=True)
class Read:
    """What an older prompt says, and what had to be cleaned for it."""

    said: OlderSaid
    dirt: tuple[Dirt, ...] = ()


def is_older_id(id: str) -> bool:
    """Whether the older service could have given that id."""
    return _ID.fullmatch(id) is not None


def slug_of_older(id: str) -> str:
    """The slug of the prompt that has this id there."""
    return f"{FOLDER}/{id}"


def older_id_of(slug: str) -> str:
    """The id there of a kept prompt: its own, where it came from there; else one drawn from its
    slug, of 12 digits."""
    tail = slug.rpartition("/")[2]
    if slug_of_older(tail) == slug and is_older_id(tail):
        return tail
    drawn = int.from_bytes(blake2b(slug.encode(), digest_size=8).digest())
    return str(10**11 + drawn % _SPAN)


def read_older(raw: bytes) -> Read:
    """What is kept there, cleaned. Raises InvalidInput for what is no prompt, TooLarge."""
    try:
        found: Any = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("it is no JSON") from error
    request, response = _object(found, "request"), _object(found, "response")
    text = response.get("refined_prompt")
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput("it says nothing")
    if len(raw) > LONGEST:
        raise TooLarge(f"a prompt has at most {LONGEST:,} characters")
    dirt: list[Dirt] = []
    topics = [each for each in _list(response.get("detected_topics")) if each.strip()]
    cleaned = tuple(dict.fromkeys(map(bare_topic, topics)))
    details = _object(response, "topic_details", needed=False)
    told = {name: detail for name, detail in details.items() if isinstance(detail, str)}
    if cleaned != tuple(topics) or any(bare_topic(each) != each for each in told):
        dirt.append("numbered topic")
    lazy = request.get("lazy_prompt")
    sheet = response.get("prompt_file_content")
    said = OlderSaid(
        text=text,
        lazy_text=lazy if isinstance(lazy, str) else None,
        domain=_option(request, "domain", Domain, "general", dirt),
        expertise_level=_option(request, "expertise_level", Expertise, "intermediate", dirt),
        output_format=_option(request, "output_format", OutputFormat, "detailed", dirt),
        include_best_practices=request.get("include_best_practices") is not False,
        include_examples=request.get("include_examples") is not False,
        detected_topics=cleaned,
        topic_details={bare_topic(name): detail for name, detail in told.items()},
        recommended_references=tuple(_list(response.get("recommended_references"))),
        prompt_file_content=sheet if isinstance(sheet, str) else None,
    )
    return Read(said, tuple(dict.fromkeys(dirt)))


def write_older(said: OlderSaid) -> bytes:
    """The same as the older service writes it."""
    response = {
        "refined_prompt": said.text,
        "detected_topics": list(said.detected_topics),
        "recommended_references": list(said.recommended_references) or None,
        "cached": False,
        "topic_details": dict(said.topic_details) or None,
        "prompt_file_content": said.prompt_file_content,
    }
    return json.dumps({"response": response, "request": _request(said)}).encode()


def content_of(said: OlderSaid) -> PromptContent:
    """What a kept prompt says for it."""
    more = {
        "recommended_references": list(said.recommended_references) or None,
        "prompt_file_content": said.prompt_file_content,
        "request": _request(said),
    }
    config = json.dumps({"smartprompt": more})
    return PromptContent(said.text, syntax="plain", lazy_text=said.lazy_text, config=config)


def about_of(said: OlderSaid, before: About | None = None) -> About:
    """What is said about a kept prompt for it; what only we know of it stays."""
    first = (said.lazy_text or said.text).strip().splitlines() or [""]
    title = before.title if before else first[0][:_TITLE].strip() or "Prompt"
    return replace(
        before or About(title=title, folder=FOLDER),
        domain=said.domain,
        expertise_level=said.expertise_level,
        detected_topics=said.detected_topics,
        topic_details=said.topic_details,
    )


def said_by(about: About, version: PromptVersion) -> OlderSaid:
    """What the older service would keep of a kept prompt."""
    more = _more(version.content.config)
    request = _object(more, "request", needed=False)
    sheet = more.get("prompt_file_content")
    return OlderSaid(
        text=text_of(version.content) if version.content.turns else version.content.text,
        lazy_text=version.content.lazy_text,
        domain=about.domain,
        expertise_level=about.expertise_level,
        output_format=_option(request, "output_format", OutputFormat, "detailed", []),
        include_best_practices=request.get("include_best_practices") is not False,
        include_examples=request.get("include_examples") is not False,
        detected_topics=about.detected_topics,
        topic_details=dict(about.topic_details),
        recommended_references=tuple(_list(more.get("recommended_references"))),
        prompt_file_content=sheet if isinstance(sheet, str) else None,
    )


def origin_of(id: str, said: OlderSaid) -> Origin:
    """From where a version was taken: the id there, and the digest of what it said."""
    return Origin(ORIGIN, id, digest_of(said).hex())


def digest_of(said: OlderSaid) -> bytes:
    """Eight bytes that two prompts share when they say the same, however it was spelt."""
    return blake2b(write_older(said), digest_size=8).digest()


def bare_topic(topic: str) -> str:
    """A topic without the numbering of the list that it once stood in."""
    bare = topic.strip()
    while (shorter := _NUMBERING.sub("", bare).strip()) != bare and shorter:
        bare = shorter
    return bare


def _request(said: OlderSaid) -> dict[str, Any]:
    return {
        "lazy_prompt": said.lazy_text,
        "domain": said.domain,
        "expertise_level": said.expertise_level,
        "output_format": said.output_format,
        "include_best_practices": said.include_best_practices,
        "include_examples": said.include_examples,
    }


def _option(
    request: Mapping[str, Any], name: str, known: object, otherwise: T, dirt: list[Dirt]
) -> T:
    """An option, also where a program's name of it was written: `DomainType.GENERAL`."""
    found = request.get(name)
    if found is None:
        return otherwise
    plain = found.rpartition(".")[2].lower() if isinstance(found, str) else ""
    chosen: T | None = next((each for each in get_args(known) if each == plain), None)
    if chosen is None:
        dirt.append("unknown value")
        return otherwise
    if plain != found:
        dirt.append("spelt domain")
    return chosen


def _more(config: str) -> dict[str, Any]:
    found = json.loads(config)
    more = found.get("smartprompt") if isinstance(found, dict) else None
    return more if isinstance(more, dict) else {}


def _object(found: object, name: str, *, needed: bool = True) -> dict[str, Any]:
    part = found.get(name) if isinstance(found, dict) else None
    if isinstance(part, dict):
        return part
    if needed:
        raise InvalidInput(f"it has no {name}")
    return {}


def _list(found: object) -> list[str]:
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
