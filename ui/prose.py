"""Prose: Markdown tokens written into a QTextDocument in our own typography; never an image."""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it.token import Token
from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextLength,
    QTextList,
    QTextListFormat,
    QTextTable,
    QTextTableCellFormat,
    QTextTableFormat,
)

from ui.theme import Theme

QUOTED = int(QTextFormat.Property.UserProperty) + 1
"""Block property: this block is inside a quotation (the view draws its bar)."""

INDENT = 22
_LINE = 118
_HEADINGS = {"h1": (22, 18), "h2": (19, 16), "h3": (17, 14)}


class ProseWriter:
    """Appends blocks to one document."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        self._document = document
        self._theme = theme
        self._cursor = QTextCursor(document)
        self._fresh = True
        self._lists: list[QTextList | QTextListFormat] = []
        self._first_of_item = False
        self._quotes = 0
        self._table: QTextTable | None = None
        self._cell = (-1, -1)
        document.setIndentWidth(INDENT)
        document.setDocumentMargin(0)

    def clear(self) -> None:
        """Begin again with an empty document."""
        self._document.clear()
        self._cursor = QTextCursor(self._document)
        self._fresh = True

    @property
    def empty(self) -> bool:
        """Whether nothing was written yet."""
        return self._fresh

    def write(self, tokens: Sequence[Token]) -> None:
        """Append the blocks of `tokens`."""
        self._cursor.beginEditBlock()
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        for number, token in enumerate(tokens):
            self._token(token, tokens, number)
        self._cursor.endEditBlock()

    def _token(self, token: Token, tokens: Sequence[Token], number: int) -> None:
        match token.type:
            case "heading_open":
                self._heading(token.tag)
            case "paragraph_open":
                self._paragraph(tight=token.hidden)
            case "inline":
                self._inline(token.children or [])
            case "bullet_list_open" | "ordered_list_open":
                self._open_list(token)
            case "list_item_open":
                self._first_of_item = True
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "blockquote_open":
                self._quotes += 1
            case "blockquote_close":
                self._quotes -= 1
            case "fence" | "code_block":
                self._code(token.content)
            case "hr":
                self._ruler()
            case "table_open":
                self._open_table(tokens[number:])
            case "table_close":
                self._close_table()
            case "tr_open":
                self._cell = (self._cell[0] + 1, -1)
            case "th_open" | "td_open":
                self._open_cell(token)

    # ------------------------------------------------------------------ blocks

    def _block(self, block: QTextBlockFormat, chars: QTextCharFormat) -> None:
        block.setLineHeight(_LINE, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if self._quotes:
            block.setProperty(QUOTED, True)
            block.setLeftMargin(16 * self._quotes)
            block.setRightMargin(16)
            chars.setForeground(self._theme.colour("text_soft"))
        if self._fresh:
            self._fresh = False
            block.setTopMargin(0)
            self._cursor.setBlockFormat(block)
            self._cursor.setBlockCharFormat(chars)
        else:
            self._cursor.insertBlock(block, chars)
        self._cursor.setCharFormat(chars)
        if self._lists:
            self._into_list(block)

    def _into_list(self, block: QTextBlockFormat) -> None:
        depth = len(self._lists)
        if not self._first_of_item:
            block.setIndent(depth)
            self._cursor.setBlockFormat(block)
            return
        self._first_of_item = False
        current = self._lists[-1]
        if isinstance(current, QTextListFormat):
            self._lists[-1] = self._cursor.createList(current)
        else:
            current.add(self._cursor.block())

    def _heading(self, tag: str) -> None:
        size, above = _HEADINGS.get(tag, (15, 12))
        block = QTextBlockFormat()
        block.setTopMargin(above)
        block.setBottomMargin(6)
        chars = self._chars()
        font = self._theme.font(size, QFont.Weight.DemiBold)
        chars.setFont(font)
        self._block(block, chars)

    def _paragraph(self, *, tight: bool) -> None:
        block = QTextBlockFormat()
        block.setBottomMargin(3 if tight or self._lists else 10)
        self._block(block, self._chars())

    def _code(self, text: str) -> None:
        block = QTextBlockFormat()
        block.setBottomMargin(8)
        block.setTopMargin(4)
        block.setBackground(self._theme.colour("sunken"))
        chars = self._chars()
        chars.setFont(self._theme.mono(self._theme.look.type.small))
        self._block(block, chars)
        self._cursor.insertText(text.rstrip("\n").replace("\n", "\u2028"), chars)

    def _ruler(self) -> None:
        block = QTextBlockFormat()
        length = QTextLength(QTextLength.Type.PercentageLength, 100)
        block.setProperty(QTextFormat.Property.BlockTrailingHorizontalRulerWidth, length)
        block.setBackground(self._theme.colour("line"))
        block.setBottomMargin(10)
        self._block(block, self._chars())

    def _open_list(self, token: Token) -> None:
        made = QTextListFormat()
        if token.type == "ordered_list_open":
            made.setStyle(QTextListFormat.Style.ListDecimal)
            made.setStart(int(token.attrGet("start") or 1))
        else:
            styles = (QTextListFormat.Style.ListDisc, QTextListFormat.Style.ListCircle)
            made.setStyle(styles[len(self._lists) % 2])
        made.setIndent(len(self._lists) + 1)
        self._lists.append(made)

    # ------------------------------------------------------------------ tables

    def _open_table(self, tokens: Sequence[Token]) -> None:
        rows = columns = 0
        for token in tokens:
            if token.type == "table_close":
                break
            rows += token.type == "tr_open"
            columns += token.type == "th_open"
        made = QTextTableFormat()
        made.setBorder(0)
        made.setCellPadding(0)
        made.setCellSpacing(0)
        made.setTopMargin(2)
        made.setBottomMargin(12)
        made.setHeaderRowCount(1)
        self._flatten()
        self._fresh = False
        self._table = self._cursor.insertTable(max(rows, 1), max(columns, 1), made)
        self._cell = (-1, -1)

    def _open_cell(self, token: Token) -> None:
        line, place = self._cell[0], self._cell[1] + 1
        self._cell = (line, place)
        if self._table is None or place >= self._table.columns():
            return
        cell = self._table.cellAt(line, place)
        cell.setFormat(self._cell_format(line, place))
        self._cursor = cell.firstCursorPosition()
        block = QTextBlockFormat()
        if "right" in str(token.attrGet("style")):
            block.setAlignment(Qt.AlignmentFlag.AlignRight)
        elif "center" in str(token.attrGet("style")):
            block.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._cursor.setBlockFormat(block)
        chars = self._chars()
        if token.type == "th_open":
            chars.setFontWeight(QFont.Weight.DemiBold)
        self._cursor.setCharFormat(chars)

    def _cell_format(self, line: int, place: int) -> QTextTableCellFormat:
        made = QTextTableCellFormat()
        made.setTopPadding(6)
        made.setBottomPadding(6)
        made.setRightPadding(20)
        made.setLeftPadding(0 if place == 0 else 4)
        made.setBottomBorder(1.5 if line == 0 else 1)
        made.setBottomBorderStyle(QTextTableFormat.BorderStyle.BorderStyle_Solid)
        colour = self._theme.colour("line_strong" if line == 0 else "line")
        made.setBottomBorderBrush(QBrush(colour))
        return made

    def _close_table(self) -> None:
        self._table = None
        self._cursor = QTextCursor(self._document)
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        self._flatten()

    def _flatten(self) -> None:
        """The empty blocks Qt keeps around a table take no room."""
        if self._cursor.block().length() == 1:
            block = QTextBlockFormat()
            block.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
            self._cursor.setBlockFormat(block)

    # ------------------------------------------------------------------ text

    def _chars(self) -> QTextCharFormat:
        made = QTextCharFormat()
        made.setFont(self._theme.font(self._theme.look.type.body))
        made.setForeground(self._theme.colour("text"))
        return made

    def _inline(self, children: Sequence[Token]) -> None:
        base = self._cursor.charFormat()
        stack = [base]
        for token in children:
            if token.nesting < 0:
                stack.pop()
            elif token.nesting > 0:
                stack.append(self._marked(stack[-1], token))
            elif token.type in ("softbreak", "hardbreak"):
                self._cursor.insertText(" " if token.type == "softbreak" else "\u2028", stack[-1])
            elif token.type == "code_inline":
                self._cursor.insertText(token.content, self._code_chars(stack[-1]))
            else:
                self._cursor.insertText(token.content, stack[-1])

    def _marked(self, base: QTextCharFormat, token: Token) -> QTextCharFormat:
        made = QTextCharFormat(base)
        if token.type == "strong_open":
            made.setFontWeight(QFont.Weight.DemiBold)
        elif token.type == "em_open":
            made.setFontItalic(True)
        elif token.type == "s_open":
            made.setFontStrikeOut(True)
        elif token.type == "link_open":
            made.setAnchor(True)
            made.setAnchorHref(str(token.attrGet("href") or ""))
            made.setForeground(self._theme.colour("accent"))
            made.setFontUnderline(True)
        return made

    def _code_chars(self, base: QTextCharFormat) -> QTextCharFormat:
        made = QTextCharFormat(base)
        made.setFont(self._theme.mono(self._theme.look.type.body - 1))
        made.setForeground(base.foreground())
        made.setBackground(QColor(self._theme.palette.hover))
        return made
