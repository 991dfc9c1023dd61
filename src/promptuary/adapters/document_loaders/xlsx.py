"""`xlsx:` workbooks of Excel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

from promptuary.adapters.document_loaders._office import Package
from promptuary.adapters.document_loaders._rows import Table
from promptuary.adapters.document_loaders._text import Writing
from promptuary.adapters.document_loaders._xml import below, first
from promptuary.domain.errors import TooLarge
from promptuary.domain.loading import Limits, Loaded, RawFile

_WORKBOOK = "xl/workbook.xml"
_DATES = frozenset([*range(14, 23), *range(45, 48)])
"""Formats of dates and times that every workbook has."""
_DATED = re.compile(r"[ymdhs]", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_COLUMN = re.compile(r"[A-Z]{1,3}")
_WIDEST = 16_384
"""Columns that a sheet can have."""


def connect(url: str) -> SheetsLoader:  # noqa: ARG001  every adapter is opened by a URL
    """`xlsx:`"""
    return SheetsLoader()


class SheetsLoader:
    """Sheets as pages under their names, rows with their numbers as lines. Values are those that
    were last calculated; formulas are not run. Hidden sheets are left out."""

    @property
    def suffixes(self) -> frozenset[str]:
        """Excel since 2007."""
        return frozenset({".xlsx", ".xlsm", ".xltx"})

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded]:
        """As the port says."""
        package = Package(file, limits)
        workbook = package.needed(_WORKBOOK)
        places = package.relations(_WORKBOOK)
        sheets = [each for each in below(workbook, "sheets", "sheet") if not each.get("state")]
        if len(sheets) > limits.pages:
            raise TooLarge(f"{len(sheets):,} sheets; at most {limits.pages:,} are read")
        values = _Values(_strings(package), _dated(package), _epoch(workbook))
        writing = Writing(limits)
        for number, sheet in enumerate(sheets, 1):
            root = package.part(places.get(sheet.get("r:id", ""), ""))
            _write(root, sheet.get("name", ""), number, values, writing)
        if writing.blocks:
            yield Loaded(writing.text, writing.blocks, package.title())


def _write(root: Element | None, name: str, number: int, values: _Values, writing: Writing) -> None:
    rows = [
        (int(row.get("r", 0)) or None, cells)
        for row in below(root, "sheetData", "row")
        if any(cells := _cells(row, values))
    ]
    if not rows:
        return
    writing.add("heading", name, level=1, page=number)
    table = Table(writing, page=number)
    for line, cells in rows:
        table.add(cells, line=line)
    table.end()


def _cells(row: Element, values: _Values) -> list[str]:
    """Its values, each in its column."""
    found: list[str] = []
    for cell in below(row, "c"):
        column = _column(cell.get("r", "")) or len(found) + 1
        if column > _WIDEST:
            continue
        found += [""] * (column - len(found))
        found[column - 1] = values.of(cell)
    return found


def _column(reference: str) -> int:
    """`AB12` is in column 28."""
    letters = _COLUMN.match(reference)
    column = 0
    for letter in letters[0] if letters else "":
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


@dataclass(frozen=True, slots=True)
class _Values:
    """What cells refer to: texts, and which of their formats show dates, counted from when."""

    strings: Sequence[str]
    dated: Sequence[bool]
    epoch: datetime

    def of(self, cell: Element) -> str:
        value = first(cell, "v")
        raw = (value.text or "") if value is not None else ""
        match cell.get("t", "n"):
            case "s":
                return (
                    self.strings[int(raw)]
                    if raw.isdecimal() and int(raw) < len(self.strings)
                    else ""
                )
            case "inlineStr":
                return "".join(each.text or "" for each in cell.iter("t"))
            case "b":
                return "yes" if raw == "1" else "no"
            case "e":
                return ""
            case "n":
                return self._number(raw, cell.get("s", ""))
            case _:
                return raw

    def _number(self, raw: str, style: str) -> str:
        try:
            number = float(raw)
            if style.isdecimal() and int(style) < len(self.dated) and self.dated[int(style)]:
                at = self.epoch + timedelta(days=number)
                return at.isoformat(" ", "minutes") if number % 1 else at.date().isoformat()
        except (ValueError, OverflowError):
            return raw
        return f"{number:.15g}"


def _strings(package: Package) -> Sequence[str]:
    """The texts that cells share, without the readings beside them."""
    return [
        "".join(each.text or "" for path in (("t",), ("r", "t")) for each in below(item, *path))
        for item in below(package.part("xl/sharedStrings.xml"), "si")
    ]


def _dated(package: Package) -> Sequence[bool]:
    """For each format of cells, whether it shows a date."""
    styles = package.part("xl/styles.xml")
    own: Mapping[str, bool] = {
        each.get("numFmtId", ""): bool(_DATED.search(_QUOTED.sub("", each.get("formatCode", ""))))
        for each in below(styles, "numFmts", "numFmt")
    }
    ids = [each.get("numFmtId", "0") for each in below(styles, "cellXfs", "xf")]
    return [own.get(id_, id_.isdecimal() and int(id_) in _DATES) for id_ in ids]


def _epoch(workbook: Element) -> datetime:
    """Days are counted from the end of 1899, or as on the first Macs from 1904."""
    about = first(workbook, "workbookPr")
    later = about is not None and about.get("date1904") in {"1", "true"}
    return datetime(1904, 1, 1) if later else datetime(1899, 12, 30)  # noqa: DTZ001  no zone
