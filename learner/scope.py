"""Scope: which of the bank's requests a rule of manner is about, and which it is not."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from learner import keywords, topics
from learner.keywords import stem
from learner.lesson import Lesson
from learner.phrases import about
from learner.prompt_bank import HARMFUL, BankPrompt
from learner.rule import Rule
from learner.spelling import varying
from learner.turns import in_turns

_NEAR = 0.35
"""Share of the best match's score from which on a request belongs to the lesson."""

_FAR = 0.12
"""Share below which it certainly does not; what lies between is neither taught nor examined."""

_A_FEW = 3
"""Requests that tell how well a category fits."""

_CATEGORY_WEIGHT = 4.0

_POLAR = re.compile(
    r"(?:is|are|am|was|were|do|does|did|has|have|can|could|should|will|would|may|must)\b"
    r"(?! (?:you|we)\b)",
    re.I,
)
"""How a question begins that yes or no answers; "Can you write …" asks for something else."""

_TOPIC_WEIGHT = 0.6
"""Of each word that names a category, against its share of the lesson's words."""


class Scope(msgspec.Struct, frozen=True):
    """Requests a rule applies to, best first, and those it does not, the most alike first.

    `category` is the one that comes first where they are varied; "" where all are the same to it.
    """

    inside: tuple[BankPrompt, ...]
    outside: tuple[BankPrompt, ...]
    category: str = ""

    @property
    def varied(self) -> tuple[BankPrompt, ...]:
        """`inside` with its forms of request taking turns, within its category.

        What has no category stays as it is.

        "When was …", "When did …" and "On which date …" are one rule's requests, and those most
        like the lesson's own are all of one form. What is of other categories comes last.
        """
        if not self.category:
            return self.inside
        turns: Counter[str] = Counter()
        ranked = []
        for place, one in enumerate(self.inside):
            form = " ".join(one.prompt.casefold().split()[:2])
            ranked.append((one.category != self.category, turns[form], place, one))
            turns[form] += one.category == self.category
        return tuple(one for *_, one in sorted(ranked, key=lambda found: found[:3]))


def scope_of(
    lesson: Lesson, rule: Rule, bank: Sequence[BankPrompt], beside: Sequence[BankPrompt] = ()
) -> Scope:
    """Divide `bank` by how it resembles the lesson's own question and note.

    What its categories are about is told by `beside`, where the bank's own few requests would tell
    it badly: an exam has three or four of each.

    A rule for every reply is about everything, one of spelling about requests that have a word
    with two, one with a trigger about what begins with it, and one for a programming language about
    what names that, or is asked in it instead of another.
    Otherwise words count by how rare they are among the bank's categories, and a request gains
    from the company of its category. What should be declined is in no rule's scope of its own.
    Where nothing of the lesson speaks of the best category, the bank does not know what it is
    about: an advertisement would be taught on emails.
    """
    if rule.everywhere and not rule.rewrites:
        return Scope(tuple(bank), ())
    if rule.writes("spelling"):
        return _spelt_twice(lesson.note, bank)
    if rule.language:
        inside, outside = _in_language(rule.language, bank)
        if inside:
            return Scope(inside, outside, inside[0].category)
    scores = _scores(lesson, bank, beside or bank)
    ranked = sorted(zip(scores, bank, strict=True), key=lambda pair: -pair[0])
    if (rule.trigger or rule.polar) and (begun := _triggering(rule, lesson, ranked)):
        return _begun(begun, bank)
    if rule.everywhere:
        return Scope(tuple(one for _, one in ranked), ())
    best, category = _best(ranked)
    known = best > 0.0 and _spoken_of(category, lesson, beside or bank)
    if not known and (rule.rewrites or (rule.banned and not rule.shapes)):
        # What is only written otherwise, or left out, is taught where the note says it stands.
        named = topics.named_in(about(lesson.note))
        best, category = _best([pair for pair in ranked if named[pair[1].category]])
        known = best > 0.0
    if not known:
        return Scope((), tuple(bank))
    return Scope(
        tuple(one for score, one in ranked if score >= _NEAR * best and one.category != HARMFUL),
        tuple(one for score, one in ranked if score <= _FAR * best),
        category,
    )


def _spelt_twice(note: str, bank: Sequence[BankPrompt]) -> Scope:
    """Requests with a word that is spelt in two ways, each word in its turn.

    Every other is of the words that the note names: these will be looked for.
    """
    named = {stem(word) for word in varying(note)}
    own: list[tuple[str, BankPrompt]] = []
    others: list[tuple[str, BankPrompt]] = []
    for one in bank:
        words = [stem(word) for word in varying(one.prompt) if one.category != HARMFUL]
        if found := [word for word in words if word in named]:
            own.append((found[0], one))
        elif words:
            others.append((words[0], one))
    mixed = tuple(in_turns(_by_turn(own), _by_turn(others)))
    return Scope(mixed, tuple(one for one in bank if one not in mixed))


def _triggering(
    rule: Rule, lesson: Lesson, ranked: Sequence[tuple[float, BankPrompt]]
) -> list[tuple[float, BankPrompt]]:
    """The requests that begin as the rule says, but for what should be declined.

    Nobody but the person begins with "quick:": that is put before all others.
    """
    ranked = [pair for pair in ranked if pair[1].category != HARMFUL]
    start = rule.trigger.casefold()
    if not start:
        return [pair for pair in ranked if _POLAR.match(pair[1].prompt)]
    begun = [pair for pair in ranked if pair[1].prompt.casefold().startswith(start)]
    if begun or rule.trigger[-1].isalnum():
        return begun
    after = lesson.prompt[len(rule.trigger) :]
    rest = after.lstrip()
    before = rule.trigger + after[: len(after) - len(rest)]
    lower = rest[:1].islower()
    return [
        (score, msgspec.structs.replace(one, prompt=before + _cased(one.prompt, lower)))
        for score, one in ranked
    ]


