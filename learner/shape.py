"""Shape: an answer brought into the form of a person's own example, or refused."""

from __future__ import annotations

import re

from learner.keywords import stems
from learner.note import MARK, language_of
from learner.plain import without_comments, without_quotes
from learner.rule import Rule, broken, has_any

_WITHIN = r"(?:[^.!?\n]|[.!?](?=[^\s\"”').!?]))"
"""What does not end a sentence: "98.6" and "Node.js" have their full stops inside. Repeated, it
must not give them back (`*+`), or an unfinished line would end at the first."""

_SENTENCE = re.compile(rf"{_WITHIN}*+[.!?]+[\"”')]* ?|{_WITHIN}+|\n+")
"""A sentence, an unfinished line, or the space between lines; together they are the whole text."""

_ASIDE = re.compile(r"[^\S\n]+\([^()\n]*\)")
"""In brackets, as the miles after kilometres: a sentence is whole without it."""

_MARKER = re.compile(rf"^\s*{MARK}\s+")
_FAREWELL = re.compile(
    r"^\W*(best|kind|warm|sincerely|regards|yours|cheers|thanks|thank you|love|respectfully"
    r"|take care|with )\b[^.!?]{0,40}$",
    re.I,
)
_ARTICLES = frozenset(("The", "A", "An", "In", "On", "At", "To", "For", "As"))
_NUMBER_ALONE = re.compile(rf"^[^\S\n]*{MARK}[^\S\n]*(?:\n|\Z)", re.M)
"""What is left of a point whose sentence was taken out."""

_LIST_BEGUN = re.compile(rf"\n\s*{MARK}\s*\Z")
_SUBJECT = re.compile(r"\A\W*subject:[^\n]*\n+", re.I)
_TITLE = re.compile(r"#|\*\*.*\*\*$|title\b", re.I)
_WHOLE = re.compile(r"(?:[!?]|(?<!\d)\.)\s*\Z")
"""The end of a sentence; a full stop after a digit may be the middle of "98.6"."""

_AND = re.compile(r",\s*(?:and\s+|or\s+)?|\s+and\s+")
_LEAD = re.compile(r"^.*?(?::\s|\b(?:are|is|include)\b:?\s)", re.I)
_LEADS_TO = re.compile(r"\W*(?:(?:here|there) (?:is|are)|sure|certainly|of course)\b", re.I)
"""What stands before points and is none."""

_WORDS_A_THING = 4

_WORDS_A_POINT = 12
_ROUND = 6
"""Words that are said again and again: "1 banana, 1 apple, 1 orange," has six."""

_RESEMBLANCE = 0.6
"""What shares this part of another sentence's words is that sentence, reworded."""


def shaped(text: str, rule: Rule, ended: bool, question: str = "") -> str | None:
    """`text` in the form of `rule`, or None where it cannot be brought there.

    `ended` false means the text was cut off, so that its last sentence is not whole; `question` is
    what it answers.
    """
    body = rule.rewritten(text.strip())
    body = without_quotes(body) if rule.unquoted else body
    body = _code(body, rule) if rule.fence else _as_prose(body, rule, ended)
    if not body:
        return None
    if rule.opening and not body.casefold().startswith(rule.opening.strip(" ,!:\n").casefold()):
        if rule.led:
            return None  # "Sure, here is a recipe" is not what "You need:" leads to
        body = rule.opening + _continued(body, rule.opening, question)
    if rule.starts:
        body = _starting(body, rule.starts)
    if rule.closing:
        body = _without_farewell(_without_closing(body, rule.closing), rule.closing)
        gap = rule.joint if rule.joint and "\n" not in body else "\n\n"
        body = f"{body}{gap}{rule.closing}" if body else ""
    # Its own words at the ends are no answer.
    said = body.strip() not in ("", rule.opening.strip())
    return body if said and not broken(rule, body) else None


def whole_sentences(text: str) -> str:
    """A text that was cut off, without its unfinished last sentence (or line)."""
    text = _LIST_BEGUN.sub("", text)
    if _WHOLE.search(text):
        return text.rstrip()
    end = max(text.rfind(mark) for mark in (". ", "! ", "? ", ".\n", "!\n", "?\n", "\n\n"))
    whole = text[: end + 1].rstrip() if end > 0 else ""
    # "Here are some:\n\n1. Bread and" has a full stop, but only that of the number.
    return whole_sentences(whole) if _LIST_BEGUN.search(whole) else whole


def first_sentence(text: str) -> str:
    """The first sentence of a text, if it is a whole one in a line of its own; else ""."""
    match = _SENTENCE.match(text.strip())
    said = match.group().strip() if match else ""
    return said if _WHOLE.search(said) and not _MARKER.match(said) else ""


def without_loops(text: str) -> str:
    """A text up to where it begins to repeat whole sentences or lines."""
    seen: set[str] = set()
    kept: list[str] = []
    for piece in re.findall(rf"{_WITHIN}*+[.!?\n]+|{_WITHIN}+$", text):
        key = re.sub(r"[\W\d_]+", " ", piece).strip().casefold()
        if key and key in seen:
            break
        seen.add(key)
        kept.append(piece)
    return "".join(kept).rstrip()


