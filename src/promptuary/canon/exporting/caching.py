"""What of a template a provider can keep: the text before its first slot is the same each time."""

from __future__ import annotations

import json
from math import ceil
from typing import Final

from promptuary.canon.templates import filling
from promptuary.canon.templates.filling import Hole, Parts, parse
from promptuary.domain.templates import Template

BYTES_A_TOKEN: Final = 4
"""A rule of thumb; each model counts otherwise."""
LEAST_TOKENS: Final = 1024
"""Providers keep a beginning of a prompt from this length on."""
STEP_TOKENS: Final = 128
"""And so many tokens at a time."""


def tokens(text: str) -> int:
    """How many tokens a text has, by a rule of thumb: a quarter of its bytes in UTF-8."""
    return ceil(len(text.encode("utf-8", "replace")) / BYTES_A_TOKEN)


def whole_tokens(text: str) -> int:
    """How many tokens lie wholly within the text, by the same rule."""
    return len(text.encode("utf-8", "replace")) // BYTES_A_TOKEN


def prefix(parts: Parts) -> str:
    """The text before the first slot."""
    return parts[0] if parts and isinstance(parts[0], str) else ""


def cacheable(length: int) -> int:
    """How many tokens of a stable beginning of that length a provider keeps."""
    return 0 if length < LEAST_TOKENS else length - length % STEP_TOKENS


def hints(template: Template) -> str:
    """How to send the template so that a provider keeps what stays the same, as JSON.

    `messages` are its stable beginning and the rest; `cache_control` is what Anthropic's interface
    wants behind that beginning, `prompt_cache_key` what OpenAI's takes to send alike prompts to the
    same machine. `fixed_tokens` is what could be kept if no slot stood before fixed text.
    """
    parts = parse(template.text)
    begin = prefix(parts)
    fixed = tokens("".join(part for part in parts if isinstance(part, str)))
    rest = filling.format(parts[1:] if begin else parts)
    kept = cacheable(tokens(begin))
    said = {
        "template_id": template.id,
        "version": template.version,
        "prompt_cache_key": template.lineage_id,
        "stable_prefix": begin,
        "prefix_tokens": tokens(begin),
        "cacheable_tokens": kept,
        "fixed_tokens": fixed,
        "messages": [
            {"role": "system", "content": begin, "cache_control": {"type": "ephemeral"}},
            {"role": "user", "content": rest},
        ],
        "advice": _advice(parts, kept, fixed, tokens(begin)),
    }
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def _advice(parts: Parts, kept: int, fixed: int, begins: int) -> str:
    if kept:
        return f"{kept} tokens at the beginning are the same each time and can be kept"
    first = next((part.name for part in parts if isinstance(part, Hole)), None)
    if fixed >= LEAST_TOKENS and first:
        return (
            f"put the fixed text before the slot {first!r}: {fixed} tokens would be the same each "
            f"time, and now {begins} are"
        )
    return f"too short to be kept: providers keep beginnings from {LEAST_TOKENS} tokens on"
