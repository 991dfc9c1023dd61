"""Files of formats that are not text, made by hand: small, and only what a test needs."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
P = f'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" {A}'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def archive(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in members.items():
            opened.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def relations(targets: Mapping[str, str]) -> str:
    """What a part refers to."""
    rows = (f'<Relationship Id="{id_}" Target="{to}"/>' for id_, to in targets.items())
    return f"{XML}<Relationships>{''.join(rows)}</Relationships>"


def docx(body: str, **more: str) -> bytes:
    """A document of Word with that body; `more` are other parts by their names."""
    styles = (
        f"{XML}<w:styles {W}>"
        '<w:style w:styleId="H1"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:styleId="H2"><w:name w:val="heading 2"/></w:style></w:styles>'
    )
    document = f"{XML}<w:document {W}><w:body>{body}</w:body></w:document>"
    parts = {"word/document.xml": document, "word/styles.xml": styles}
    return archive({**parts, **more})


def paragraph(text: str, style: str = "", *, item: bool = False) -> str:
    """A paragraph of Word."""
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    numbered = "<w:numPr/>" if item else ""
    return f"<w:p><w:pPr>{styled}{numbered}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def table(*rows: Sequence[str]) -> str:
    """A table of Word."""
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def pptx(*slides: str) -> bytes:
    """A presentation; the slides lie in the archive in another order than they are shown."""
    shown = "".join(f'<p:sldId id="{256 + n}" r:id="r{n}"/>' for n in range(len(slides)))
    parts = {
        "ppt/presentation.xml": f'{XML}<p:presentation {P} xmlns:r="{RELATIONS}">'
        f"<p:sldIdLst>{shown}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(
            {f"r{n}": f"slides/slide{len(slides) - n}.xml" for n in range(len(slides))}
        ),
    }
    for n, shapes in enumerate(slides):
        place = f"ppt/slides/slide{len(slides) - n}.xml"
        parts[place] = f"{XML}<p:sld {P}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"
    return archive(parts)


def shape(text: str, kind: str = "") -> str:
    """A shape with text on a slide."""
    placed = f'<p:ph type="{kind}"/>' if kind else ""
    return (
        f"<p:sp><p:nvSpPr><p:nvPr>{placed}</p:nvPr></p:nvSpPr>"
        f"<p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def xlsx(rows: str, *, hidden: str = "") -> bytes:
    """A workbook: a sheet named Prices, and one that is hidden."""
    sheet = f"{XML}<worksheet {S}><sheetData>{{}}</sheetData></worksheet>"
    return archive(
        {
            "xl/workbook.xml": f'{XML}<workbook {S} xmlns:r="{RELATIONS}"><sheets>'
            '<sheet name="Prices" sheetId="1" r:id="r1"/>'
            '<sheet name="Secret" sheetId="2" r:id="r2" state="hidden"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations(
                {"r1": "worksheets/sheet1.xml", "r2": "worksheets/sheet2.xml"}
            ),
            "xl/worksheets/sheet1.xml": sheet.format(rows),
            "xl/worksheets/sheet2.xml": sheet.format(hidden),
            "xl/sharedStrings.xml": f"{XML}<sst {S}><si><t>what</t></si><si><t>price</t></si>"
            "<si><r><t>rye </t></r><r><t>bread</t></r></si></sst>",
            "xl/styles.xml": f'{XML}<styleSheet {S}><numFmts><numFmt numFmtId="164" '
            'formatCode="yyyy\\-mm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
            '<xf numFmtId="164"/></cellXfs></styleSheet>',
        }
    )


def epub(chapters: Sequence[str]) -> bytes:
    """A book."""
    items = "".join(f'<item id="c{n}" href="c%20{n}.xhtml"/>' for n in range(len(chapters)))
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    return archive(
        {
            "META-INF/container.xml": f"{XML}<container><rootfiles>"
            '<rootfile full-path="in/book.opf"/></rootfiles></container>',
            "in/book.opf": f"{XML}<package><metadata><title>The book</title></metadata>"
            f"<manifest>{items}</manifest><spine>{spine}</spine></package>",
            **{f"in/c {n}.xhtml": chapter for n, chapter in enumerate(chapters)},
        }
    )


def pdf(*pages: str, title: str = "") -> bytes:
    """A document with a line of text on each page."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, text in enumerate(pages):
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] "
            f"/Resources << /Font << /F 3 0 R >> >> /Contents {5 + 2 * n} 0 R >>"
        )
        drawn = f"BT /F 12 Tf 50 700 Td ({text}) Tj ET"
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    objects.append(f"<< /Title ({title}) >>")
    made = b"%PDF-1.4\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{each}\nendobj\n".encode()
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>\n"
    table_ = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}"
    return made + f"{table_}{end}startxref\n{len(made)}\n%%EOF\n".encode()


NONE, FAT, END = 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFE


def compound(streams: Mapping[str, bytes], inside: Mapping[str, Mapping[str, bytes]]) -> bytes:
    """A compound file with these streams, and these storages with streams; no small sectors."""
    entries: list[tuple[str, int, int, int, bytes]] = [("Root Entry", 5, NONE, NONE, b"")]

    def add(held: Mapping[str, bytes]) -> int:
        first = NONE
        for name, data in held.items():
            entries.append((name, 2, first, NONE, data))
            first = len(entries) - 1
        return first

    first = add(streams)
    for name, held in inside.items():
        child = add(held)
        entries.append((name, 1, first, child, b""))
        first = len(entries) - 1
    entries[0] = ("Root Entry", 5, NONE, first, b"")
    count = -(-len(entries) // 4)
    table_ = [FAT, *range(2, count + 1), END]
    body = b""
    rows = b""
    for name, kind, left, child, data in entries:
        start = NONE
        if data:
            sectors = -(-len(data) // 512)
            start = len(table_)
            table_ += [*range(start + 1, start + sectors), END]
            body += data.ljust(sectors * 512, b"\0")
        wide = name.encode("utf-16-le")
        rows += wide.ljust(64, b"\0") + struct.pack("<HBB", len(wide) + 2, kind, 1)
        rows += struct.pack("<III", left, NONE, child) + bytes(36)
        rows += struct.pack("<III", start, len(data), 0)
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 62, 3, 65534, 9, 6)
    head += bytes(10) + struct.pack("<IIIIIIIII", 1, 1, 0, 0, END, 0, END, 0, 0)
    head += struct.pack("<108I", *[NONE] * 108)
    fat = struct.pack("<128I", *[*table_, *[NONE] * (128 - len(table_))])
    return head + fat + rows.ljust(count * 512, b"\0") + body
