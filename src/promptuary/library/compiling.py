"""Texts compiled by their syntax, each version once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from promptuary.domain.library import PromptContent, PromptVersion, Syntax
from promptuary.library.references import OWN, Reference, with_holes
from promptuary.library.syntaxes.compiled import Budget, Compiled, Value

MOST_READY: Final = 500


@dataclass(frozen=True, slots=True)
class Plain:
    """A text without slots."""

    text: str
    names: tuple[str, ...] = ()

    def fill(self, values: Mapping[str, Value], budget: Budget) -> str:  # noqa: ARG002 - the form of all
        """The text as it is."""
        budget.fits(len(self.text))
        return self.text


@dataclass(frozen=True, slots=True)
class Ready:
    """A content whose texts are compiled: its text, or each of its turns. A text takes in what its
    references say."""

    texts: tuple[tuple[Compiled, tuple[Reference, ...]], ...]
    names: tuple[str, ...]


class Renderer:
    """Compiles each version once and remembers the last ones."""

    def __init__(self) -> None:
        self._ready: dict[str, Ready] = {}
        self._jinja: Callable[[str], Compiled] | None = None

    def ready(self, version: PromptVersion) -> Ready:
        """The version's content, compiled. Raises InvalidInput."""
        known = self._ready.get(version.id)
        if known is None:
            known = self.compiled(version.content)
            if len(self._ready) >= MOST_READY:
                del self._ready[next(iter(self._ready))]
            self._ready[version.id] = known
        return known

    def compiled(self, content: PromptContent) -> Ready:
        """Raises InvalidInput for a text that is none of its syntax."""
        made, names = [], dict[str, None]()
        for text in [turn.content for turn in content.turns] or [content.text]:
            holed, includes = with_holes(text, content.syntax)
            compiled = self._compile(holed, content.syntax)
            own = {f"{OWN}{at}" for at in range(len(includes))}
            names |= dict.fromkeys(name for name in compiled.names if name not in own)
            made.append((compiled, includes))
        return Ready(tuple(made), tuple(names))

    def _compile(self, text: str, syntax: Syntax) -> Compiled:
        match syntax:
            case "plain":
                return Plain(text)
            case "fstring":
                from promptuary.library.syntaxes import fstring  # noqa: PLC0415 - as the others

                return fstring.compiled(text)
            case "mustache":
                from promptuary.library.syntaxes import mustache  # noqa: PLC0415 - as the others

                return mustache.compiled(text)
            case "jinja":
                return self._sandboxed(text)

    def _sandboxed(self, text: str) -> Compiled:
        if self._jinja is None:
            from promptuary.library.syntaxes import jinja  # noqa: PLC0415 - slow to import

            sandbox = jinja.environment()
            self._jinja = lambda text: jinja.compiled(text, sandbox)
        return self._jinja(text)
