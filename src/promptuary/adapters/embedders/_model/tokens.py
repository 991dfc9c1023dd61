"""Texts as token ids, cut to what the model takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from tokenizers import Encoding, Tokenizer

from promptuary.adapters.embedders._model.recipe import Recipe
from promptuary.domain.errors import ModelDamaged
from promptuary.domain.vectors import Cut

_CHARACTERS_A_TOKEN = 40
"""Text beyond so many characters for each token is not even looked at: a megabyte costs nothing."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The ids of one text, special ones included; none for a text that says nothing."""

    ids: tuple[int, ...]
    cut: bool


_NOTHING = Tokens((), cut=False)


class TextReader:
    """A tokenizer with the recipe's limits. Raises ModelDamaged for one of another model."""

    def __init__(self, recipe: Recipe, rows: int) -> None:
        self._recipe = recipe
        path = recipe.folder / "tokenizer.json"
        try:
            content = path.read_bytes()
            self._tokenizer = Tokenizer.from_str(content.decode("utf-8"))
        except Exception as error:  # the library raises bare Exception
            raise ModelDamaged(f"{path} is no tokenizer: {error}") from error
        if (size := self._tokenizer.get_vocab_size()) > rows:
            raise ModelDamaged(f"{path} knows {size} tokens, the model {rows}: not its tokenizer")
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=recipe.max_tokens)
        self.digest = sha256(content).hexdigest()

    def read(self, texts: Sequence[str], prompt: str = "") -> list[Tokens]:
        """The tokens of each text, in order."""
        plain = [self._clean(text) for text in texts]
        asked = [prompt + text for text in plain if text]
        found = iter(self._tokenizer.encode_batch_fast(asked) if asked else ())
        return [self._tokens(next(found), text) if text else _NOTHING for text in plain]

    def cuts(self, texts: Sequence[str], prompt: str = "") -> list[Cut]:
        """Which are cut. The length counted is at least the limit and one."""
        # No token is shorter than a byte, so most texts need no tokenizer to be known as whole.
        sure = self._recipe.max_tokens - 4 - len(prompt.encode())
        long = [n for n, text in enumerate(texts) if len(text) * 4 > sure and _bytes(text) > sure]
        read = self.read([texts[n] for n in long], prompt)
        kept = self._recipe.max_tokens
        return [Cut(n, kept + 1, kept) for n, t in zip(long, read, strict=True) if t.cut]

    def _clean(self, text: str) -> str:
        limit = self._recipe.max_tokens * _CHARACTERS_A_TOKEN
        cut = text[:limit].encode("utf-8", "replace").decode("utf-8")
        plain = cut.lower() if self._recipe.lowercase else cut
        return "" if not plain or plain.isspace() else plain

    def _tokens(self, encoding: Encoding, text: str) -> Tokens:
        limit = self._recipe.max_tokens * _CHARACTERS_A_TOKEN
        return Tokens(tuple(encoding.ids), bool(encoding.overflowing) or len(text) >= limit)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
