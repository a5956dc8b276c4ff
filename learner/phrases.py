"""Phrases: which words a person's note wants in an answer, and which it forbids; in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from learner.currency import currencies_in
from learner.lesson import Lesson
from learner.note import LABEL, SENTENCE_END, last_line, said

# "A yes or no question", "say no", "No more, please" and the answer "No." forbid nothing.
_NOT = (
    r"(?<!yes.or.)(?<!say )(?<!saying )no(?! more(?:,| than\b))(?= )"
    r"|never|not|don['’]?t|do not|avoid|without|skip"
)
_DISLIKED = r"hate|can['’]?t stand|cannot stand|sick of|tired of|fed up with|spare me|enough of"
NO = rf"\b(?:{_NOT}|drop|stop|quit|refrain from|leave o(?:ut|ff)|ditch|omit|{_DISLIKED})\b[^.;:]*\b"
"""How a note forbids what it names next in the same sentence."""
QUOTED = re.compile(r"[\"“”«»`]([^\"“”«»`]+)[\"“”«»`]")
_CANNOT = (
    r"(?:can['’]?t|cannot|can not|mustn['’]?t|must not) (?:eat|drink)|allergic to"
    r"|nothing(?= (?:with|containing|made))"
)
_NEGATION = re.compile(
    rf"\b(?:{_NOT}|instead of|rather than|leave out|(?P<own>{_CANNOT}))\b"
    r"(?P<clause>.*?)(?=,? and |,? but |,? so |,? (?:never|no|not|nothing|just|only|even) "
    r"| when(?:ever)? | if | unless | because | for | on | at | as |,? (?:I|it|he|she|we|they|you) "
    r"|, (?:my|our|his|her|their) "
    r"|, (?=[^,.;:!?]{3,40} (?:is|are|was|were|has|have|can['’]?t|get) )"
    r"|\(|[.;:!?](?:\s|$)|$)",
    re.I | re.S,
)
_TOLD = re.compile(
    r"\b(?:I|it|he|she|we|they|you|that|this|who|am|is|are|was|were|has|have|there|about|of"
    r"|(?:I|there|that|it|he|she)['’]?(?:m|s))\W*\Z",
    re.I,
)
"""Before a negation: somebody tells of something that is not so, and forbids nothing by it."""

_ASKED = re.compile(r"\b(?:when(?:ever)?|if)\b[^.,:;!?]*\band\W*\Z", re.I)
"""Before a negation: how the person asks, as in "when I ask for code and don't name a language"."""

_WHY_DO = r"why do(?:es)? (?:you|it) (?:always|keep|still|have to)"
_GRUDGES = re.compile(
    rf"\b(?:{_DISLIKED}|stop \w+ing|{_WHY_DO})\b[^.;!?]*",
    re.I,
)
"""A complaint: what it quotes is not to be said again."""

_WHY = re.compile(
    rf"\b{_WHY_DO}\b[^?\0]*?"
    r"\b(?:with|say|saying|write|writing|tell me|telling me) (?P<said>[^?\0,]{12,80})\?",
    re.I,
)
"""The same without quotes: "Why do you always begin with I hope this finds you well?"."""

_MASK = re.compile(r"\0(\d+)\0")
_AND_OR = re.compile(r",? and |,? or |, ")
_FED_UP = re.compile(
    rf"\b(?:{_NOT}|{_DISLIKED}|enough with|stop|drop|leave out)\b(.*)", re.I | re.S
)
_FILLERS = {
    # With their signs: "make sure" and "of course it rains" are something else.
    **{one: (f"{one}!", f"{one},") for one in ("Sure", "Certainly", "Of course", "Absolutely")},
    "Great question": ("great question",),
    "Good question": ("good question",),
    # Without their first letter: they may begin a sentence or not.
    "appy to help": ("happy to help",),
    "ope this helps": ("hope this helps",),
    "et me know if": ("let me know if",),
    "As an AI": ("As an AI",),
}
FILLERS = frozenset(one for forms in _FILLERS.values() for one in forms)
"""What assistants say before and after; a note that is fed up with it need not quote it."""

_LISTED = r"[\w'-]+(?:(?:, |,? and |,? or )[\w'-]+){0,4}"
_OUTLAWED = re.compile(
    rf"(?:\bthe words? (?P<words>{_LISTED})|(?P<quoted>\0\d+\0)) (?:is|are) "
    r"(?:banned|forbidden|taboo|off limits|not allowed)\b"
    rf"(?:(?: \w+)?,? also (?P<more>{_LISTED}))?",
    re.I,
)
"""What is forbidden by name: "the word unfortunately is banned here, also regret and afraid"."""

_CALLED = re.compile(
    r"\b(?:(?:don['’]?t|do not|never) (?:call|say|write) (?:\w+ )?|(?:['’]re|['’]s|are|is) not "
    r"|\b(?:say|call|write|use) \w+(?: here)?, (?:not|never) )"
    r"(?P<others>[a-z]+(?:(?:, | or |, or )[a-z]+){1,3})(?=[,.;!?]|$)"
)
"""What somebody or something is not called, even if the person's own question calls it so."""

