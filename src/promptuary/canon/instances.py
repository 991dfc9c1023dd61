"""Templates that are mere instances of a larger one: the same with a value where it has a slot."""

from __future__ import annotations

from collections.abc import Sequence

from promptuary.canon.drafting import Found
from promptuary.canon.matching.place import KnownTemplate, Matcher
from promptuary.canon.templates.versions import fixed_words

LARGER = 3  # times as many prompts
EXTRA = 5  # fixed words more, at most
EXACT = 0.999


def without_instances(finds: Sequence[Found]) -> list[Found]:
    """The finds but for those all of whose prompts a much larger one explains word for word.

    A value that many prompts share looks like fixed text: a product, an opening "Hello, ...".
    A machine line says what it says; no template of lines is an instance of another.
    """
    words = [len(fixed_words(find.text)) for find in finds]
    return [find for at, find in enumerate(finds) if not _is_instance(at, finds, words)]


def _is_instance(at: int, finds: Sequence[Found], words: Sequence[int]) -> bool:
    find = finds[at]
    if find.of_lines:
        return False
    own = set(fixed_words(find.text))
    texts = [prompt.text for prompt, _ in find.members]
    return any(
        len(one.members) >= LARGER * len(find.members)
        and 0 < words[at] - words[other] <= EXTRA
        and own.issuperset(fixed_words(one.text))
        and _explains(one.text, texts)
        for other, one in enumerate(finds)
    )


def _explains(template: str, texts: Sequence[str]) -> bool:
    matches = Matcher.build([KnownTemplate("larger", template)]).match(texts)
    return all(m is not None and not m.missing and m.similarity > EXACT for m in matches)
