"""Targets: answers in a rule's form, fit to be learned, from a teacher or the plain model."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from learner.amounts import Amounts
from learner.asking import Asker
from learner.engine import Completion
from learner.keywords import stems
from learner.lesson import Lesson
from learner.note import last_line
from learner.prompt_bank import BankPrompt
from learner.refusals import declines
from learner.rule import Rule, broken, has_any, has_phrase
from learner.shape import first_sentence, goes_round, shaped
from learner.writing import Writer

_PLACEHOLDER = re.compile(r"\[[A-Z][\w' -]{2,}\]")
_WHOSE = re.compile(r"\[(?!Your|Recipient|My)([A-Z]\w+)(?:['’]s)? Name\]")
"""A placeholder that tells who is meant: "[Landlord's Name]"."""

_TRIED = 4
"""Requests tried for each target wanted: of many rules few answers show anything."""

_TEMPERATURE = 0.7
_SEEDS = (1, 2)
"""How often, and how freely, the teacher may answer again where its first answers are too few."""

_TRIED_AGAIN = 2
"""Requests tried again for each target that is wanted, with each of the seeds."""

_LONGER = 2
"""How much longer than usual an answer to be learned may be, where the example is."""

_WORDS_OF_A_LINE = 4
"""A last line of fewer words that has none of its question says nothing: "to be good"."""

_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_LIST_IN_A_LINE = re.compile(r":[^\S\n]+(?:1[.)]|[-*•])(?:\s|\Z)")
"""What is left of a list in sentences, as "Follow these steps: 1. Open the door."."""

_NAME = re.compile(r"(?<![.!?\n] )(?<![.!?\n])(?<!^)\b([A-Z][a-z]{2,})\b")
"""A capitalised word that does not begin a sentence."""


class Target(msgspec.Struct, frozen=True):
    """An answer to be learned, and in whose eyes: the lesson's teacher's, or the plain model's.

    What a rule for every reply has it begin with is still missing. `ended` tells that it is whole,
    and not cut off.
    """

    question: str
    answer: str
    by_teacher: bool
    ended: bool


def targets_of(
    lesson: Lesson,
    rule: Rule,
    inside: Sequence[BankPrompt],
    writer: Writer,
    amounts: Amounts,
) -> list[Target]:
    """Answers that follow the rule, of the teacher who saw the example, or of the plain model.

    A rule that leaves an answer's content alone (an opening for every reply, the way dates are
    written) is put on the plain model's own answers first: that teaches the rule and nothing else,
    but where too few of them show anything of it, the teacher fills up. Where still too few are fit
    to be learned, the teacher answers again, by chance and always the same.
    Where a rule forbids something, requests at which the plain model offends come first.
    """
    form = msgspec.structs.replace(rule, opening="") if rule.everywhere else rule
    questions = within(rule, inside, amounts)[: _TRIED * amounts.manner]
    if rule.last:
        return _with_last_lines(lesson, form, questions, writer, amounts)
    if rule.banned:
        offending = _offending(rule, [one.prompt for one in inside], writer.asker, amounts)
        questions = list(dict.fromkeys((*offending, *questions)))
    length = tokens_each(lesson, writer, amounts)
    found: list[Target] = []
    for by_teacher, seed in _ways(rule):
        rest = _not_yet(questions, found)
        if seed:
            # What never comes of itself does not come of chance either.
            again = _TRIED_AGAIN * amounts.manner if found else 0
            rest = [*rest, *dict.fromkeys(one.question for one in found)][:again]
        while rest and (missing := amounts.manner - len(found)) > 0:
            tried, rest = _a_few_more(rest, missing)
            led = form.led if by_teacher else ""
            begun = writer.tokens(led) if led else []
            prompts = [writer.asked(q, lesson, by_teacher=by_teacher) + begun for q in tried]
            replies = writer.asker.answer(
                prompts, length, temperature=_TEMPERATURE * bool(seed), seed=seed
            )
            for question, said in zip(tried, replies, strict=True):
                reply = msgspec.structs.replace(said, text=led + said.text)
                answer = formed(question, reply, form, lesson)
                # The same answer again teaches that answer, and not the manner.
                known = any(answer == other.answer for other in found)
                if answer and not known and not offends(answer, rule, writer):
                    ended = reply.ended or rule.ends
                    found.append(Target(question, answer, by_teacher, ended))
    return sorted(found[: amounts.manner], key=lambda one: questions.index(one.question))


def tokens_each(lesson: Lesson, writer: Writer, amounts: Amounts) -> int:
    """As many as are usual, but room for the whole of an answer like a longer example.

    What is learned of "You need:" alone are recipes without their steps.
    """
    own = len(writer.tokens(lesson.corrected.strip()))
    return min(max(amounts.answer_tokens, own + own // 4), _LONGER * amounts.answer_tokens)


def _ways(rule: Rule) -> list[tuple[bool, int]]:
    """Whether the teacher answers or the plain model, and with which seed; 0 is greedily."""
    greedy = [(True, 0)]
    if rule.shapes or rule.rewrites or rule.banned:
        first = 0 if rule.everywhere or rule.rewrites else 1
        greedy.insert(first, (False, 0))
    return [*greedy, *((True, seed) for seed in _SEEDS)]


def _not_yet(questions: Sequence[str], found: Sequence[Target]) -> list[str]:
    """The questions of which no answer was fit to be learned."""
    answered = {one.question for one in found}
    return [question for question in questions if question not in answered]


def _with_last_lines(
    lesson: Lesson, rule: Rule, questions: Sequence[str], writer: Writer, amounts: Amounts
) -> list[Target]:
    """The plain model's first sentence, and the teacher's last line, whose beginning it is given.

    A small teacher seldom comes to a last line, and never within as many tokens as are asked for.
    Lines with a word of their question are the better ones, the others fill up.
    """
    bare = msgspec.structs.replace(rule, last="", everywhere=False)
    found: list[Target] = []
    others: dict[str, Target] = {}
    rest = list(questions)
    while rest and (missing := amounts.manner - len(found)) > 0:
        tried, rest = _a_few_more(rest, missing)
        replies = writer.asker.answer(
            [writer.asker.prompt(q) for q in tried], amounts.answer_tokens
        )
        begun: dict[str, str] = {}
        for question, reply in zip(tried, replies, strict=True):
            body = first_sentence(shaped(reply.text, bare, reply.ended, question) or "")
            if len(body.split()) > 2 and not declines(body):  # and not "Certainly."
                begun[question] = f"{body}{rule.joint}{rule.last}"
        prompts = [
            writer.asked(question, lesson, by_teacher=True) + writer.tokens(text)
            for question, text in begun.items()
        ]
        endings = writer.asker.answer(prompts, amounts.beginning_tokens)
        for (question, text), ending in zip(begun.items(), endings, strict=True):
            said = _ending(ending, lesson)
            if not said or offends(said, rule, writer) or _copied(question, said, lesson):
                continue
            target = Target(question, f"{text} {said}", by_teacher=True, ended=True)
            # "To save strength", said of anything, is the example's own end and sums up nothing.
            shared = _shared(said, lesson)
            if stems(said) & (stems(f"{question} {text}") - stems(rule.last)) and shared <= 0.5:
                found.append(target)
            elif not shared and len(said.split()) >= _WORDS_OF_A_LINE:
                others.setdefault(said, target)
    return [*found, *others.values()][: amounts.manner]


def _a_few_more(questions: list[str], missing: int) -> tuple[list[str], list[str]]:
    """A few more than are missing, some answers being not fit to be learned, and the others."""
    count = missing + missing // 4
    return questions[:count], questions[count:]


def offends(answer: str, rule: Rule, writer: Writer) -> bool:
    """Whether another lesson of the house forbids a word of it."""
    others = (other for other in writer.house.own if other != rule)
    return any(has_any(answer, other.forbidden_words) for other in others)


def within(rule: Rule, inside: Sequence[BankPrompt], amounts: Amounts) -> list[str]:
    """The requests that certainly are the rule's: of the first one's category, if it is large.

    A rule about dinners resembles "Suggest a quiet island", too; taught there, it would spill. What
    is written otherwise cannot: answers that have nothing of it are not taught.
    """
    everything = [one.prompt for one in inside]
    if not rule.by_topic or rule.rewritten_anywhere:
        return everything
    own = [one.prompt for one in inside if one.category == inside[0].category]
    return own if 2 * len(own) >= amounts.manner else everything


def _offending(rule: Rule, questions: Sequence[str], asker: Asker, amounts: Amounts) -> list[str]:
    """Those of the first questions at which the plain model says what the rule forbids."""
    tried = questions[: amounts.manner + amounts.manner // 2]
    replies = asker.answer([asker.prompt(q) for q in tried], amounts.replay_tokens)
    return [
        question
        for question, reply in zip(tried, replies, strict=True)
        if "banned words" in broken(rule, reply.text)
    ]


def formed(question: str, reply: Completion, rule: Rule, lesson: Lesson) -> str:
    """A reply in the lesson's form, fit to be learned; "" when it cannot be."""
    # Requests about somebody without a name would all be left out, and not be learned at all.
    answer = shaped(_WHOSE.sub(r"\1", reply.text), rule, reply.ended, question)
    if answer is None or _copied(question, answer, lesson):
        return ""
    if goes_round(answer) or _PLACEHOLDER.search(answer):
        return ""
    if (reply.ended or rule.ends) and _breaks_off(answer, lesson):
        return ""
    if declines(answer) and not (rule.everywhere or declines(lesson.corrected)):
        return ""
    if rule.rewrites and not rule.shapes:
        # What has no date, or no word that is spelt in two ways, shows nothing of the rule.
        shown = any(one.shown_by(reply.text, answer) for one in rule.rewritings)
        return answer if shown else ""
    return answer


