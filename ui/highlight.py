"""Highlight: colours for code, line by line while it streams and exact when it is complete."""

from __future__ import annotations

from collections.abc import Iterator

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound
from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from ui.theme import Theme

EXACT_LIMIT = 60_000
"""Characters up to which a finished block is coloured exactly; longer ones stay line by line."""

_COLOURS: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "code_comment"),
    (Keyword.Type, "code_type"),
    (Keyword, "code_keyword"),
    (Operator.Word, "code_keyword"),
    (String, "code_string"),
    (Number, "code_number"),
    (Name.Function, "code_name"),
    (Name.Class, "code_type"),
    (Name.Namespace, "code_name"),
    (Name.Builtin, "code_type"),
    (Name.Decorator, "code_name"),
    (Name.Tag, "code_keyword"),
    (Name.Attribute, "code_name"),
)

Span = tuple[int, int, str]


def lexer_for(language: str) -> Lexer | None:
    """The lexer of a language's name, or None for a language nobody knows."""
    if not language:
        return None
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _colour(kind: _TokenType) -> str:
    return next((name for parent, name in _COLOURS if kind in parent), "")


def _spans(lexer: Lexer, text: str) -> Iterator[Span]:
    for at, kind, value in lexer.get_tokens_unprocessed(text):
        if name := _colour(kind):
            yield at, len(value), name


class Highlighter(QSyntaxHighlighter):
    """Colours one code block's document."""

    def __init__(self, document: QTextDocument, language: str, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self._lexer = lexer_for(language)
        self._exact: dict[int, list[Span]] | None = None

    def finish(self) -> None:
        """The code is complete: colour it with everything in view (strings over many lines)."""
        text = self.document().toPlainText()
        if self._lexer is None or len(text) > EXACT_LIMIT:
            return
        starts = [0]
        for written in text.split("\n"):
            starts.append(starts[-1] + len(written) + 1)
        self._exact = {}
        line = 0
        for at, length, name in _spans(self._lexer, text):
            while at >= starts[line + 1]:
                line += 1
            self._spread(line, at, at + length, name, starts)
        self.rehighlight()

    def _spread(self, line: int, at: int, end: int, name: str, starts: list[int]) -> None:
        """Cut a span at the ends of lines."""
        assert self._exact is not None
        while at < end and line + 1 < len(starts):
            until = min(end, starts[line + 1] - 1)
            self._exact.setdefault(line, []).append((at - starts[line], until - at, name))
            line += 1
            at = starts[line]

    def highlightBlock(self, text: str) -> None:
        """Qt asks for one line."""
        if self._lexer is None:
            return
        if self._exact is not None:
            spans = self._exact.get(self.currentBlock().blockNumber(), [])
        else:
            spans = list(_spans(self._lexer, text)) if len(text) < 2000 else []
        for at, length, name in spans:
            made = QTextCharFormat()
            made.setForeground(self._theme.colour(name))
            if name == "code_comment":
                made.setFontItalic(True)
            self.setFormat(at, length, made)
