"""Passages that say the same are folded; those that say another thing are not."""

from __future__ import annotations

import pytest

from app.documents.near_duplicates import fingerprint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The quick brown fox.", "the  QUICK\nbrown fox"),
        ("“Don't”, she said — twice", "Dont she said (twice)"),
        ("- one\n- two", "one, two"),
        ("Straße", "STRASSE"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("Cafe\u0301", "caf\u00e9"),
        ("今日は。", "今日は"),
        ("from −4 to 5", "from -4 to 5"),
    ],
)
def test_case_spacing_and_punctuation_do_not_count(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the rate is 1.5", "the rate is 15"),
        ("it is -5 degrees", "it is 5 degrees"),
        ("a + b", "a = b"),
        ("कि", "का"),
        ("resume", "résumé"),
        ("-----", "====="),
        ("", "x"),
    ],
)
def test_what_changes_the_meaning_counts(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


def test_it_has_63_bits_and_few_collisions() -> None:
    found = {fingerprint(f"passage number {n}") for n in range(20_000)}
    assert len(found) == 20_000
    assert all(0 <= one < 2**63 for one in found)
