"""Flow: paragraphs, lists and tables of a nested format, put in a row for the draft."""

from __future__ import annotations

from app.documents.draft import Draft, line_of

_LONGEST_CELL = 600
"""Characters; a table with longer cells is there for its looks, and is read as paragraphs."""


class Flow:
    """Takes blocks as they end; inside a table they are gathered cell by cell.

    Tables within tables are read as text of the outer cell. Nothing depends on elements being
    closed in good order.
    """

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._tables = 0
        self._rows: list[list[list[str]]] = []
        self._cell: list[str] | None = None

    @property
    def in_table(self) -> bool:
        """Whether blocks go into a table."""
        return self._tables > 0

    def paragraph(self, text: str) -> None:
        """A paragraph ends."""
        if not text.strip():
            return
        if self._tables:
            self._into_cell(text)
        else:
            self._draft.paragraph(text)

    def heading(self, level: int, text: str) -> None:
        """A heading ends."""
        if self._tables:
            self.paragraph(text)
        else:
            self._draft.heading(level, text)

    def code(self, text: str) -> None:
        """A block whose lines stay ends."""
        if self._tables:
            self.paragraph(text)
        else:
            self._draft.code(text)

    def open_table(self) -> None:
        """A table begins."""
        self._tables += 1

    def open_row(self) -> None:
        """A row begins."""
        if self._tables == 1:
            self._rows.append([])
            self._cell = None

    def open_cell(self) -> None:
        """A cell begins."""
        if self._tables == 1:
            if not self._rows:
                self._rows.append([])
            self._cell = []
            self._rows[-1].append(self._cell)

    def close_table(self) -> None:
        """A table ends, and with it all that is open in it."""
        if self._tables == 0:
            return
        self._tables -= 1
        if self._tables == 0:
            rows, self._rows, self._cell = self._rows, [], None
            self._write(rows)

    def finish(self) -> None:
        """The file ends."""
        self._tables = min(self._tables, 1)
        self.close_table()

    def _into_cell(self, text: str) -> None:
        if self._cell is None:
            self.open_cell()
        if self._cell is None:  # inside an inner table that no outer cell holds
            self._rows.append([[text]])
        else:
            self._cell.append(text)

    def _write(self, rows: list[list[list[str]]]) -> None:
        if any(len(row) > 1 for row in rows) and _is_data(rows):
            self._draft.table([line_of(" ".join(cell)) for cell in row] for row in rows)
            return
        for row in rows:
            for cell in row:
                for text in cell:
                    self._draft.paragraph(text)


def _is_data(rows: list[list[list[str]]]) -> bool:
    return all(sum(map(len, cell)) <= _LONGEST_CELL for row in rows for cell in row)
