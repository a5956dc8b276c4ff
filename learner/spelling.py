"""Spelling: British and American forms of common words, and a text in either."""

from __future__ import annotations

import re
from typing import Literal

Variety = Literal["British", "American", ""]

_OUR = (
    "colour favour flavour honour humour labour neighbour behaviour harbour rumour armour vapour"
    " endeavour odour savour vigour splendour parlour candour"
)
_ISE = (
    "organis realis recognis apologis memoris prioritis summaris minimis maximis emphasis"
    " optimis specialis customis utilis categoris standardis modernis visualis finalis"
    " familiaris socialis stabilis energis personalis revolutionis criticis"
)
_PAIRS = (
    "centre center|centres centers|centred centered|theatre theater|theatres theaters|metre meter"
    "|metres meters|kilometre kilometer|kilometres kilometers|centimetre centimeter"
    "|centimetres centimeters|litre liter|litres liters|fibre fiber|grey gray|greyish grayish"
    "|travelling traveling|travelled traveled|traveller traveler|travellers travelers"
    "|cancelled canceled|cancelling canceling|modelling modeling|labelled labeled"
    "|labelling labeling|jewellery jewelry|catalogue catalog|dialogue dialog|programme program"
    "|defence defense|offence offense|licence license|practise practice|analyse analyze"
    "|analysed analyzed|analysing analyzing|paralyse paralyze|cosy cozy|mould mold"
    "|moustache mustache|pyjamas pajamas|plough plow|tyre tire|tyres tires"
    "|aeroplane airplane|aluminium aluminum"
    "|mum mom|skilful skillful|fulfil fulfill|enrol enroll"
    "|ageing aging|sceptical skeptical|manoeuvre maneuver|yoghurt yogurt|doughnut donut"
)
_ENDINGS = {
    "our": ("", "s", "ed", "ing", "ful", "less", "able", "ite", "ites", "hood", "hoods", "al"),
    "is": ("e", "es", "ed", "ing", "er", "ers", "ation", "ations"),
}


def _table() -> dict[str, str]:
    """British form to American form."""
    found = {}
    for word in _OUR.split():
        for ending in _ENDINGS["our"]:
            found[word + ending] = word.replace("our", "or") + ending
    for stem in _ISE.split():
        for ending in _ENDINGS["is"]:
            found[stem + ending] = stem[:-2] + "iz" + ending
    for pair in _PAIRS.split("|"):
        british, american = pair.split()
        found[british] = american
    return found


_TO_AMERICAN = _table()
# "program", "practice", "license" are British words too, as another part of speech.
_TO_BRITISH = {
    american: british
    for british, american in _TO_AMERICAN.items()
    if american not in ("program", "practice", "license", "catalog", "dialog")
}
_AS_BRITISH = {british: british for british in _TO_AMERICAN} | _TO_BRITISH
"""Every word with two forms, in either, to its British one."""

_IZE = re.compile(
    r"(?!(?:re|down|over|super|cap|mid)?siz|priz|seiz|maiz)(\w{3,})iz(e|es|ed|ing|er|ers|ations?)"
)
"""Other words in -ize, all but those that have a z in both; -ise is of too many other words."""

_WORD = re.compile(r"[^\W\d_]+")
_WANTED = re.compile(
    r"\b(british|uk|american|us)\b(?:\s+english)?\s+spelling"
    r"|\bspell\w*\b.{0,30}\b(british|uk|american|us)\b|\b(british|american)\s+english\b",
    re.I,
)


_SHOWN = 3
"""Words of one spelling by which a note shows that it is about spelling."""


def variety_of(note: str) -> Variety:
    """Which spelling a note asks for; "" when it asks for none.

    One that has some words of a spelling and none of the other shows what it asks for.
    """
    match = _WANTED.search(note)
    if not match:
        british = sum(spelt(word, "American") != word for word in _WORD.findall(note))
        american = sum(spelt(word, "British") != word for word in _WORD.findall(note))
        if max(british, american) < _SHOWN or min(british, american):
            return ""
        return "British" if british else "American"
    named = next(group for group in match.groups() if group).casefold()
    return "British" if named in ("british", "uk") else "American"


def spelt(text: str, variety: Variety) -> str:
    """The text with the words of the table in one spelling; capitals stay as they are."""
    table = _TO_BRITISH if variety == "British" else _TO_AMERICAN
    return _WORD.sub(lambda match: _like(match.group(), table), text) if variety else text


def varies(text: str) -> bool:
    """Whether the text has a word that the two spell differently."""
    return bool(varying(text))


def varying(text: str) -> list[str]:
    """The words of a text that the two spell differently, as the British have them."""
    words = map(str.casefold, _WORD.findall(text))
    return [_AS_BRITISH[word] for word in words if word in _AS_BRITISH]


def _like(word: str, table: dict[str, str]) -> str:
    other = table.get(word.casefold())
    if other is None and table is _TO_BRITISH and (match := _IZE.fullmatch(word.casefold())):
        other = f"{match[1]}is{match[2]}"
    if other is None:
        return word
    if word.isupper() and len(word) > 1:
        return other.upper()
    return other[:1].upper() + other[1:] if word[:1].isupper() else other
