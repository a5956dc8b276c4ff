"""Text: one rule for what no database and no tokenizer holds, the same on every way in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.text import clean
from tests.app.storage import lesson, opened

NAUGHTY = Path("/work/shared/corpora/naughty_strings.json")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("a\0b", "a\ufffdb"),
        ("half \ud83d of one", "half \ufffd of one"),
        ("wrong way \ude00\ud83d", "wrong way \ufffd\ufffd"),
        ("both \ud83d\ude00 halves", "both 😀 halves"),
        ("👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 e\u0301", "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 e\u0301"),
        ("שלום \u202eمرحبا\u202c \u200f", "שלום \u202eمرحبا\u202c \u200f"),
        ("\ufeff\x1b[31m\r\n\x7f\uffff", "\ufeff\x1b[31m\r\n\x7f\uffff"),
    ],
    ids=["empty", "NUL", "lone", "swapped", "pair", "emoji", "RTL", "control"],
)
def test_only_what_cannot_be_kept_is_replaced(text: str, expected: str) -> None:
    assert clean(text) == expected
    assert clean(expected) == expected
    expected.encode("utf-8")


@pytest.mark.skipif(not NAUGHTY.is_file(), reason="the corpus is not on this machine")
def test_naughty_strings_are_kept_as_they_are(home: Path) -> None:
    texts = json.loads(NAUGHTY.read_text(encoding="utf-8"))
    assert len(texts) > 400
    with opened(home) as ledger:
        chat = ledger.new_conversation("Naughty")
        with ledger._db.transaction():
            for text in texts:
                ledger.add_message(chat, "user", text)
        kept = lesson(ledger, texts[-1], note=texts[-2])
    with opened(home) as ledger:
        assert [message.text for message in ledger.messages(chat)] == list(map(clean, texts))
        assert ledger.lesson(kept.id).note == clean(texts[-2])
