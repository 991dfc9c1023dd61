"""Every format by its name."""

from __future__ import annotations

from typing import Final

from promptuary.domain.errors import Unsupported
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
from promptuary.library.exchange.forms import Form

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


def form_of(name: str) -> Form:
    """The format of that name. Raises Unsupported, naming those there are."""
    if name not in FORMS:
        raise Unsupported(f"no format is called {name[:60]!r}; there are {', '.join(FORMS)}")
    return FORMS[name]
