"""Follow-ups: whether a message corrects the answer before it, found by plain rules (English)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from app.matching import content_words

MOST_WORDS = 60
"""A longer message brings something new to work on; a sentence in it says little of the answer."""

MOST_CHARACTERS = 300
"""Of the person's words that are kept."""


@dataclass(frozen=True)
class Complaint:
    """What a message says against an answer, in the person's words.

    `note` is empty where the words alone say nothing of how it should be (“That is wrong.”).
    `standing`: they do not depend on what was asked (“Shorter, please.”). `example` is the answer
    as the person wrote it themselves (“Do it like this: …”).
    """

    told: str
    note: str
    standing: bool
    example: str = ""


_CODE = re.compile(r"```.*?(```|\Z)|`[^`\n]+`", re.S)
_QUOTED_LINE = re.compile(r"^\s*>.*$", re.M)
_SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\b[DMJ]r\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bSt\.)(?<!e\.g\.)(?<!i\.e\.)\s+|\n+"
    r"|(?<=[.!?][”\"'])\s+"
)
_DO_IT = re.compile(
    r"^(?:please,? )?(?:rather |better )?(?:do|write|say|phrase|put|make|answer|format|it should "
    r"(?:be|look|read)|i (?:meant|wanted))(?: it| that| this| them| something)?(?: more| rather)?$",
    re.I,
)
_EXAMPLE = re.compile(r"\b(like this|this way)\s*:\s*", re.I)
_MANNERS = re.compile(
    r"^(?:(?:ok(?:ay)?|hey|wait|hi|hm+|well|sorry|oh|ah|um+|but|and|thanks|thank you)\b"
    r"[\s,.!;:–-]*)+",
    re.I,
)

