"""Drafts: everything half typed, kept for each conversation and answer while the window lives."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.protocol import KindName
from ui.scope import Scope


@dataclass(frozen=True)
class QuestionDraft:
    """A question not yet sent: its texts, the question it replaces, and the documents for it.

    `through` is a document to be read through for it.
    """

    text: str = ""
    pasted: tuple[str, ...] = ()
    editing: int | None = None
    scope: Scope = field(default_factory=Scope)
    through: int | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to send."""
        return not self.pasted and not self.text.strip()

    def before(self, other: QuestionDraft) -> QuestionDraft:
        """This draft with another one after it: nothing of either is lost."""
        text = "\n\n".join(part for part in (self.text, other.text) if part.strip())
        return QuestionDraft(text, self.pasted + other.pasted, self.editing, self.scope)

    def whole(self) -> str:
        """The question as it will be sent."""
        return "\n\n".join(part for part in (self.text.strip(), *self.pasted) if part)


@dataclass(frozen=True)
class CorrectionDraft:
    """A correction not yet saved."""

    answer: str
    note: str = ""
    kind: KindName | None = None


@dataclass
class Drafts:
    """Questions by conversation (None for the new one), corrections by message."""

    questions: dict[int | None, QuestionDraft] = field(default_factory=dict)
    corrections: dict[int, CorrectionDraft] = field(default_factory=dict)
