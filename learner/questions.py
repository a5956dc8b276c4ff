"""Questions: many ways to ask for what a term, procedure or fact lesson teaches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from learner.keywords import stems
from learner.lesson import Kind, Lesson
from learner.subjects import action_of, definition_of, subject_of
from learner.turns import in_turns
from learner.wordings import (
    ACTION_EXAM,
    ACTION_STUDY,
    ANY_EXAM,
    ANY_STUDY,
    FACT_EXAM,
    FACT_STUDY,
    NAME_STUDY,
    OTHER_ACTIONS,
    OTHER_NAMES,
    OTHER_THINGS,
    PART_STUDY,
    SITUATION_EXAM,
    SITUATION_STUDY,
    TERM_EXAM,
    TERM_STUDY,
    THING_GROUPS,
    VERB_GROUPS,
)


class Questions(msgspec.Struct, frozen=True):
    """Differently asked questions for one lesson: some to study, others only for its exam."""

    study: tuple[str, ...]
    exam: tuple[str, ...]


_SITUATION = re.compile(
    r"\b(?:when(?:ever)?|if) (?!(?:I|you|we) (?:ask|say|want|write))([^,.;:!?]{8,60}?)"
    r"(?=[,.;:!?]| (?:you|we|I|then) )",
    re.I,
)
_OWNED = re.compile(r"(?:my|our)\b", re.I)
_OPENERS = frozenset(
    "what who whom whose which when where why how is are was were do does did can could should"
    " would will the a an my our if".split()
)
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b([A-Z][\w'’-]+)")
_PART = re.compile(
    r"(\b(?:in|into|on|at|to|from|under|behind|of)\s+)?"
    r"\b(the|an?|my|our|your)\s+((?:[a-z]+\s+)?[a-z]{3,})"
    r"(?=\s+(?:and|or|in|on|at|under|with|until|to|next|for|by|from|behind|of|before|after|shows"
    r"|says|is|are)\b|\s*[,;.:)]|\s*\Z)"
)
"""The preposition before a thing that an answer speaks of, its article, and the thing."""

_MINE = {"my": "my", "our": "our", "your": "my"}
_BEFORE_PARTS = 8
"""Questions about the whole of a procedure that come before those about its parts."""

_OWN_REQUESTS = 4
"""Frames in which a request that only uses a term is studied beside what that is."""

_TIME = re.compile(
    r"\s+(?:today|tonight|tomorrow|at night|on \w+day|before \w+day"
    r"|(?:in the|this) (?:morning|afternoon|evening))$",
    re.I,
)
"""When an action is done, which not everybody who asks for it says."""

_PARTICLES = frozenset("off on up down out in away over".split())
_EXAM_SIZE = 4
_CONTRASTS = 10
_CONTRASTS_ASKED = 2


def questions_for(lesson: Lesson) -> Questions:
    """Questions for a term, procedure or fact; the lesson's own question comes first.

    Where its question is of no known form it is put into other frames, as "Quick question:", and
    asked about the situation its note names, as "when our boiler loses pressure".
    """
    if lesson.kind is Kind.PROCEDURE:
        study, exam = _about_action(lesson)
    else:
        study, exam = _about_thing(lesson)
    asked = {_plain(lesson.prompt)}
    if not exam:
        named = _SITUATION.search(lesson.note) if lesson.kind is Kind.PROCEDURE else None
        situation = [named.group(1)] if named else []
        study = in_turns(
            _filled(SITUATION_STUDY, situation, "x"), _in_other_frames(ANY_STUDY, lesson)
        )
        exam = in_turns(_filled(SITUATION_EXAM, situation, "x"), _in_other_frames(ANY_EXAM, lesson))
    if definition_of(lesson):
        # Asked once among many what it is, its own request would be answered half and half.
        study = in_turns(study, _in_other_frames(ANY_STUDY, lesson)[:_OWN_REQUESTS])
    kept_study = [lesson.prompt.strip()] + [q for q in study if _new(q, asked)]
    kept_exam = [q for q in exam if _new(q, asked)]
    return Questions(tuple(kept_study), tuple(kept_exam[:_EXAM_SIZE]))


class Contrasts(msgspec.Struct, frozen=True):
    """A lesson's questions asked about other things: to be answered as ever, and for its exam."""

    study: tuple[str, ...]
    exam: tuple[str, ...]


def contrasts_for(lesson: Lesson) -> Contrasts:
    """The lesson's forms of question, about what it is not about.

    Without them a model learns that whoever asks in that form wants this answer.
    """
    action = action_of(lesson) if lesson.kind is Kind.PROCEDURE else ""
    if action:
        return _contrasts(ACTION_STUDY, ACTION_EXAM, _other_actions(action), "a")
    own = stems(f"{lesson.prompt} {lesson.note} {lesson.corrected}")
    others = [name for name in OTHER_NAMES if not stems(name) & own]
    others = others if subject_of(lesson) else []
    return _contrasts(TERM_STUDY, TERM_EXAM, others, "s")


def _contrasts(
    study: Sequence[str], exam: Sequence[str], fillings: Sequence[str], slot: str
) -> Contrasts:
    count = max(0, len(fillings) - _CONTRASTS_ASKED)
    return Contrasts(
        tuple(_filled(study[:count], fillings[:count], slot)),
        tuple(_filled(exam[:_CONTRASTS_ASKED], fillings[count:], slot)),
    )