def goes_round(text: str) -> bool:
    """Whether a text says the same few words four times in a row."""
    said = text.split()
    return any(
        said[start : start + size] * 3 == said[start + size : start + 4 * size]
        for size in range(1, _ROUND + 1)
        for start in range(len(said) - 4 * size + 1)
    )


def _as_prose(body: str, rule: Rule, ended: bool) -> str:
    if rule.table:
        return _as_table(body, ended)
    if rule.bullet:
        return _as_points(without_loops(body), rule, ended)
    if rule.lines:
        lines = _first_lines(without_loops(body), rule.lines, ended)
        return _asking(lines) if rule.asks else lines
    body = without_loops(body if ended else whole_sentences(body) or body)
    if rule.separator:
        return _in_one_line(body, rule.separator, rule.things)
    if rule.closing:
        body = _without_farewell(body if rule.subject else _SUBJECT.sub("", body), rule.closing)
    if rule.banned:
        body = _without(_without_lead(body, rule.forbidden), rule.forbidden)
    if most := rule.sentences or rule.most_sentences:
        body = " ".join(_sentences(body)[:most])
    if rule.spread:
        body = rule.spread.join(_sentences(body))
    if rule.longest:
        body = _shortened(body, rule.longest - len(rule.closing) - len(rule.opening) - 2)
    return _asking(body) if rule.asks else body.strip()


def _as_table(body: str, ended: bool) -> str:
    """The first table of a text; "" where it has none, or its last row is cut off."""
    rows: list[str] = []
    for line in body.splitlines():
        if line.lstrip().startswith("|"):
            rows.append(line.strip())
        elif rows:
            return "\n".join(rows)
    return "\n".join(rows if ended else rows[:-1])


def _asking(body: str) -> str:
    """The text up to its last question; "" if it has none."""
    return body[: body.rfind("?") + 1].strip()


def _first_lines(body: str, count: int, ended: bool) -> str:
    """So many lines of a text, without a title or what leads to them; "" where it has not as many.

    The last line of a text that was cut off is not whole.
    """
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    lines = lines if ended else lines[:-1]
    own = [one for one in lines if not (_TITLE.match(one) or one.endswith(":"))]
    return "\n".join(own[:count]) if len(own) >= count else ""


def _sentences(body: str) -> list[str]:
    """The sentences of a text, whatever lines they stand in."""
    found = _SENTENCE.findall(" ".join(body.split()))
    return [one.strip() for one in found if one.strip()]


def _code(body: str, rule: Rule) -> str:
    """The first code block in the example's language; "" when there is none."""
    match = re.search(re.escape(rule.fence) + r"(.*?)\n```", body, re.S)
    if not match:
        return ""
    code = match.group(1).rstrip()
    if rule.bare:
        code = without_comments(code, language_of(rule.fence))
    return f"{rule.fence}{code}\n```"


def _as_points(body: str, rule: Rule, ended: bool) -> str:
    """The answer's own points under the example's mark, each cut to its first clause."""
    lines = [line for line in body.splitlines() if _MARKER.match(line)]
    if not lines:
        if rule.terse:  # sentences are no list of single words
            return ""
        said = _sentences(body if ended else whole_sentences(body) or body)
        lines = [one for one in said if len(one.split()) > 2 and not _LEADS_TO.match(one)]
    elif not (ended or _WHOLE.search(body) or _LIST_BEGUN.search(body)):
        lines.pop()
    points = [_point(line, rule.stop) for line in lines]
    fewest = 1 if rule.terse else 2
    points = _different([point for point in points if len(point.split()) >= fewest])
    if rule.lines:
        if len(points) < rule.lines:
            return ""
        points = points[: rule.lines]
    numbered = rule.bullet.strip()[0].isdigit()
    marks = [f"{number}. " if numbered else rule.bullet for number in range(1, len(points) + 1)]
    return "\n".join(mark + point for mark, point in zip(marks, points, strict=True))


def _point(line: str, stop: str) -> str:
    text = _MARKER.sub("", line).replace("**", "").strip()
    clause = re.split(r"(?<=[.!?])\s|:\s", text)[0].rstrip(" :.")
    words = clause.split()
    if len(words) > _WORDS_A_POINT:
        clause = re.split(r"[,;(]\s*|\s(?:and|by|so|which|because)\s", clause)[0].rstrip(" ,;")
    words = clause.split()[:_WORDS_A_POINT]
    said = " ".join(words)
    return said if said.endswith(("?", "!")) or not said else f"{said}{stop}"


def _different(points: list[str]) -> list[str]:
    """The points without those that say in other words what an earlier one said."""
    kept: dict[str, frozenset[str]] = {}
    for point in points:
        said = stems(point)
        if point not in kept and not any(_alike(said, other) for other in kept.values()):
            kept[point] = said
    return list(kept)


