"""What every DocumentLoader promises. Subclass it and give it `loader`, `sample` and `words`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promptuary.domain.errors import PromptuaryError, TooLarge
from promptuary.domain.loading import Limits, Loaded, Packed, RawFile, Unread
from promptuary.ports.document_loader import DocumentLoader
from promptuary.testing.contract import Contract

LIMITS = Limits()
CHECKS = [
    HealthCheck.function_scoped_fixture,
    HealthCheck.differing_executors,  # each adapter's class runs the same test
    HealthCheck.too_slow,
]


class DocumentLoaderContract(Contract):
    """`sample` is a file that the loader reads, of at least 20 characters of text, in which each of
    `words` stands, in this order."""

    def test_it_says_which_files_it_reads(self, loader: DocumentLoader, sample: RawFile) -> None:
        assert loader.suffixes
        assert all(suffix == suffix.lower() and "/" not in suffix for suffix in loader.suffixes)
        assert any(sample.name.endswith(suffix) for suffix in loader.suffixes)

    def test_what_stands_in_a_file_is_read_in_order(
        self, loader: DocumentLoader, sample: RawFile, words: Sequence[str]
    ) -> None:
        text = "\n".join(text_of(each) for each in loader.load(sample, LIMITS))
        places = [text.find(word) for word in words]
        assert -1 not in places
        assert places == sorted(places)

    def test_blocks_are_sound(self, loader: DocumentLoader, sample: RawFile) -> None:
        read = list(loader.load(sample, LIMITS))
        assert read
        for each in read:
            assert faults(each) == []

    def test_the_same_bytes_give_the_same(self, loader: DocumentLoader, sample: RawFile) -> None:
        assert list(loader.load(sample, LIMITS)) == list(loader.load(sample, LIMITS))

    def test_too_many_bytes_or_characters_are_not_read(
        self, loader: DocumentLoader, sample: RawFile
    ) -> None:
        if any(isinstance(each, Packed) for each in loader.load(sample, LIMITS)):
            limits = [replace(LIMITS, bytes=10)]
        else:
            limits = [replace(LIMITS, bytes=10), replace(LIMITS, characters=10)]
        for limit in limits:
            with pytest.raises(TooLarge):
                list(loader.load(sample, limit))

    def test_a_file_that_breaks_off_is_read_or_refused(
        self, loader: DocumentLoader, sample: RawFile
    ) -> None:
        for end in range(0, len(sample.data), max(1, len(sample.data) // 40)):
            read_or_refused(loader, replace(sample, data=sample.data[:end]))

    @settings(suppress_health_check=CHECKS, deadline=None)
    @given(data=st.binary(max_size=300))
    def test_any_bytes_are_read_or_refused(
        self, loader: DocumentLoader, sample: RawFile, data: bytes
    ) -> None:
        read_or_refused(loader, replace(sample, data=data))

    @settings(suppress_health_check=CHECKS, deadline=None)
    @given(data=st.data())
    def test_a_damaged_file_is_read_or_refused(
        self, loader: DocumentLoader, sample: RawFile, data: st.DataObject
    ) -> None:
        damaged = bytearray(sample.data)
        for _ in range(data.draw(st.integers(1, 5))):
            at = data.draw(st.integers(0, len(damaged) - 1))
            damaged[at] = data.draw(st.integers(0, 255))
        read_or_refused(loader, replace(sample, data=bytes(damaged)))


def read_or_refused(loader: DocumentLoader, file: RawFile) -> None:
    """Whatever comes is sound, or an error of ours."""
    with suppress(PromptuaryError):
        for each in loader.load(file, LIMITS):
            assert faults(each) == []


def text_of(part: Loaded | Packed | Unread) -> str:
    """What was read; of a file inside the file, its bytes as text."""
    match part:
        case Loaded(text):
            return text
        case Packed(file):
            return file.data.decode("utf-8", "replace")
        case Unread():
            return ""


def faults(part: Loaded | Packed | Unread) -> list[str]:
    """What is wrong with the blocks of a document, in words."""
    if isinstance(part, Unread):
        return [] if part.part and part.code and part.reason else ["an unread part says nothing"]
    if isinstance(part, Packed):
        return [] if part.file.name else ["a packed file without a name"]
    found = [] if part.blocks else ["a document without a block"]
    behind = 0
    for block in part.blocks:
        inner = part.text[block.start : block.end]
        if block.start < behind or not inner.strip() or inner != inner.strip():
            found.append(f"{block} overlaps, is empty, or has white space around it")
        if part.text[behind : block.start].strip():
            found.append(f"text before {block} is lost")
        if (block.kind == "heading") != (block.level > 0):
            found.append(f"{block} has a level that it should not have")
        if any(number is not None and number < 1 for number in (block.line, block.page)):
            found.append(f"{block} counts from 0")
        behind = max(behind, block.end)
    if part.text[behind:].strip():
        found.append("text behind the last block is lost")
    return found
