"""Every format by its name, and a file of any of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from promptuary.domain.errors import Unsupported
from promptuary.domain.exchange import Exported, Imported
from promptuary.domain.library import PromptHistory
from promptuary.library.exchange import (
    batch_lines,
    chat_lines,
    dotprompt,
    langfuse,
    langsmith,
    mlflow,
    openai_prompts,
    promptfoo,
    prompts_chat,
    prompty,
    traces,
)
from promptuary.library.exchange.bundle import read_bundle, write_bundle
from promptuary.library.exchange.forms import Form
from promptuary.library.exchange.reading import read
from promptuary.library.exchange.writing import write

BUNDLE: Final = "bundle"
FORMS: Final[dict[str, Form]] = {
    form.name: form
    for form in (
        langfuse.FORM,
        mlflow.FORM,
        langsmith.FORM,
        openai_prompts.FORM,
        prompts_chat.FORM,
        prompty.FORM,
        dotprompt.FORM,
        promptfoo.FORM,
        chat_lines.FORM,
        batch_lines.FORM,
        traces.FORM,
    )
}
FORMATS: Final = (BUNDLE, *FORMS)


def form_of(name: str) -> Form:
    """The format of that name. Raises Unsupported, naming those there are."""
    if name not in FORMS:
        raise Unsupported(f"no format is called {name[:60]!r}; there are {', '.join(FORMATS)}")
    return FORMS[name]


def suffix_of(name: str) -> str:
    """How files of that format end. Raises Unsupported."""
    return ".zip" if name == BUNDLE else form_of(name).suffix


def from_file(
    format: str,
    data: bytes,
    now: datetime,
    *,
    name: str = "prompt",
    folder: str = "",
    trusted: Sequence[str] = (),
) -> Imported:
    """The prompts of a file, as `reading.read` and `bundle.read_bundle` say; `trusted` are keys
    that may sign a bundle. A bundle's prompts keep their slugs: it goes into no folder."""
    if format == BUNDLE:
        if folder:
            raise Unsupported("a bundle's prompts keep their slugs; it goes into no folder")
        return Imported(read_bundle(data, trusted).histories)
    return read(form_of(format), data, now, name=name, folder=folder)


def to_file(
    format: str, histories: Sequence[PromptHistory], *, private_key: bytes | None = None
) -> Exported:
    """A file of these prompts, as `writing.write` and `bundle.write_bundle` say."""
    if format == BUNDLE:
        return Exported(write_bundle(histories, private_key))
    return write(form_of(format), histories)