_TO_SAY = re.compile(
    r"\b(?:say|mention) (?:that )?(?:they['’]re|they are|it['’]s|it is) "
    r"([a-z ]{4,40}?)(?=[.,;!?]|$)"
)
"""What answers are to say, unquoted: "say that they're made by hand"."""

_NAMED = re.compile(r"\b(?:are|is|say|called|write|use) ([a-z]{3,})(?: here)?(?=[.,;])")
"""And what it is called, if the example says so: "The people who stay with us are guests."."""

_EXCEPTED = re.compile(
    r"\b(?:(?:not|none|except) (?:for|on|about|when|to)|not even)\b[^.,;:!?]*", re.I
)
"""A clause that says where the rule does not hold, as "not for one-liners", or even there does."""

_WANTED = re.compile(r" (?:eat|drink|want|like|use|say|write|mention|need to (?:hear|see|read))\b")
"""After "I do not": what the person does not do, and the answers are not to do either."""

_OF_FORM = re.compile(
    r"\b(?:contractions?|emojis?|smileys?|emoticons?|markdown|bold|bullets?|headings?"
    r"|(?:exclamation|question) marks?|punctuation|commas|digits|comments?|jargon|terms)\b",
    re.I,
)
"""What a text has or has not, whatever its words: these forbid no word, nor does where."""

_DO_NOT = re.compile(r"do not|don", re.I)
_VERB = re.compile(
    r"\s+(?:give|tell|show|make|do|spoil)(?: (?:me|us|him|her|them))? (?:the|those|these)\b.*"
    r"|\s+(?:(?:ever|just|even|please|always|you)\s+)*[\w'’-]+",
    re.I | re.S,
)
"""After "do not": what is not to be done ("give me the solution"), which is no forbidden word."""

_DOING = re.compile(r"\A\s+\w+ing\b", re.I)
"""After "no": what is not to be done, as in "no announcing"."""

_READ = re.compile(
    rf"\b(?:I|we) (?:read|see|hear) (?P<words>\0\d+\0|{_LISTED}) (?:I|we|again|once|one more)\b",
    re.I,
)
"""Words of which somebody has read enough: "if I read delicious or succulent one more time"."""

_ELSEWHERE = re.compile(
    r" (?:how|what|why|where|for|to|on|at|about|only|just|again|once|need)\b", re.I
)
"""After a negation: it says where the rule does not hold, and not what is forbidden."""

_INTERJECTED = re.compile(r",? (?:God|heaven) forbid,?", re.I)
_PLACE = re.compile(r" (?:in|into|inside|before|after|behind|between|with|from|to) ")
"""Before where something is not to be, as brackets."""

_SHORTENED = re.compile(r"n['’]t$|['’](?:re|ve|ll|d|m)$", re.I)
_AT_ENDS = r"\b(?:start|begin|open|end|finish|sign|close)"
_BEGIN = r"\b(?:start|begin|open)s?(?: \w+){0,3}? with (?:a |the )?(?:words? )?"
_SYMBOL = re.compile("[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]\ufe0f?")
"""An emoji or a sign such as a star or an arrow."""

_WORDS_OF_AN_END = 6
"""A longer line is no part of how somebody signs."""

_FIGURES = re.compile(r"[\d:.,/-]+")
"""Such a quote, "07:15", shows a form and is not to be said."""