_NO = re.compile(
    r"^(?:no|nope|nah|wrong|incorrect|not quite|not right)"
    r"(?:\s*[,.!;:–—-]+\s*(?:(?:no|wait)\b,?\s*)*"
    r"|\s+(?=(?:that'?s|that is|it'?s|it is|i (?:said|meant|asked|wanted)|use|do it)\b)|$)",
    re.I,
)
_REFUSED = re.compile(
    r"^(?:thank|thx|problem|worr|no\b|need|that(?:'s| is| was| will)? (?:all|fine|ok|okay|great"
    r"|good|perfect|enough|it|everything|alright)\b|(?:it|this)(?:'s| is) (?:all|fine|ok|okay|great"
    r"|good|perfect|alright)\b|not (?:yet|now|really|at all)\b|nothing|none\b|never ?mind|maybe"
    r"|sorry|just (?:checking|wondering|curious|asking)|of course|go (?:on|ahead)|continue"
    r"|leave it|don't worry|let's|(?:we|way|idea|number|how|why|what|when|who|can|could|is|are)\b"
    r"|and you|do you|i (?!said|meant|asked|want|need|prefer|told|would|like)|i'(?!d)"
    r"|questions?\b|\d|please (?:go|continue))",
    re.I,
)
_VAGUE = re.compile(
    r"^(?:not like (?:that|this)|(?:that|this|it)(?:'?s| is| was|) ?(?:just |still |so )?"
    r"(?:not|isn'?t|wasn'?t) (?:right|correct|true|it|what i (?:asked|meant|wanted|said|need)\w*"
    r"(?: for)?|how i \w+ it)|(?:that|this|it)(?:'?s| is| was) (?:just |still |all )?"
    r"(?:wrong|incorrect|false))\b",
    re.I,
)
_SAID = re.compile(
    r"^(?:but )?i (?:said|asked for|asked you|meant|told you|wanted)\b"
    r"(?! (?:yes|no|that to|to (?:ask|know|thank|say|see|buy|go|learn|my|him|her|them)|my|him|her"
    r"|them|about|it all|some(?:one|body))\b)",
    re.I,
)
_RULE = re.compile(
    r"^(?:please,? )?(?:you (?:should|must|can|may) |could you (?:please )?|can you (?:please )?)?"
    r"(?:always|never)(?: again)? "
    r"(?!(?:mind|heard|knew|thought|seen|wondered|got|been|had|did|went|tried|again|a|the)\b)"
    r"[a-z]+",
    re.I,
)
_FROM_NOW = re.compile(
    r"^(?:please,? )?(?:from now on|in (?:the )?future|next time|going forward|every time|whenever|"
    r"each time)\b(?!,? (?:we|he|she|they|my|our|it|there)\b)",
    re.I,
)
_FROM_ME = re.compile(
    r"^(?:please,? )?(?:from now on|in (?:the )?future|next time|going forward),? "
    r"i(?:'m|'ll|'ve| )(?!want|need|prefer|would|like)|^(?:every time|whenever|each time) i "
    r"(?!ask|say|tell|write|want|need|send)",
    re.I,
)
_DONT = re.compile(
    r"^(?:please,? )?(?:(?:don'?t|do not) (?!worry|mind\b|bother|know|think|understand|forget"
    r"|get me|you\b|we\b|i\b|they|have|need|want|care|feel|like|disturb|remember|see\b)[a-z]+"
    r"|stop \w+ing\b|avoid \w+|leave out \w+|(?:use|write|say|call (?:it|him|her|them|me)) "
    r"(?!(?:that|it) again)[^,.]{1,40}(?:(?<!\bmay)(?<!\bmust)(?<!\bcan)(?<!\bshould)(?<!\bis)"
    r"(?<!\bare)(?<!\bdo)(?<!\bwill),? (?:not|instead)\b|,? please$))",
    re.I,
)
_LENGTHS = (
    "shorter|longer|simpler|briefer|brief|short|concise|formal|informal|casual|friendlier|politer|"
    "polite|detailed|technical|specific|personal|warmer|clearer|stricter|neutral|direct"
)
_ADJUST = re.compile(
    rf"^(?:please,? )?(?:(?:make|keep|write|say) (?:it|that|this|them) )?(?:a (?:bit|little|lot) "
    rf"|much |way |even )?(?:more |less )?(?:{_LENGTHS})(?:,? please)?$"
    r"|^(?:please,? )?(?:now |again,? )?in (?!the (?!\w+ (?:person|tense))|my\b|our\b|\d)"
    r"[\w -]{2,30},? please$|^(?:please,? )?(?:shorten|simplify) (?:it|that|this)(?:,? please)?$"
    r"|^in (?:celsius|fahrenheit|kilomet(?:er|re)s|metric(?: units)?|one sentence|one word|english|"
    r"plain (?:english|words|text)|bullet points|full sentences|german|french|spanish|italian)$"
    r"|^(?:without|no) (?!more\b|thank|need|problem|hurry)[\w -]{2,30},? please$",
    re.I,
)
_REVISE = re.compile(rf"^(?:make|keep) (?:it|that|this) [\w ]*(?:{_LENGTHS})\b|^shorten it", re.I)
_POLITE = re.compile(r"^(?:please,? )?(?:could|can|would) you (?:please )?", re.I)
_TOO = re.compile(
    r"^(?:(?:that|this|it|your answer|the answer)(?:'?s| is| was)? )?(?:still |way |much |far "
    r"|a bit |just )*too (?:long|short|formal|informal|wordy|verbose|complicated|technical"
    r"|detailed|vague|casual|stiff|flowery|generic|general|polite|pushy"
    r"|many words|much text|much detail)\b",
    re.I,
)
_SHOULD = re.compile(
    r"^(?:it|that|this|the answer) should (?:say|read|have been|have said|begin|start|end)\b"
    r"|^(?:do|write|say|phrase|put) it (?:like this|this way)\b"
    r"|^actually,? (?:it'?s|it is|he'?s|she'?s|they'?re|the (?:right|correct)) "
    r"(?!great|fine|good|perfect|ok\b|okay|nice|right\b|all\b|quite)",
    re.I,
)
_RATHER = re.compile(r"^([^,.!?]{1,40}), not (?!bad|yet|really|now)([^,.!?]{1,40})$", re.I)


def complaint(message: str, answer: str) -> Complaint | None:
    """What `message` says against the `answer` before it, or None.

    Questions, quotations and code say nothing of it, and “no” may answer what the answer asked.
    """
    if (shown := _shown(message)) is not None:
        return shown
    message = _own_words(message)
    if not message or len(message.split()) > MOST_WORDS:
        return None
    asked = answer.rstrip().rstrip("”\"’'*)").endswith("?")
    sentences = list(_sentences(message))
    for at, sentence in enumerate(sentences):
        bare = _bare(sentence)
        rest = "\n".join([bare, *sentences[at + 1 :]])
        if at == 0 and (found := _opening(bare, rest, answer, asked)) is not None:
            return found
        if _is_question(sentence):
            continue
        if _RULE.match(bare) or (_FROM_NOW.match(bare) and not _FROM_ME.match(bare)):
            return _found(bare, bare, standing=True)
    return None


