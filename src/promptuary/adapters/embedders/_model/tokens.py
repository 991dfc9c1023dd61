"""Texts as token ids, cut to what the model takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from tokenizers import Encoding, Tokenizer

from promptuary.adapters.embedders._model.recipe import Recipe
from promptuary.domain.errors import ModelDamaged
from promptuary.domain.vectors import Cut

_CHARACTERS_A_TOKEN = 40
"""Text beyond so many characters for each token is not even looked at: a megabyte costs nothing."""
LONGEST = 8_000
"""Characters of a text whose tokens are shown one by one."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The ids of one text, special ones included; none for a text that says nothing."""

    ids: tuple[int, ...]
    cut: bool


_NOTHING = Tokens((), cut=False)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a text that the model takes at once. The tokens at `kept` are the text's own and
    no other window sees them better; `spans` are the characters of each of those."""

    tokens: Tokens
    kept: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


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

    def windows(self, texts: Sequence[str], prompt: str = "") -> list[list[Window]]:
        """Each text in windows that overlap by half, as far as LONGEST characters; none for a text
        that says nothing."""
        plain = [_spelled(text[:LONGEST], lower=self._recipe.lowercase) for text in texts]
        asked = [prompt + text for text in plain if text]
        found = iter(self._overlapping.encode_batch(asked) if asked else ())
        return [_windows(next(found), len(prompt)) if text else [] for text in plain]

    @cached_property
    def _overlapping(self) -> Tokenizer:
        tokenizer = Tokenizer.from_str(self._tokenizer.to_str())
        limit = self._recipe.max_tokens
        room = limit - tokenizer.num_special_tokens_to_add(is_pair=False)
        tokenizer.enable_truncation(max_length=limit, stride=room // 2)
        return tokenizer

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


def _spelled(text: str, *, lower: bool) -> str:
    """The text as a tokenizer takes it, every character where it was; nothing for white space."""
    sound = text.encode("utf-8", "replace").decode("utf-8")
    plain = "".join(map(_lower, sound)) if lower else sound
    return "" if plain.isspace() else plain


def _lower(letter: str) -> str:
    small = letter.lower()
    return small if len(small) == 1 else letter


def _windows(encoding: Encoding, prompt: int) -> list[Window]:
    """Of what two windows share, each keeps the half that lies farther from its edge."""
    parts = [encoding, *encoding.overflowing]
    own = [[at for at, special in enumerate(e.special_tokens_mask) if not special] for e in parts]
    shared = len(own[0]) // 2
    found = []
    for place, (part, inside) in enumerate(zip(parts, own, strict=True)):
        first = shared // 2 if place else 0
        last = len(inside) - (shared - shared // 2 if part is not parts[-1] else 0)
        kept = [at for at in inside[first:last] if part.offsets[at][0] >= prompt]
        spans = tuple((a - prompt, b - prompt) for a, b in (part.offsets[at] for at in kept))
        found.append(Window(Tokens(tuple(part.ids), cut=False), tuple(kept), spans))
    return found
