"""Conflict: two lessons that cannot both be followed, and in plain words why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from learner.claims import Claim, claim_of
from learner.demands import Demands, demands_of
from learner.lesson import Kind, Lesson, shortened

_TITLE = 70


class Conflict(msgspec.Struct, frozen=True):
    """The `older` of two lessons contradicts the `newer` (their ids); `reason` is a sentence.

    `first` is the first lesson after the older one that contradicts it, whether it still counts or
    not: with that one ended what the older says.
    """

    older: str
    newer: str
    reason: str
    first: str


class _Stance(msgspec.Struct, frozen=True):
    """A lesson with what it demands or claims, worked out once."""

    lesson: Lesson
    asked: str
    demands: Demands | None
    claim: Claim | None


def conflicts(lessons: Sequence[Lesson]) -> tuple[Conflict, ...]:
    """Which lessons a newer one that counts contradicts, each with the newest such.

    `lessons` come oldest first. A lesson that is itself contradicted contradicts nothing more, but
    a fact ends an earlier fact whatever came after it: who moved to Rome and back to Paris lives
    there since the move back.
    Found is only what the lessons' own words show: the same question answered otherwise, the same
    subject in other words with another answer, or rules of manner for the same requests of which
    one forbids what the other wants. Rules that can both be followed both stand.
    """
    stances = [_stance(lesson) for lesson in lessons]
    counting: list[_Stance] = []
    found = []
    for at, older in reversed(list(enumerate(stances, start=1))):
        against = [newer for newer in stances[at:] if _why(older, newer)]
        counts = [newer for newer in counting if newer in against]
        if counts:
            found.append(_conflict(older, counts[0], against[0], "The newer one counts."))
        elif (ended := _ended(older, against)) is not None:
            found.append(_conflict(older, ended, ended, "With that this one ended."))
        else:
            counting.append(older)
    return tuple(reversed(found))


def _conflict(older: _Stance, newer: _Stance, first: _Stance, so: str) -> Conflict:
    reason = f"A newer lesson, “{_title(newer.lesson)}”, {_why(older, newer)}. {so}"
    return Conflict(older.lesson.id, newer.lesson.id, reason, first.lesson.id)


def _ended(older: _Stance, against: Sequence[_Stance]) -> _Stance | None:
    """The first fact that ended an older one, though it does not count any more itself."""
    facts = (newer for newer in against if newer.lesson.kind is Kind.FACT)
    return next(facts, None) if older.lesson.kind is Kind.FACT else None


def superseded(lessons: Sequence[Lesson]) -> dict[str, str]:
    """Which lessons a newer one contradicts: their ids, each with the newer one's id."""
    return {one.older: one.newer for one in conflicts(lessons)}


def _stance(lesson: Lesson) -> _Stance:
    return _Stance(lesson, _plain(lesson.prompt), demands_of(lesson), claim_of(lesson))


def _why(older: _Stance, newer: _Stance) -> str:
    """What the newer lesson does that the older cannot go with; "" when they go together."""
    if older.asked == newer.asked and _answered_otherwise(older.lesson, newer.lesson):
        return f"answers the same question, “{_short(older.lesson.prompt)}”, differently"
    if older.demands is not None and newer.demands is not None:
        return _against(older.demands, newer.demands)
    if older.claim is not None and newer.claim is not None:
        same = newer.claim.contradicts(older.claim)
        return f"says something else about “{_short(older.claim.subject)}”" if same else ""
    return ""


def _answered_otherwise(older: Lesson, newer: Lesson) -> bool:
    if _plain(older.corrected) == _plain(newer.corrected):
        return False
    # A rule of manner can be followed beside another one, and beside any knowledge, that was
    # taught on the same question; without a note, only the answers can be compared.
    rules = [one.note for one in (older, newer) if one.kind is Kind.MANNER]
    return not rules or not all(rules) or (len(rules) == 2 and _plain(rules[0]) == _plain(rules[1]))


def _against(older: Demands, newer: Demands) -> str:
    """Over what two rules for the same requests contradict each other; "" when they do not."""
    if older.scope != newer.scope:
        return ""
    return (
        _over_ends(older, newer)
        or _over_counts(older, newer)
        or _over_choices(older, newer)
        or _over_words(older, newer)
    )


def _over_ends(older: Demands, newer: Demands) -> str:
    for verb, old, new in (
        ("begins", older.opening, newer.opening),
        ("ends", older.closing, newer.closing),
    ):
        one, other = old.casefold(), new.casefold()
        if one and other and not (one.startswith(other) or other.startswith(one)):
            return f"{verb} answers with “{new}” where this one has “{old}”"
    return ""


def _over_counts(older: Demands, newer: Demands) -> str:
    for what, old in older.counts.items():
        new = newer.counts.get(what)
        if new and (new.least > old.most or old.least > new.most):
            return f"wants {new} {what} where this one wants {old}"
    return ""


def _over_choices(older: Demands, newer: Demands) -> str:
    for about, old in older.choices.items():
        new = newer.choices.get(about, old)
        if new != old:
            return f"wants {new} where this one wants {old}"
    for old in sorted(older.formats):
        alike = sorted(one for one in newer.formats if _is_date(one) == _is_date(old))
        if alike and old not in alike:
            return f"writes {_listed(alike)} where this one writes “{old}”"
    return ""


def _is_date(placeholder: str) -> bool:
    return bool(set("YD") & set(placeholder))


def _over_words(older: Demands, newer: Demands) -> str:
    if forbidden := [said for stems, said in newer.banned.items() if stems <= older.wanted]:
        return f"forbids what this one wants: {_listed(forbidden)}"
    if wanted := [said for stems, said in older.banned.items() if stems <= newer.wanted]:
        return f"wants what this one forbids: {_listed(wanted)}"
    return ""


def _listed(found: Iterable[str]) -> str:
    return ", ".join(f"“{one}”" for one in sorted(found))


def _title(lesson: Lesson) -> str:
    return _short(lesson.note or lesson.prompt)


def _short(text: str) -> str:
    return shortened(text, _TITLE)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