_HOLDING = re.compile(r"\b(?:with|containing|contains?|including|made (?:of|from))\b", re.I)
_LITTLE = frozenset(
    "the and any for with use say write give answer reply start end ever more less than that this"
    " them they you your nothing else just only but can could would should make add put suggest"
    " mention include offer bird word words anything anyone everything something please instead"
    " exclamation mark marks point points contraction contractions emoji emojis smiley smileys"
    " emoticon emoticons markdown bold bullet bullets list lists numbering sentence sentences long"
    " short formal informal polite small talk tone jargon explanation explanations introduction"
    " intro preamble detail details comment comments code heading headings extra unnecessary filler"
    " too very around everyday other others thing things mean people shouting lecture lectures"
    " number numbers keyword keywords advice warning warnings disclaimer disclaimers longer shorter"
    " symbol symbols quote quotes technical term terms"
    " answers replies clock old new full stop stops sign signs"
    " run have need needs must eat want like"
    " either neither call comma commas dot dots period periods punctuation break breaks figures"
    " digits numerals thanks thank salutation salutations greeting greetings"
    # Words of grammar: a person who means one says that it is a word, or puts it in quotes.
    " one ones another each both few many several some all none such own same mine his her hers its"
    " our ours their theirs him she who whom whose which what whatever these those myself yourself"
    " itself themselves somebody someone anybody nobody everybody everyone much little enough about"
    " above across after against along among before behind below beneath beside besides between"
    " beyond down during except from inside into near off onto out outside over past since through"
    " throughout till toward towards under underneath until upon within without not nor yet because"
    " although though while whereas whether when whenever where wherever why how here there then"
    " thus hence also even still already quite rather always never often sometimes again once twice"
    " soon later now away altogether anyway almost entirely completely totally are was were been"
    " being has had having does did doing will may might get gets got getting goes going went come"
    " comes came make makes made making take takes took puts putting gives gave keep keeps let lets"
    " means meant know knows think thinks turn turns look looks see sees tell tells told feel feels"
    " work works calls says said using used uses writing written pls plz lol"
    " one two three four five six seven eight nine ten first second last next day week month year"
    " time way kind sort front top bottom obviously".split()
)


def phrases(note: str, lesson: Lesson) -> tuple[list[str], tuple[str, ...]]:
    """Quoted phrases the note affirms, and words or quoted phrases it forbids."""
    note = _INTERJECTED.sub("", note)
    quotes = QUOTED.findall(note)
    # Quotes are set aside while the note is taken apart: they may hold commas and full stops.
    places = iter(range(len(quotes)))
    masked = QUOTED.sub(lambda _: f"\0{next(places)}\0", note)
    asked = f"{lesson.prompt} {lesson.corrected}".casefold()
    banned, forbidden = list[str](), set[int]()
    for one in _forbidden(masked, asked):
        if number := _MASK.fullmatch(one):
            forbidden.add(int(number.group(1)))
            banned.append(quotes[int(number.group(1))])
        else:
            banned.append(one)
    affirmed = [quote for number, quote in enumerate(quotes) if number not in forbidden]
    labels = _labels(note, lesson.corrected.strip())
    affirmed = [one for one in affirmed if f"{one}:" not in labels] + labels
    affirmed += _unquoted(masked, lesson.corrected.strip())
    affirmed = list(dict.fromkeys(one for one in affirmed if not _FIGURES.fullmatch(one)))
    banned = [one for one in banned if not _FIGURES.fullmatch(one)]
    affirmed += [one for one in _TO_SAY.findall(masked) if said(lesson.corrected, one)]
    if called := _CALLED.search(masked):
        others = _AND_OR.split(called["others"])
        names = [one for one in _NAMED.findall(masked) if said(lesson.corrected, one)]
        affirmed += [one for one in names if one not in others][:1]
        banned += others if names else []
    return affirmed, tuple(dict.fromkeys(phrase.strip() for phrase in banned if phrase.strip()))


