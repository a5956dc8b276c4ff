"""Note: what a person's note and example say, read piece by piece; notes are read in English."""

from __future__ import annotations

import re

from learner.dates import in_words
from learner.lesson import Lesson

NUMBERS = {
    "one": 1,
    "a single": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_OPENING = re.compile(
    r"\b(start|begin|open|address|greet|call me|first (?:words?|thing|line)\b|in front\b|up front\b"
    r"|at the (?:top|head|front)\b|above (?:any|every|each|all)\b|on top\b|lead with\b"
    r"|prefix|(?:comes?|goes|put \w+) first\b)",
    re.I,
)
_CLOSING = re.compile(
    r"\b(end(?! up\b)|sign|finish|close|conclude|last (?:line|sentence|words?|thing)\b"
    r"|at the bottom\b|(?:comes?|goes|put \w+) last\b)",
    re.I,
)
_SHORT = re.compile(
    r"\b(short(?:er)?|brief|concise|terse|few(?:er)? words|crisp|snappy|compact"
    r"|to the point|long[- ]winded|walls? of text|waffl\w*|rambl\w*|wordy"
    r"|(?:not|isn['’]?t) an? (?:novel|essay|lecture|speech|book))\b",
    re.I,
)
_ALONE = re.compile(
    r"\b(alone|nothing else"
    r"|(?:only|just) (?:ever )?(?:give |write |need |want )?(?:me )?(?:the|that)"
    r"|the \w+ itself"
    r"|(?:no|without)(?: an?| any)? (?:intro\w*|explanations?|preamble|commentary))\b",
    re.I,
)
_NUMBER = rf"\d+|{'|'.join(NUMBERS)}"
_MOST = re.compile(
    r"\b(?:at most|no more than|not more than|up to|maximum|max\.?|under|below|within)\s+"
    rf"(?P<n>{_NUMBER})\s+(?P<what>words?|sentences?)\b"
    rf"|\b(?P<n2>{_NUMBER})\s+(?P<what2>words?|sentences?),?\s+"
    r"(?:max\b|maximum|at most|or (?:less|fewer)|tops)",
    re.I,
)
_PLACEHOLDER = re.compile(r"\b(?=[YMDHNX#]*([YMDHNX#])\1)[YMDHNX#:/.-]{4,}\b")
LABEL = re.compile(r"^[^\W\d_][\w ;'/-]{0,20}:(?=\s)", re.M)
"""What stands before a line's text, as "Allergens:" does."""

MARK = r"(?:(?:[-*•–☐→]|\d+[.)])(?:\s+\[ ?\])?|\[ ?\])"
"""What stands before a point of a list; "[ ]" is to be ticked off."""

BULLET = re.compile(rf"^(\s*{MARK}\s+)")
_ASKS_BACK = re.compile(
    r"\bask(?:s|ing)?(?: \w+){0,3} back\b|\bask(?:s|ing)? (?:me|him|her|them|us) (?:an?|one)\b"
    r"|\bquestion (?:back|instead|at the end|comes last)\b"
    r"|\b(?:end|finish|close)(?:s|ing)?(?: \w+){0,2} with (?:an?|one)(?: \w+){0,2} question\b",
    re.I,
)
_ENGLISH = frozenset(
    "the a an and or but of to in on at for with is are was be it i me my you your we our not no"
    " don t when if that this have has do does want need please always never only just".split()
)
_FOREIGN = frozenset(
    "der die das und nicht ist ich ein eine mit bei bitte immer kein keine wir auf el la los las"
    " que es un una por para con siempre nunca favor quiero le les des et est pas je une pour"
    " avec dans toujours jamais il lo gli che di non per sempre mai o os uma não em quando isto"
    " seja het een niet ik van met altijd nie się jest na zawsze och att inte det är alltid og"
    " ikke".split()
)
_OWN_LINE = r"(?:own|new|separate|fresh) (?:line|paragraph)|line break"
_SPREAD = re.compile(
    rf"\bsent[ae]nces?\b[^.]*\b(?:{_OWN_LINE}|(?:empty|blank) line)"
    rf"|\b(?:{_OWN_LINE}) (?:after|for|per) (?:every|each|a) sent[ae]nce",
    re.I,
)
_DATE = re.compile(
    r"\b(?P<iso>\d{4}-\d{2}-\d{2})\b|\b(?P<day>\d{1,2})(?P<sign>[./])(?P<month>\d{1,2})[./]\d{4}\b"
)
_SLOTS = {"year": "YYYY", "month": "MM", "day": "DD"}
_DATE_IN_WORDS = re.compile(
    r"\b(year|month|day)(?P<sign>[-./])(year|month|day)(?P=sign)(year|month|day)\b", re.I
)
_DATE_TOLD = re.compile(
    r"\b(year|month|day),? (?:then )?(?:the )?(year|month|day),? (?:and |then )?(?:the )?"
    r"(year|month|day)\b[^.;!?]*\b(hyphen|dash|slash|dot|full stop|point)",
    re.I,
)
_DAY_FIRST = re.compile(
    r"\bday(?:,? then (?:the )?| | before (?:the )?)month\b|\bday (?:comes )?first\b"
    r"|\bmonths?\b[^.;]{0,12}\b(?:as a word|in words|spel(?:led|t) out|written out|in full)\b",
    re.I,
)
_SIGNS_OF_DATES = {"hyp": "-", "das": "-", "sla": "/", "dot": ".", "ful": ".", "poi": "."}
SENTENCE_END = re.compile(r"[.!?](?=\s|$)")
_SEPARATORS = {" / ": "slash", ", ": "comma", "; ": "semicolon", " | ": "pipe", " - ": "dash"}
_YES_NO = re.compile(r"\b(?:yes\b[^\w]*(?:or|/)\W*(?:an? )?\W*no|no\b\W*(?:or|/)\W*yes)\b", re.I)
_FIRST = re.compile(r"\b(?:first|start|begin|open|before anything)", re.I)
_ASKING = frozenset("how what why when who where which can should is are does do".split())
_BEGUN_WITH = (
    r"\b(?:(?:start|begin)s?(?: \w+){0,2} with|ask(?: you| for)?|questions? (?:like|such as))"
)
_SAYING = r"\b(?:when(?:ever)?|if|each time|every time) I (?:say|write|type|tell you|start with)"
_FIRST_SAID = re.compile(r"([\w'’]+(?: [\w'’]+){0,3})[.,:;!?]+(?=\s)")
"""A few words and a sign with which a request begins: "I'm stuck."."""

_APOSTROPHES = re.compile("['’]")
_LANGUAGES = {
    "js": "javascript",
    "py": "python",
    "ts": "typescript",
    "bash": "shell",
    "sh": "shell",
}


def count_sentences(text: str) -> int:
    """Sentences of a text: closed ones, and what follows the last."""
    pieces = [piece for piece in SENTENCE_END.split(text) if piece.strip()]
    return len(pieces)


def opening_of(note: str, example: str, affirmed: list[str]) -> str:
    """The affirmed phrase with which the example begins, with the signs and spaces after it.

    Of a label, "You need:", a note need not say that it comes first.
    """
    for phrase in affirmed:
        if (
            (_OPENING.search(note) or LABEL.match(f"{phrase} "))
            and not BULLET.match(f"{phrase} ")
            and example.casefold().startswith(phrase.casefold())
        ):
            match = re.match(r"[^\w\s]*\s*", example[len(phrase) :])
            return example[: len(phrase)] + (match.group() if match else "")
    return ""


def closing_of(note: str, example: str, affirmed: list[str]) -> str:
    """The end of the example, if it is made of the affirmed phrases and of nothing else."""
    if not _CLOSING.search(note):
        return ""
    tail_start = max(0, len(example) - 80)
    places = [example.rfind(phrase, tail_start) for phrase in affirmed]
    for place in sorted(place for place in places if place > 0):
        rest = example[place:]
        for phrase in affirmed:
            rest = rest.replace(phrase, " ")
        if not any(letter.isalnum() for letter in rest):
            return example[place:]
    return ""


def last_of(note: str, example: str, affirmed: list[str]) -> tuple[str, str]:
    """Words of the note with which the example's last line or sentence begins, and the gap before.

    A line begins with an affirmed phrase, a sentence with three words or more that the note says
    too, as in "end with a question that starts with What do you think".
    """
    found = [one for one in affirmed if "\n" in example and last_line(example).startswith(one)]
    if not _CLOSING.search(note):
        # The only line with a label is where it says what is to stand there.
        found = [one for one in found if LABEL.findall(example) == [one]]
        return (found[0], gap_before(example, found[0])) if found else ("", "")
    words = last_sentence(example).split()
    beginnings = (" ".join(words[:count]) for count in range(len(words) - 1, 2, -1))
    found += [one for one in beginnings if said(note, one) and one in example]
    two = " ".join(words[:2]).rstrip(",;:")
    if len(words) > 2 and re.search(
        rf"\b(?:end|finish|close)s? with {re.escape(two)}\b", note, re.I
    ):
        found.append(two)  # "end with Night night and the name"
    if not found:
        return "", ""
    return found[0], gap_before(example, found[0])


def gap_before(example: str, ending: str) -> str:
    """The space between the rest of an example and its ending."""
    before = example[: example.rindex(ending)]
    return before[len(before.rstrip()) :]


def last_line(text: str) -> str:
    """A text's last line that is not empty, without marks of lists or emphasis before it."""
    return (text.strip().splitlines() or [""])[-1].lstrip("*_-•> ").strip()


def last_sentence(text: str) -> str:
    """The last sentence of a text's last line."""
    return re.split(r"(?<=[.!?])\s+", last_line(text))[-1]


def spread_of(note: str, example: str) -> str:
    """What stands between sentences that are each a line of their own; "" if they need not be."""
    lines = [line for line in example.splitlines() if line.strip()]
    if len(lines) < 2 or not _SPREAD.search(note) or any(count_sentences(one) > 1 for one in lines):
        return ""
    return "\n\n" if "\n\n" in example else "\n"


def said(note: str, phrase: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", note) is not None


def count(note: str, noun: str) -> int:
    """How many of a noun a note speaks of; 0 where it does not say."""
    match = re.search(rf"\b({_NUMBER})\b(?:\s+\w+){{0,2}}\s+(?:{noun})s?\b", note, re.I)
    return _number(match.group(1)) if match else 0


def _number(word: str) -> int:
    return int(word) if word.isdigit() else NUMBERS[word.casefold()]


def numbers(note: str) -> set[int]:
    """All numbers that stand in a note, in digits or in words."""
    return {_number(one) for one in re.findall(rf"\b(?:{_NUMBER})\b", note, re.I)}


def limits(note: str, example: str) -> tuple[int, int]:
    """The most words and sentences a note allows, as far as its example keeps to them."""
    words = sentences = 0
    for match in _MOST.finditer(note):
        number = _number(match["n"] or match["n2"])
        if (match["what"] or match["what2"]).casefold().startswith("word"):
            words = number if len(example.split()) <= number else 0
        else:
            sentences = number if count_sentences(example) <= number else 0
    return words, sentences


def longest(note: str, example: str) -> int:
    """The length in characters of the longest answer to a note that wants it short; 0 if none."""
    if _SHORT.search(note):
        return max(160, 2 * len(example))
    alone = "\n" not in example and _ALONE.search(note)
    return max(40, 2 * len(example)) if alone else 0


def in_english(note: str) -> bool:
    """Whether a note is in English, as far as its little words tell; what is in quotes does not."""
    words = re.findall(r"[^\W\d_]+", note.casefold())
    foreign = sum(word in _FOREIGN for word in words)
    return foreign <= sum(word in _ENGLISH for word in words)


def asks_back(note: str, example: str) -> bool:
    """Whether answers are to end with a question, as the example does."""
    return example.endswith("?") and _ASKS_BACK.search(note) is not None


def separator(note: str, example: str) -> str:
    """What stands between the things of a one-line example, if the note shows or names it."""
    for sign, name in _SEPARATORS.items():
        parts = example.strip(" .").split(sign)
        shown = sign != ", " and re.search(rf"\w{re.escape(sign)}\w+{re.escape(sign)}", note)
        named = re.search(rf"\b{name}(?:s|es)?\b", note, re.I)
        if len(parts) > 2 and "\n" not in example and all(len(p.split()) <= 3 for p in parts):
            return sign if shown or named else ""
    return ""


def language_of(fence: str) -> str:
    """The language that a code block names after its mark, by its whole name; "" if none."""
    name = fence.strip("`\n").casefold()
    return _LANGUAGES.get(name, name)


def language_meant(fence: str, asked: str) -> str:
    """The language of the example's code, if the lesson speaks of it."""
    name = language_of(fence)
    return name if name and re.search(rf"\b{re.escape(name)}\b", asked, re.I) else ""


def pattern_of(note: str, example: str) -> tuple[str, str]:
    """A placeholder's regular expression and the placeholder; empty where the example has none."""
    match = _PLACEHOLDER.search(note)
    placeholder = match.group().rstrip(".:/-") if match else _date_shown(note)
    if not placeholder and re.search(r"\bdates?\b", note, re.I):
        # Either order may be shown to be avoided: the example tells which is wanted.
        spoken = in_words(example)
        placeholder = spoken if in_words(note) or _DAY_FIRST.search(note) else ""
    if not placeholder:
        return "", ""
    pattern = digits_of(placeholder)
    return (pattern, placeholder) if re.search(pattern, example) else ("", "")


def _date_told(note: str) -> str:
    """The placeholder of dates that a note tells: "year, month, day with hyphens"."""
    if (match := _DATE_TOLD.search(note)) is None:
        return ""
    *parts, sign = (part.casefold() for part in match.groups())
    return _SIGNS_OF_DATES[sign[:3]].join(_SLOTS[part] for part in parts)


def _date_shown(note: str) -> str:
    """The placeholder of dates that a note shows or spells out: "year-month-day, e.g. 2025-05-03".

    "" where it does not, or where a day cannot be told from a month.
    """
    if not re.search(r"\bdates?\b", note, re.I):
        return ""
    if match := _DATE_IN_WORDS.search(note):
        first, sign, *others = (part.casefold() for part in match.groups())
        return sign.join(_SLOTS[part] for part in (first, *others))
    if told := _date_told(note):
        return told
    match = _DATE.search(note)
    if match is None or match["iso"]:
        return "YYYY-MM-DD" if match else ""
    day, sign, month = int(match["day"]), match["sign"], int(match["month"])
    if sign == "." or day > 12:  # with full stops the day comes first wherever they are used
        return f"DD{sign}MM{sign}YYYY"
    return f"MM{sign}DD{sign}YYYY" if month > 12 else ""


def _digits(slot: re.Match[str]) -> str:
    return r"\d{1,2}" if slot.group() == "D" else rf"\d{{{len(slot.group())}}}"


def digits_of(placeholder: str) -> str:
    """The regular expression of a placeholder: for YYYY-MM-DD four, two and two digits."""
    if "MMMM" in placeholder:
        before, after = (digits_of(part) for part in placeholder.split("MMMM"))
        return rf"{before}[A-Z][a-z]{{2,}}{after}"
    pattern = re.sub(r"([YMDHNX#])\1*", _digits, placeholder)
    return pattern.replace(".", r"\.")


def yes_or_no_of(note: str, example: str) -> tuple[str, ...]:
    """How answers begin that say yes or no first, with the example's sign: "Yes." and "No."."""
    match = re.match(r"(?:yes|no)\b([.,:!]?)", example, re.I)
    if not (match and _YES_NO.search(note) and _FIRST.search(note)):
        return ()
    return tuple(f"{word}{match.group(1)}" for word in ("Yes", "No"))


def trigger_of(lesson: Lesson, affirmed: list[str]) -> str:
    """A phrase of the note with which the person's question begins.

    It is quoted, or the note says without quotes that the person begins, asks or says so: "if I
    start with quick:", "for how do I questions", "when i say im stuck".
    """
    for phrase in affirmed:
        start = phrase.rstrip(" .…").casefold()
        if len(start) > 2 and lesson.prompt.casefold().startswith(start):
            return phrase.rstrip(" .…")
    words = lesson.prompt.split()
    beginnings = [" ".join(words[:count]) for count in (4, 3, 2) if len(words) > count]
    beginnings = [one for one in beginnings if one.split()[0].casefold() in _ASKING]
    beginnings += [words[0]] if words and words[0].endswith(":") else []
    plain = _APOSTROPHES.sub("", lesson.note)
    if (said_first := _FIRST_SAID.match(lesson.prompt)) and re.search(
        rf"{_SAYING}(?: that)?\W+{re.escape(_APOSTROPHES.sub('', said_first.group(1)))}(?!\w)",
        plain,
        re.I,
    ):
        return said_first.group()
    for start in beginnings:
        said_so = (
            rf"{_BEGUN_WITH}\W+{re.escape(start)}(?!\w)|(?<!\w){re.escape(start)}\W+questions?\b"
        )
        if re.search(said_so, lesson.note, re.I):
            return start
    return ""