def _alike(said: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(said & other)
    return shared > 0 and shared >= _RESEMBLANCE * min(len(said), len(other))


def _in_one_line(body: str, separator: str, count: int) -> str:
    """The things that an answer lists, in lines or its first sentence, in one line; "" if none.

    So many of them, if `count` is not 0, and "" if there are not as many.
    """
    lines = [_MARKER.sub("", line) for line in body.splitlines() if _MARKER.match(line)]
    things = [re.split(r"[:.(–]|\s-\s", line.replace("**", ""))[0].strip() for line in lines]
    if not things:
        sentence = re.split(r"(?<=[.!?])\s|\n", body, maxsplit=1)[0].rstrip(" .!")
        things = _listed(sentence, separator)
    things = things[: count or None]
    fit = len(things) >= count and all(0 < len(one.split()) <= _WORDS_A_THING for one in things)
    different = len({one.casefold() for one in things}) == len(things) > 1
    return separator.join(things) if fit and different else ""


def _listed(sentence: str, separator: str) -> list[str]:
    """What a sentence lists: between the separators, if it has them, or with commas and "and"."""
    said, sign = _LEAD.sub("", sentence), separator.strip()
    # Without its spaces, a dash stands within words.
    apart = [one.strip() for one in said.split(separator if sign == "-" else sign)]
    if (len(apart) > 1 and sign != ",") or said.startswith(('"', "“")):
        return apart  # in quotes, a title may have its own "and"
    return [one.strip() for one in _AND.split(said)]


def _without(body: str, banned: tuple[str, ...]) -> str:
    """The text without the asides and sentences that hold, or nearly hold, a forbidden phrase."""

    def allowed(aside: re.Match[str]) -> str:
        return "" if has_any(aside.group(), banned) else aside.group()

    kept = [
        sentence
        for sentence in _SENTENCE.findall(_ASIDE.sub(allowed, body))
        if not has_any(sentence, banned)
        and not any(_resembles(sentence, phrase) for phrase in banned)
    ]
    left = _NUMBER_ALONE.sub("", "".join(kept))
    return re.sub(r"\n{3,}", "\n\n", left).strip()


def _without_lead(body: str, banned: tuple[str, ...]) -> str:
    """The text without a clause like "I'm sorry, but" before its first sentence, if forbidden."""
    match = re.match(r"[^.!?\n]*?,? but (?=\S)", body)
    if match and has_any(match.group(), banned):
        rest = body[match.end() :]
        return rest[:1].upper() + rest[1:]
    return body


def _resembles(sentence: str, phrase: str) -> bool:
    wanted = set(re.findall(r"\w+", phrase.casefold()))
    words = set(re.findall(r"\w+", sentence.casefold()))
    return len(wanted) > 3 and len(wanted & words) / len(wanted) >= _RESEMBLANCE


def _shortened(body: str, longest: int) -> str:
    """As many whole sentences from the start as fit; "" when not even one does."""
    kept = ""
    for sentence in _SENTENCE.findall(body):
        if len((kept + sentence).strip()) > longest:
            break
        kept += sentence
    return kept.strip()


def _starting(body: str, starts: tuple[str, ...]) -> str:
    """The text with the person's sign after its yes or no: "Yes. It is."; "" if it has neither."""
    for start in starts:
        word = start.rstrip(".,:!")
        if match := re.match(rf"{word}\b[.,:!]?\s+(?=\S)", body):
            rest = body[match.end() :]
            return f"{start} {rest[0].upper()}{rest[1:]}" if start[-1] == "." else f"{start} {rest}"
    return ""


def _without_closing(body: str, closing: str) -> str:
    """The text without the person's closing at its end, wherever its lines are broken."""
    words = r"\s+".join(map(re.escape, closing.split()))
    return re.sub(rf"\s*{words}\W*\Z", "", body, flags=re.I)


def _without_farewell(body: str, closing: str) -> str:
    """The text without its own farewell and what follows, to make room for the person's."""
    first_word = closing.split()[0].strip(",.!") if closing.split() else ""
    lines = body.splitlines()
    for index, line in enumerate(lines):
        said = line.strip()
        if index and said and (_FAREWELL.match(said) or said.startswith(first_word)):
            return "\n".join(lines[:index]).rstrip()
    return body.rstrip()


def _continued(body: str, opening: str, question: str) -> str:
    """The text as it goes on after the opening: in lower case where that ends with a comma.

    Not so what looks like a name: it has a capital in the question or further on as well, or the
    next word has one.
    """
    first, *rest = body.split(maxsplit=2)
    comma = opening.rstrip().endswith(",")
    if comma and first in _ARTICLES:
        return body[0].lower() + body[1:]
    word = first.removesuffix(",")
    plain = comma and word.isalpha() and word[1:] == word[1:].lower()
    named = re.search(rf"(?<=\w ){word}\b", f"{question} {' '.join(rest)}") if plain else None
    beside = rest[0] if rest and word == first else ""
    if not plain or named or word == "I" or beside[:1].isupper():
        return body
    return body[0].lower() + body[1:]