def _forbidden(masked: str, asked: str) -> Iterator[str]:
    """What a note whose quotes are set aside forbids: words, and the marks of its quotes."""
    for match in _NEGATION.finditer(masked):
        before, clause = masked[: match.start()], match["clause"]
        here = [mark.group() for mark in _MASK.finditer(clause)]
        yield from here
        told = _TOLD.search(before) and not (match["own"] or _WANTED.match(clause))
        asking = _ASKED.search(before)
        if not (here or told or asking) and not _ELSEWHERE.match(clause):
            if _DO_NOT.match(match.group()):
                clause = _VERB.sub("", clause, count=1)
            clause = _DOING.sub("", clause)
            pieces = _PLACE.split(_HOLDING.split(clause)[-1])
            if _OF_FORM.search(pieces[0]):
                pieces = pieces[:1]  # "no contractions in emails" is not about the word "emails"
            named = pieces[0].strip() or currencies_in(clause)
            if named or not match.group().casefold().startswith("not"):
                # "Not in gifts" says where and not what, "not in dollars" does.
                found = (_telling(piece, asked) for piece in pieces)
                yield from next(filter(None, found), [])
    for match in _GRUDGES.finditer(masked):
        yield from (mark.group() for mark in _MASK.finditer(match.group()))
    yield from (match["said"] for match in _WHY.finditer(masked))
    fed_up = _FED_UP.search(masked)
    for named, forms in _FILLERS.items():
        # "Great question" is that in any case; "make sure" is not "Sure".
        sick_of = fed_up.group(1) if fed_up else ""
        if named in sick_of or (" " in named and named.casefold() in sick_of.casefold()):
            yield from forms
    for match in _READ.finditer(masked):
        yield from _AND_OR.split(match["words"])
    for match in _OUTLAWED.finditer(masked):
        yield match["quoted"] or ""
        yield from _AND_OR.split(match["words"] or "")
        yield from _AND_OR.split(match["more"] or "")


def _telling(clause: str, asked: str) -> list[str]:
    """The words of a clause that tell what it is about, and that the lesson itself does not say."""
    words = re.findall(r"[^\W\d_][\w'’-]{2,}", clause)
    return [
        one
        for one in words
        if not (one.casefold() in asked or one.casefold() in _LITTLE or _SHORTENED.search(one))
    ]


def about(note: str) -> str:
    """The note without quotes, and without the clauses that say where it does not hold."""
    return _EXCEPTED.sub(" ", QUOTED.sub(" ", note))


def _unquoted(note: str, example: str) -> list[str]:
    """The words at the ends of the example that the note names without quoting them."""
    found = _labels(note, example)
    head = re.match(r"[^\W\d_][^,.!:;\n]*(?=[,!:.])", example)
    labelled = head and f"{head.group()}:" in found
    if head and not labelled and len(head.group().split()) <= 4 and _named(note, head.group()):
        found.append(head.group())
    found += _begun(note, example) + _two_lines(note, example)
    tail = SENTENCE_END.split(last_line(example).rstrip(" .!?"))[-1].strip()
    counted = any(map(str.isdigit, tail))  # "[2 marks]" are three elsewhere
    if len(tail) > 3 and tail != example and not counted and _named(note, tail):
        found.append(example[example.rfind(tail) :])
    symbols = _SYMBOL.findall(example)
    found += [one for one in symbols if one in note and example.startswith(one)]
    found += [one for one in symbols if one in note and example.endswith(one)]
    return found


def _labels(note: str, example: str) -> list[str]:
    """The labels of the example's lines that a note names; without their colons if it names all."""
    labels, told = LABEL.findall(example), note.casefold()
    if len(labels) > 1 and all(said(told, one[:-1].casefold()) for one in labels):
        return labels  # "each with its label: Now, Watch, Still to do"
    return [one for one in labels if said(told, one.casefold())]


def _begun(note: str, example: str) -> list[str]:
    """The first words of the example with which a note says to begin, without a sign after them."""
    words = example.splitlines()[0].split() if example else []
    for count in range(min(4, len(words) - 1), 1, -1):
        start = " ".join(words[:count])
        if start[-1].isalnum() and re.search(rf"{_BEGIN}{re.escape(start)}(?!\w)", note, re.I):
            return [start]
    return []


def _two_lines(note: str, example: str) -> list[str]:
    """The last lines of the example that the note names, if they are two or more.

    It names two in one, "Kind regards, Mira", or each by itself.
    """
    lines = [line.strip() for line in example.splitlines() if line.strip()]
    named = list(takewhile(lambda line: said(note.casefold(), line.casefold()), lines[:0:-1]))
    if len(named) > 1 and all(len(line.split()) <= _WORDS_OF_AN_END for line in named):
        return named[::-1]
    lines = lines[-2:]
    both = re.escape(" ".join(lines))
    return lines if len(lines) == 2 and re.search(rf"(?<!\w){both}(?!\w)", note, re.I) else []


def _named(note: str, phrase: str) -> bool:
    """Whether a note has a phrase: as it stands, or in any case behind a word of beginning or end.

    Who writes all in lower case says "start with hey team" and means "Hey team".
    """
    ends = rf"{_AT_ENDS}[^.;:]{{0,40}}?(?<!\w){re.escape(phrase)}(?!\w)"
    return said(note, phrase) or re.search(ends, note, re.I) is not None
