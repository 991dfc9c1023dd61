"""A refined prompt as a page to read: what it is about, the prompt itself, what is still open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from promptuary.domain.refining import Refined


def sheet(refined: Refined) -> str:
    """Markdown. The prompt stands in a fence that is longer than any in it."""
    return "\n".join(_lines(refined)) + "\n"


def _lines(refined: Refined) -> Iterator[str]:
    wishes = refined.wishes
    title = refined.title.replace("\n", " ") or "Prompt"
    yield f"# {title}"
    yield from ("", "## Overview", "")
    yield (
        f"A prompt for {wishes.domain} work, for a reader of {wishes.expertise_level} knowledge; "
        f"the answer is {wishes.output_format}."
    )
    yield from ("", "## Key Topics", "")
    yield from (f"- **{topic.name}**: {topic.detail}" for topic in refined.topics)
    fence = "`" * max(3, _longest_run(refined.text) + 1)
    yield from ("", "## Prompt", "", f"{fence}text", refined.text, fence)
    yield from _list("Still open", refined.questions)
    references = (each for topic in refined.topics for each in topic.references)
    yield from _list("References", dict.fromkeys(references))


def _list(name: str, items: Iterable[str]) -> Iterator[str]:
    lines = [f"- {item}" for item in items]
    if lines:
        yield from ("", f"## {name}", "", *lines)


def _longest_run(text: str) -> int:
    longest = run = 0
    for letter in text:
        run = run + 1 if letter == "`" else 0
        longest = max(longest, run)
    return longest