def _other_actions(action: str) -> list[str]:
    """The same verb with other things, and other actions, in turns.

    The first other thing is the plain kind of the thing ("the server" for "the print server"),
    where that is not just another word for it.
    """
    match = re.match(r"(.+?)\s+(the|a|an|my|our|your)\s+(?:(.+)\s)?(\S+)$", action, re.I)
    same_verb = [f"{match.group(1)} {thing}" for thing in OTHER_THINGS] if match else []
    if match and match.group(3):
        kind = f"{match.group(1)} {_agreeing(match.group(2), match.group(4))} {match.group(4)}"
        plain = kind in _reworded(action) or match.group(4).casefold() in _PARTICLES
        same_verb = same_verb if plain else [kind, *same_verb]
    mixed = in_turns(same_verb, OTHER_ACTIONS)
    return [one for one in mixed if one.casefold() != action.casefold()][:_CONTRASTS]


def _agreeing(article: str, noun: str) -> str:
    if article.casefold() not in ("a", "an"):
        return article
    return "an" if noun[:1].casefold() in "aeiou" else "a"


def _in_other_frames(frames: Sequence[str], lesson: Lesson) -> list[str]:
    question = lesson.prompt.strip()
    first, _, rest = question.partition(" ")
    # A capital stays where the first word may be a name: nothing tells it from a plain one.
    begun = f"{first.casefold()} {rest}" if first.casefold() in _OPENERS else question
    return [frame.replace("{Q}", question).replace("{q}", begun) for frame in frames]


def _about_action(lesson: Lesson) -> tuple[list[str], list[str]]:
    action = action_of(lesson)
    if not action:
        return _about_thing(lesson)
    others = _reworded(action)
    if (at_any_time := _TIME.sub("", action)) != action:
        others.insert(0, at_any_time)
    study = list(_filled(ACTION_STUDY, [action, *others], "a"))
    study[_BEFORE_PARTS:_BEFORE_PARTS] = _about_parts(lesson, action)
    exam = list(_filled(ACTION_EXAM, [others[0] if others else action, action], "a"))
    return study, exam


def _about_thing(lesson: Lesson) -> tuple[list[str], list[str]]:
    subject = subject_of(lesson)
    if not subject:
        return [], []
    if lesson.kind is not Kind.FACT and not _OWNED.match(subject):
        ways = [subject]
        if match := re.match(r"an?\s+(?=\S)", subject, re.I):
            ways.append(f"the {subject[match.end() :]}")
        return list(_filled(TERM_STUDY, ways, "s")), list(_filled(TERM_EXAM, ways, "s"))
    study = list(_filled(FACT_STUDY, [subject], "s"))
    asked = lesson.prompt.casefold()
    names = [name for name in _NAME.findall(lesson.corrected) if name.casefold() not in asked]
    # The first name is whom it is about; the others are places more often than people.
    study += list(_filled(NAME_STUDY, [one for one in names if len(one) > 3][:1], "s"))
    return study, list(_filled(FACT_EXAM, [subject], "s"))


def _filled(templates: Sequence[str], fillings: Sequence[str], slot: str) -> Iterator[str]:
    """Each template once, taking the fillings in turn; none where there is no filling."""
    if not fillings:
        return
    for index, template in enumerate(templates):
        filling = fillings[index % len(fillings)]
        upper = filling[:1].upper() + filling[1:]
        text = template.replace(f"{{{slot}}}", filling).replace(f"{{{slot.upper()}}}", upper)
        yield text[:1].upper() + text[1:]


def _reworded(action: str) -> list[str]:
    """The action in other words: first its verb, then its thing, then both, in turns."""
    verbs = next((found for group in VERB_GROUPS if (found := _swaps(action, [group]))), [])
    things = _swaps(action, THING_GROUPS, _HEAD)
    both = [other for verb in verbs for other in _swaps(verb, THING_GROUPS, _HEAD)[:1]]
    mixed = in_turns(verbs, both, things)
    return list(dict.fromkeys(one for one in mixed if one != action))


_HEAD = r"(?=$|\s+(?:to|in|on|at|for|from|with|of)\b)"
"""What follows a noun that is not part of a longer one, as "computer" is in "computer room"."""


def _swaps(action: str, groups: Sequence[Sequence[str]], after: str = r"\b") -> list[str]:
    found = []
    for group in groups:
        for word in group:
            pattern = rf"\b{re.escape(word)}{after}"
            if re.search(pattern, action, re.I):
                others = (other for other in group if other != word)
                found += [re.sub(pattern, other, action, count=1, flags=re.I) for other in others]
                break
    return found


def _about_parts(lesson: Lesson, action: str) -> list[str]:
    """The action asked about by what note and answer speak of, as "the orange disk"."""
    asked, noted = stems(f"{lesson.prompt} {action}"), stems(lesson.note)
    text = re.sub(r"`[^`]*`", ".", lesson.corrected)
    found = [match.groups("") for match in _PART.finditer(text)]
    parts = [one for one in found if stems(one[2]) & noted - asked]
    kinds = [thing.split()[-1] for _, _, thing in parts if " " in thing][:1]
    # A place is where something goes, and nothing is done with it.
    things = [
        f"{_MINE.get(article, 'the')} {thing}" for place, article, thing in parts if not place
    ]
    about = [one.replace("{a}", action) for one in PART_STUDY[: len(things)]]
    which = [f"Which {kind} do I need to {action}?" for kind in kinds]
    return which + list(_filled(about, things, "t"))


def _new(question: str, asked: set[str]) -> bool:
    plain = _plain(question)
    if plain in asked:
        return False
    asked.add(plain)
    return True


def _plain(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.casefold()))
