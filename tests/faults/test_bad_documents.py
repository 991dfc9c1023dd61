"""Every bad file there is, in one folder: each is named, and none stops another."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfWriter

from adapters.making import archive, docx, paragraph, pdf
from promptuary import Promptuary
from promptuary.domain.loading import MEBIBYTE
from promptuary.domain.reports import SourceOutcome, SyncReport

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
GOOD = "The lighthouse was painted in 1931."
HA = "".join(f'<!ENTITY h{n} "{f"&h{n - 1};" * 10 if n else "ha"}">' for n in range(10))


def encrypted() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(pdf("text")))
    writer.encrypt("secret", algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def overlapping() -> bytes:
    """An archive whose directory names one large member a thousand times."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("0.txt", b" " * 10 * MEBIBYTE)
        only = opened.infolist()[0]
        for n in range(1, 1_000):
            again = zipfile.ZipInfo(f"{n}.txt")
            for name in ("compress_type", "CRC", "compress_size", "file_size", "header_offset"):
                setattr(again, name, getattr(only, name))
            opened.filelist.append(again)
    return made.getvalue()


@pytest.fixture
def bad() -> dict[str, tuple[bytes, str]]:
    """What is wrong with a file and the code that it gets, by name; none is for those that pass."""
    return {
        "encrypted.pdf": (encrypted(), "INVALID_INPUT"),
        "truncated.pdf": (pdf("text")[:200], "INVALID_INPUT"),
        "no.pdf": (b"%PDF-1.7\n" + os.urandom(2_000), "INVALID_INPUT"),
        "bomb.zip": (archive({"a.txt": b" " * 300 * MEBIBYTE}), "TOO_LARGE"),
        "overlapping.zip": (overlapping(), ""),
        "bomb.docx": (archive({"word/document.xml": b"<x>" + b" " * 300 * MEBIBYTE}), "TOO_LARGE"),
        "entities.docx": (
            archive({"word/document.xml": f"<!DOCTYPE x [{HA}]><x>&h9;</x>"}),
            "INVALID_INPUT",
        ),
        "outside.docx": (
            archive(
                {
                    "word/document.xml": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
                }
            ),
            "INVALID_INPUT",
        ),
        "old.xlsx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4_000), "INVALID_INPUT"),
        "binary.md": (b"\x7fELF" + bytes(2_000), "INVALID_INPUT"),
        "deep.json": (b"[" * 5_000_000, "INVALID_INPUT"),
        "wide.json": (b"[" + b"[1.5]," * 3_000_000 + b"[]]", "TOO_LARGE"),
        "truncated.msg": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "INVALID_INPUT"),
        "empty.epub": (b"", "INVALID_INPUT"),
    }


@pytest.fixture
def folder(tmp_path: Path, bad: dict[str, tuple[bytes, str]]) -> Path:
    """All of them, beside files that are odd but fine."""
    made = tmp_path / "docs"
    made.mkdir()
    for name, (data, _) in bad.items():
        (made / name).write_bytes(data)
    (made / "good.md").write_text(GOOD)
    (made / "macro.docm").write_bytes(docx(paragraph(GOOD), **{"word/vbaProject.bin": "evil"}))
    (made / "two\nlines.md").write_text(GOOD)
    (made / "loop").symlink_to(made)
    (made / "self.md").symlink_to(made / "self.md")
    os.mkfifo(made / "pipe.md")
    with (made / "huge.txt").open("wb") as huge:
        huge.truncate(1 << 30)
    return made


async def test_every_bad_file_is_named_and_the_good_ones_are_found(
    tmp_path: Path,
    folder: Path,
    bad: dict[str, tuple[bytes, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PROMPTUARY_DOCUMENT_MEMORY_BYTES", str(256 * MEBIBYTE))
    async with await Promptuary.open(tmp_path / "home") as opened:
        report = await opened.sync(folder)
        hits = (await opened.search("lighthouse painted", kinds=["passage"])).hits
    codes = named(report, lambda each: each.code)
    expected = {name: code for name, (_, code) in bad.items() if code} | {"huge.txt": "TOO_LARGE"}
    assert {name: codes[name] for name in expected} == expected
    assert {str(hit.payload["source"]) for hit in hits} >= {
        "docs/good.md",
        "docs/macro.docm",
        "docs/two\nlines.md",
    }
    assert report.counts["skipped"] == 3
    assert all(each.reason for each in report.outcomes if each.code)


def named(report: SyncReport, what: Callable[[SourceOutcome], str]) -> dict[str, str]:
    """Something of each outcome, by the names of the files."""
    return {each.name.removeprefix("docs/"): what(each) for each in report.outcomes}
