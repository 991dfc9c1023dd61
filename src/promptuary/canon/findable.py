"""Do its own words and its own kind find an entry? An engine may give back what it no longer finds.

For each term it is reckoned in how many entries it stands, with a digest of their ids; then the
index is asked for the term alone, and only where the digests differ is looked for who is missed.
A sample of the terms is asked, another each time, or all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from hashlib import blake2b
from heapq import nsmallest
from operator import xor
from secrets import randbits
from typing import Final
from zlib import crc32

from promptuary.canon.indexing import Draft, Indexing, catch_up, everything
from promptuary.domain.filters import Exists, Filter
from promptuary.ports.index import Index, WordQuery
from promptuary.retrieval.words import terms

SAMPLE: Final = 100
"""So many terms are asked, unless all are."""
MOST: Final = 5_000
"""A term that stands in more entries is not asked: engines find no more than 10,000 at once."""
SPARE: Final = 100
"""So many hits more are taken than there should be."""
OF_A_KIND: Final[Filter] = Exists("kind")
"""What every entry of the record has."""


class Standing:
    """In which entries each term should stand. Memory is bounded, unless all terms are asked."""

    def __init__(self, *, deep: bool = False) -> None:
        """`deep`: keep all terms."""
        self._deep = deep
        self._salt = randbits(32)
        self._below = 1 << 32
        self._known: dict[str, tuple[int, int]] = {}

    def add(self, id: str, texts: Mapping[str, str]) -> None:
        """One entry more."""
        number = digest_of(id)
        for term in words_of(texts):
            if self._deep or self._drawn(term) < self._below:
                count, digest = self._known.get(term, (0, 0))
                self._known[term] = count + 1, digest ^ number
        if not self._deep and len(self._known) > 2 * SAMPLE:
            kept = nsmallest(SAMPLE + 1, self._known, key=self._drawn)
            self._below = self._drawn(kept.pop())
            self._known = {term: self._known[term] for term in kept}

    def asked(self) -> Iterator[tuple[str, int, int]]:
        """The terms to ask for, each with its count and its digest."""
        for term, (count, digest) in self._known.items():
            if count <= MOST and terms(term) == [term]:
                yield term, count, digest

    def _drawn(self, term: str) -> int:
        """The same for a term all the while: those that drew least are the sample."""
        return crc32(term.encode(errors="surrogatepass"), self._salt)


def digest_of(id: str) -> int:
    """The digest of an id; that of several is these by exclusive or."""
    return int.from_bytes(blake2b(id.encode(errors="surrogatepass"), digest_size=8).digest())


def words_of(texts: Mapping[str, str]) -> set[str]:
    """The terms of an entry."""
    return {term for text in texts.values() for term in terms(text)}


async def unfound(parts: Indexing, standing: Standing) -> set[str]:
    """Entries of the record that some of their own words do not find, whether they are kept or
    not."""
    missed: dict[str, int] = {}
    for term, count, digest in standing.asked():
        found = await _found(parts.index, term, count)
        if digest != reduce(xor, map(digest_of, found), 0):
            missed[term] = count
    if not missed:
        return set()
    await catch_up(parts)
    again = {term: await _found(parts.index, term, count) for term, count in missed.items()}
    lost: set[str] = set()
    async for drafts in everything(parts.record):
        lost.update(draft.id for draft in drafts if _missed(draft, again))
    return lost


def _missed(draft: Draft, found: Mapping[str, set[str]]) -> bool:
    return any(draft.id not in found[term] for term in words_of(draft.texts) & found.keys())


async def _found(index: Index, term: str, count: int) -> set[str]:
    query = WordQuery(term, typos=False)
    return {hit.id for hit in await index.search_words(query, limit=count + SPARE)}