def _opening(bare: str, rest: str, answer: str, asked: bool) -> Complaint | None:
    """What the first sentence says; after a mere “no” what comes next tells how it should be."""
    if _is_question(bare):
        return _polite_rule(bare)
    if (no := _NO.match(bare)) is not None:
        wanted = _first(bare[no.end() :] or rest.partition("\n")[2])
        if asked or _is_question(wanted) or _REFUSED.match(wanted):
            return None
        if _VAGUE.match(wanted):
            return _vague(bare, wanted, rest)
        return _found(_whole(bare, wanted), wanted, standing=_is_standing(wanted))
    if _VAGUE.match(bare):
        return _vague(bare, bare, rest)
    if _is_standing(bare):
        return _found(bare, bare, standing=True)
    if _SAID.match(bare) or _SHOULD.match(bare):
        return _found(bare, bare, standing=False)
    rather = _RATHER.match(bare.rstrip(".!"))
    if rather is not None and content_words(rather[2]) & content_words(answer):
        return _found(bare, bare, standing=False)
    return None


def _polite_rule(bare: str) -> Complaint | None:
    """“Could you always…?” and “Can you make it shorter?” ask for nothing but that."""
    wanted = _POLITE.sub("", bare.rstrip("? "))
    if wanted != bare.rstrip("? ") and (_RULE.match(wanted) or _REVISE.match(wanted)):
        return _found(bare, wanted, standing=True)
    return None


def _vague(bare: str, wanted: str, rest: str) -> Complaint | None:
    """“That is wrong”, and what follows it in the same sentence or as the next one."""
    start = _VAGUE.match(wanted)
    after = wanted[start.end() :].strip(" ,;:.!–—-") if start else ""
    after = re.sub(r"^(?:because|since|as),? ", "", after) or _first(rest.partition("\n")[2])
    if not after:
        return _found(bare, "", standing=False)
    if _is_question(after) or _REFUSED.match(after):
        return None
    return _found(_whole(bare, after), after, standing=_is_standing(after))


def _is_standing(sentence: str) -> bool:
    """Whether it says how answers should be, whatever is asked."""
    plain = sentence.rstrip(".!")
    return any(rule.match(plain) for rule in (_RULE, _DONT, _ADJUST, _TOO))


def _found(told: str, note: str, *, standing: bool) -> Complaint:
    return Complaint(_tidy(told), _tidy(note), standing)


def _whole(bare: str, wanted: str) -> str:
    return bare if wanted in bare else f"{bare} {wanted}"


def _shown(message: str) -> Complaint | None:
    """“Do it like this: …”, with what stands there as the answer; None for anything else."""
    found = _EXAMPLE.search(message)
    if found is None or len(message[: found.start()].split()) > MOST_WORDS:
        return None
    head, example = _own_words(message[: found.start()]), message[found.end() :].strip()
    *before, last = [_bare(sentence) for sentence in _sentences(head)] or [""]
    no = _NO.match(last)
    if not example or not _DO_IT.match(last[no.end() :] if no else last):
        return None
    told = f"{' '.join((*before, last))} {found[1]}"
    return Complaint(_tidy(told), "", standing=False, example=example)


def _own_words(message: str) -> str:
    """Without code and quoted lines; nothing of a message that begins with a quotation."""
    message = _QUOTED_LINE.sub("", _CODE.sub("", message.replace("’", "'"))).strip()
    return "" if message.startswith(("“", '"', "«", "„", "> ")) else message


def _sentences(text: str) -> Iterator[str]:
    for sentence in _SENTENCE_END.split(text):
        if sentence.strip():
            yield sentence.strip()


def _bare(sentence: str) -> str:
    return _MANNERS.sub("", sentence).strip()


def _first(text: str) -> str:
    return next(_sentences(text), "")


def _is_question(sentence: str) -> bool:
    return sentence.rstrip("”\"' ").endswith("?")


def _tidy(text: str) -> str:
    """One line that begins with a capital and ends as a sentence does."""
    line = " ".join(text.split())[:MOST_CHARACTERS].strip(" ,;:–—-")
    if line and line[-1] not in '.!?”"':
        line += "."
    return line[:1].upper() + line[1:]


def normalised(text: str) -> str:
    """A text by its words alone, so that the same thing said twice is the same."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return " ".join(re.findall(r"\w+(?:'\w+)*", folded))