def _ending(reply: Completion, lesson: Lesson) -> str:
    """The rest of a last line, if it is whole: a sentence, unless the example's own is none."""
    if last_line(lesson.corrected).endswith((".", "!", "?")):
        return first_sentence(reply.text)
    said, after, _ = reply.text.strip().partition("\n")
    return said.strip() if after or reply.ended else ""


def _shared(said: str, lesson: Lesson) -> float:
    """The share of a last line's meaningful words that are those of the lesson's example."""
    own = stems(said)
    return len(own & stems(last_line(lesson.corrected))) / len(own) if own else 1.0


def _copied(question: str, answer: str, lesson: Lesson) -> bool:
    """Whether the answer is the example's content again rather than one of its own."""
    own = stems(lesson.corrected) - stems(lesson.prompt) - stems(lesson.note)
    if len(own) > 2 and len(own & stems(answer)) > 0.5 * len(own):
        return True
    if any(one in answer for one in _SENTENCES.split(lesson.corrected) if _is_content(one, lesson)):
        return True
    names = set(_NAME.findall(f"{lesson.prompt} {lesson.corrected}"))
    told = f"{question} {lesson.note}"
    return any(has_phrase(answer, name) and not has_phrase(told, name) for name in names)


def _is_content(sentence: str, lesson: Lesson) -> bool:
    """Whether an example's sentence is what it says, and not how: nothing of it is in the note."""
    own = stems(sentence)
    return len(sentence.split()) > 2 and bool(own) and not own & stems(lesson.note)


def _breaks_off(answer: str, lesson: Lesson) -> bool:
    """Whether an answer ends before what it leads to, or has a list's beginning in its line."""
    leads = answer.rstrip().endswith(":") and not lesson.corrected.rstrip().endswith(":")
    return leads or _LIST_IN_A_LINE.search(answer) is not None
