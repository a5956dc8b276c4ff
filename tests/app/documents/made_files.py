"""Files for the tests of reading, made from their smallest parts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
)
ODT_TYPE = "application/vnd.oasis.opendocument.text"


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """A zip with these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def links(**targets: str) -> str:
    """A .rels part: `slide_rId1="slides/slide1.xml"` is a link of kind slide with id rId1."""
    rows = "".join(
        f'<Relationship Id="{key.partition("_")[2]}" Type="{OFFICE}/{key.partition("_")[0]}"'
        f' Target="{target}"/>'
        for key, target in targets.items()
    )
    return f'<Relationships xmlns="{RELS}">{rows}</Relationships>'


def docx(body: str, **members: str) -> bytes:
    """A Word document with this body, and styles in which "H2" is the heading of level 2."""
    return packed(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": links(officeDocument_rId1="word/document.xml"),
            "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
            "word/styles.xml": f'<w:styles {W}><w:style w:styleId="H2"><w:name'
            ' w:val="heading 2"/></w:style><w:style w:styleId="Mine"><w:basedOn'
            ' w:val="H2"/></w:style></w:styles>',
            **{name.replace("__", "/") + ".xml": content for name, content in members.items()},
        }
    )


def odt(body: str, manifest: str = "<manifest/>") -> bytes:
    """An OpenDocument text with this body."""
    content = (
        f"<office:document-content {ODF}><office:body><office:text>{body}"
        "</office:text></office:body></office:document-content>"
    )
    members = {"mimetype": ODT_TYPE, "content.xml": content, "META-INF/manifest.xml": manifest}
    return packed(members)


def xlsx(sheet: str, strings: str = "", styles: str = "<styleSheet/>") -> bytes:
    """A workbook with one sheet, "Costs"."""
    return packed(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": f'<workbook xmlns:r="{OFFICE}"><sheets><sheet name="Costs"'
            ' sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": links(
                worksheet_rId1="worksheets/sheet1.xml",
                sharedStrings_rId2="sharedStrings.xml",
                styles_rId3="styles.xml",
            ),
            "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{sheet}</sheetData></worksheet>",
            "xl/sharedStrings.xml": f"<sst>{strings}</sst>",
            "xl/styles.xml": styles,
        }
    )


def pptx(*slides: str) -> bytes:
    """A presentation of these slides' shapes, listed in the file from last to first."""
    count = len(slides)
    order = "".join(f'<sldId id="{255 + n}" r:id="rId{n}"/>' for n in range(1, count + 1))
    targets = {f"slide_rId{n}": f"slides/slide{count + 1 - n}.xml" for n in range(1, count + 1)}
    return packed(
        {
            "[Content_Types].xml": "<Types/>",
            "ppt/presentation.xml": f'<presentation xmlns:r="{OFFICE}">{order}</presentation>',
            "ppt/_rels/presentation.xml.rels": links(**targets),
            **{
                f"ppt/slides/slide{count + 1 - n}.xml": f"<sld>{shapes}</sld>"
                for n, shapes in enumerate(slides, start=1)
            },
        }
    )


def epub(*chapters: str, encryption: str = "") -> bytes:
    """A book."""
    numbers = range(1, len(chapters) + 1)
    items = "".join(
        f'<item id="c{n}" href="text/c%20{n}.xhtml" media-type="application/xhtml+xml"/>'
        for n in numbers
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in numbers)
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OEBPS/b.opf"/>'
        "</rootfiles></container>",
        "OEBPS/b.opf": "<package><metadata><title>A book</title></metadata>"
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>",
        **{f"OEBPS/text/c {n}.xhtml": text for n, text in zip(numbers, chapters, strict=True)},
    }
    if encryption:
        members["META-INF/encryption.xml"] = encryption
    return packed(members)


def pdf(*pages: str | bytes, size: str = "612 792") -> bytes:
    """A PDF with one line of ASCII a page, or with what a page's operators (bytes) draw."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(count))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {count}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for n, page in enumerate(pages):
        stream = page.decode() if isinstance(page, bytes) else ""
        if page and isinstance(page, str):
            stream = f"BT /F1 12 Tf 72 700 Td ({page}) Tj ET"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {size}]/Resources<</Font<</F1 3 0 R>>>>"
            f"/Contents {5 + 2 * n} 0 R>>"
        )
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    out += f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode()
    return bytes(out)