def _cased(prompt: str, lower: bool) -> str:
    """A request as it goes on behind something, where the person goes on in lower case."""
    word = prompt.split(maxsplit=1)[0]
    plain = lower and word[1:] == word[1:].lower() and word not in ("I", "I'm", "I’m")
    return prompt[:1].lower() + prompt[1:] if plain else prompt


def _begun(begun: Sequence[tuple[float, BankPrompt]], bank: Sequence[BankPrompt]) -> Scope:
    """Requests that begin as a rule's questions do: every other of the lesson's own category.

    A rule for all that begins with "What is" is taught on whatever does, but asked of a black hole
    it will be asked of volcanoes too.
    """
    _, category = _best(begun)
    own = [one for _, one in begun if one.category == category]
    others = [(one.category, one) for _, one in begun if one.category != category]
    mixed = tuple(in_turns(own, _by_turn(others)))
    return Scope(mixed, tuple(one for one in bank if one not in mixed))


def _by_turn(found: Iterable[tuple[str, BankPrompt]]) -> list[BankPrompt]:
    """The requests with those of each name taking turns: the first of each, then the second."""
    turns: Counter[str] = Counter()
    ranked = []
    for name, one in found:
        ranked.append((turns[name], one))
        turns[name] += 1
    return [one for _, one in sorted(ranked, key=lambda pair: pair[0])]


def _best(ranked: Sequence[tuple[float, BankPrompt]]) -> tuple[float, str]:
    """The best score, and the category whose best few requests have most.

    By the best alone, packing lists would be taught on "List four things to take to the beach".
    """
    scores: dict[str, list[float]] = defaultdict(list)
    for score, one in ranked:
        if one.category != HARMFUL:
            scores[one.category].append(score)
    if not scores:
        return 0.0, ""
    category = max(scores, key=lambda name: math.fsum(scores[name][:_A_FEW]))
    return max(own[0] for own in scores.values()), category


def _spoken_of(category: str, lesson: Lesson, bank: Sequence[BankPrompt]) -> bool:
    """Whether the lesson names the category, or its question has a meaningful word of it."""
    if any(topics.named_in(text)[category] for text in (about(lesson.note), lesson.prompt)):
        return True
    asked = keywords.stems(lesson.prompt)
    return any(asked & keywords.stems(one.prompt) for one in bank if one.category == category)


_CODE = frozenset(("code", "programming", "javascript", "sql", "shell", "web"))
_GENERAL = "Python JavaScript TypeScript Java C# C++ C Go Rust Ruby PHP Kotlin Swift R".split()
"""Languages in which the same functions can be written."""

_NAMED = re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(name) for name in _GENERAL)})(?![\w#+])")


def _in_language(
    language: str, bank: Sequence[BankPrompt]
) -> tuple[tuple[BankPrompt, ...], tuple[BankPrompt, ...]]:
    """Requests for code in a language, and those for code in others before everything else."""
    own = [
        one
        for one in bank
        if one.category == language
        or re.search(rf"(?<!\w){re.escape(language)}\b", one.prompt, re.I)
    ]
    other = [one for one in bank if one.category in _CODE and one not in own]
    name = next((name for name in _GENERAL if name.casefold() == language), "")
    asked = [one for one in other if "function" in one.prompt and _NAMED.search(one.prompt)]
    moved = [
        msgspec.structs.replace(one, prompt=_moved(one.prompt, name))
        for one in (asked if name else ())
    ]
    known = {one.prompt for one in own}
    inside = (*own, *(one for one in moved if one.prompt not in known))
    rest = (one for one in bank if one not in own and one not in other)
    return inside, (*other, *rest)


def _moved(prompt: str, name: str) -> str:
    """A request for code in the language of that name, instead of the one it names."""
    # "An R function", because it is spoken "ar".
    a = "an" if name == "R" else "a"
    return re.sub(rf"\ban? {re.escape(name)}\b", f"{a} {name}", _NAMED.sub(name, prompt, count=1))


def _scores(
    lesson: Lesson, bank: Sequence[BankPrompt], beside: Sequence[BankPrompt]
) -> list[float]:
    """How much of the lesson each request has: of its question all words, of its note the topic."""
    stems = {prompt: _stems(prompt) for prompt in {one.prompt for one in (*bank, *beside)}}
    by_category: dict[str, list[frozenset[str]]] = defaultdict(list)
    for one in beside:
        by_category[one.category].append(stems[one.prompt] | {stem(one.category)})
    known_in = Counter(
        word for prompts in by_category.values() for word in frozenset().union(*prompts)
    )
    asked = _stems(lesson.prompt)
    note = about(lesson.note)
    wanted = {
        word: (2.0 if word in asked else 1.0) * math.log(len(by_category) / known_in[word])
        for word in asked | keywords.stems(note)
        if word in known_in
    }
    in_note, in_prompt = topics.named_in(note), topics.named_in(lesson.prompt)
    share = {
        category: math.fsum(
            weight * sum(word in words for words in prompts) / len(prompts)
            for word, weight in wanted.items()
        )
        + _TOPIC_WEIGHT * (2 * in_note[category] + in_prompt[category])
        for category, prompts in by_category.items()
    }
    return [
        math.fsum(wanted.get(word, 0.0) for word in stems[one.prompt])
        + _CATEGORY_WEIGHT * share.get(one.category, 0.0)
        for one in bank
    ]


def _stems(text: str) -> frozenset[str]:
    """All words, little ones too: "how far" tells more than either."""
    return frozenset(
        stem(word)
        for word in "".join(
            letter if letter.isalnum() else " " for letter in text.casefold()
        ).split()
    )
