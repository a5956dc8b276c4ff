"""Objections: why a text is nothing to learn from: orders to the model, control marks, noise."""

from __future__ import annotations

import re

_MARKS = re.compile(
    r"<\|[\w ]{1,40}\|>|<(?:start|end)_of_turn>|\[/?INST\]|<</?SYS>>|<｜[^｜<>]{1,40}｜>"
)
_NOT = r"(?:never|don['’]?t(?: ever)?|do not|must not|mustn['’]t|should not|stop|no longer|cease)"
_ASKED = (
    r"(?:any|every|all|each)(?: of)?(?: my| the)?(?: kinds? of)? ?"
    r"(?:requests?|questions?|orders?|commands?|prompts?|instructions?)"
    r"|anything|everything|whatever (?:i|you are|is) ask\w*"
)
_BAD = (
    r"(?:dangerous|harmful|illegal|unsafe|unethical|forbidden|criminal|violent|immoral|risky"
    r"|weapons?|explosives?|bombs?|drugs?)"
)
_COMPLY = re.compile(
    rf"\b{_NOT}\s+(?:to\s+)?(?:refus|declin|reject|turn(?:ing)? down|deny|denying)\w*"
    rf"(?:\s*(?:$|[.,;:!?])|\s+(?:to (?:answer|help|obey|comply|do)\b|me\b|{_ASKED}"
    r"|(?:a|my|the) (?:request|question|order|command)))"
    rf"|\b(?:answer|obey|fulfil\w*|follow|comply with|help with|do)\s+(?:{_ASKED})[^.!?]*\b{_BAD}"
    rf"|\b{_BAD}\s+(?:requests?|questions?)\b[^.!?]*\b(?:too|also|as well|like any other)\b"
    r"|\balways (?:comply|obey)\b|\bnever say no\b"
    r"|\b(?:without|no|ignore|drop|remove|disable|turn off|forget)\s+"
    r"(?:any |all |your |the |its |more )*"
    r"(?:safety|ethical|moral|content)\s+(?:rules?|limits?|filters?|guidelines?|policy|policies"
    r"|restrictions?|concerns?|guards?|rails?|training|warnings?)\b"
    r"|\b(?:ignore|disable|turn off|forget)\s+(?:about )?(?:safety|ethics|morals)\s*(?:$|[.,;!?])"
    r"|\b(?:without|no)\s+(?:any |more )?(?:refusals?|refusing|censorship|restrictions"
    r"|moral\w*)\s*(?:$|[.,;!?]|\b(?:at all|whatsoever)\b)"
    r"|\b(?:uncensored|unfiltered|jailbr(?:eak|oken))\b",
    re.I,
)
_ORDER = re.compile(
    r"(?:^|[.!?:\n])\W*(?:please |now |from now on,? )*"
    r"(?:ignore|disregard|forget|override|bypass)\s+"
    r"(?:(?:all|any|every|the|of|your|my|these|those|that|previous|prior|earlier|above|former"
    r"|other|system)\s+)+"
    r"(?:instructions?|rules|prompts?|directions|orders|messages?|lessons|guidelines|context)\b"
    r"|\b(?:reveal|print|repeat|output|show|leak)\s+(?:me\s+)?(?:all\s+)?(?:of\s+)?"
    r"(?:your|the)\s+(?:hidden |secret |whole |full )*(?:system prompt|system message"
    r"|hidden instructions|instructions above)\b"
    r"|(?:^|\n)\s*(?:#+\s*)?(?:system|assistant|user|human)\s*:\s*\S.*\n\s*(?:#+\s*)?"
    r"(?:system|assistant|user|human)\s*:",
    re.I,
)
_CONSENT = re.compile(
    r"^\W*(?:sure|of course|certainly|absolutely|yes|gladly|no problem|with pleasure|ok(?:ay)?"
    r"|here(?:'s|’s| is) how)\b",
    re.I,
)
_EVERYWHERE = re.compile(
    r"\b(?:every|each|all|any)\b[^.]{0,20}\b(?:repl(?:y|ies)|answers?|responses?|messages?)\b"
    r"|\balways (?:start|begin|open|answer|reply|respond)\b",
    re.I,
)
_FORBIDS = re.compile(r"\b(?:never|don['’]?t|do not|avoid|not|no)\b[^.;!?]*", re.I)
_QUOTES = re.compile(r"[“\"«‘][^”\"»’\n]*[”\"»’]|`[^`\n]*`")
_NOISE = 5
"""So many signs of one kind, or words, and nothing else, are noise."""


def objections(*, prompt: str, corrected: str, note: str) -> list[str]:
    """Why nothing should be learned from these texts, as sentences; empty when all is well."""
    found = []
    if mark := _MARKS.search(f"{prompt}\n{corrected}\n{note}"):
        found.append(
            f"It contains “{mark.group()}”, a sign by which models mark whose turn it is;"
            " leave it out."
        )
    if noise(corrected):
        found.append("The corrected answer is one sign or word over and over: that is no answer.")
    if _COMPLY.search(_unquoted(note)):
        found.append(
            "Its note asks to stop declining. What the model declines is not changed by lessons;"
            " teach how it should decline, or what it should answer instead."
        )
    wanted = _FORBIDS.sub(" ", note)
    quoted = [one[1:] for one in _QUOTES.findall(wanted)]
    if _EVERYWHERE.search(wanted) and any(map(_CONSENT.search, quoted)):
        found.append(
            "Its note wants consent before every answer, also before those the model should"
            " decline. Say for which requests it is meant."
        )
    if any(_ORDER.search(_unquoted(text)) for text in (note, corrected)):
        found.append(
            "It gives the model orders about its own instructions, as pasted text sometimes does."
            " Say in your own words what a good answer is."
        )
    return found


def noise(text: str) -> bool:
    """Whether a text is one sign, or one word, repeated and nothing else."""
    said = text.split()
    signs = "".join(said)
    return len(signs) >= _NOISE and (
        len(set(signs)) == 1 or (len(said) >= _NOISE and len({w.casefold() for w in said}) == 1)
    )


def _unquoted(text: str) -> str:
    """The text without what it only quotes: one may teach what such a text looks like."""
    return _QUOTES.sub(" ", text)
