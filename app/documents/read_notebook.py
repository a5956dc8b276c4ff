"""Reading notebooks: Jupyter's texts, code and what the code printed."""

from __future__ import annotations

import msgspec

from app.documents import refusals
from app.documents.draft import Draft
from app.documents.read_markdown import write_markdown
from app.documents.read_text import decoded

_LONGEST_OUTPUT = 4_000
"""Characters; a longer output is a log or a dump, of which the beginning tells enough."""

Lines = str | list[str]


class _Output(msgspec.Struct):
    text: Lines = ""
    data: dict[str, msgspec.Raw] = {}


class _Cell(msgspec.Struct):
    cell_type: str
    source: Lines = ""
    outputs: list[_Output] = []


class _Notebook(msgspec.Struct):
    cells: list[_Cell]


def read_notebook(data: bytes, draft: Draft) -> None:
    """A notebook of version 4. Raises DocumentError."""
    try:
        notebook = msgspec.json.decode(decoded(data).encode(), type=_Notebook)
    except (msgspec.DecodeError, RecursionError) as error:
        raise refusals.damaged("it is no notebook of version 4") from error
    for cell in notebook.cells:
        source = _joined(cell.source)
        if cell.cell_type == "markdown" and source.strip():
            write_markdown(source, draft)
        elif cell.cell_type == "code":
            draft.code(source)
            for output in cell.outputs:
                draft.code(_printed(output)[:_LONGEST_OUTPUT])
        else:
            draft.paragraph(source)


def _printed(output: _Output) -> str:
    if output.text:
        return _joined(output.text)
    try:
        plain = output.data.get("text/plain", msgspec.Raw(b'""'))
        return _joined(msgspec.json.decode(plain, type=Lines))
    except msgspec.DecodeError:
        return ""


def _joined(lines: Lines) -> str:
    return lines if isinstance(lines, str) else "".join(lines)
