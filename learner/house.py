"""House: the rules that every answer of a training keeps to, whichever lesson it is from."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from learner.lesson import Kind, Lesson
from learner.reading import rule_of
from learner.rule import Rule, broken, has_any
from learner.shape import shaped, without_loops


class House(msgspec.Struct, frozen=True):
    """`own` are the rules of all lessons, `everywhere` those of them for every reply."""

    own: tuple[Rule, ...]
    everywhere: tuple[Rule, ...]

    def written(self, answer: str, rule: Rule, question: str) -> str:
        """An answer in a lesson's form with the rules for every reply applied, where they fit.

        A form that says how an answer begins, or that it is somebody's letter, leaves no room for
        an opening: the person's own example has none there either.
        """
        begun = rule.opening or rule.starts
        form = begun or rule.bullet or rule.separator or rule.fence or rule.closing
        for other in () if form and rule not in self.everywhere else self.everywhere:
            if broken(other, answer):
                answer = shaped(answer, other, ended=True, question=question) or answer
        for own in self.own:
            if own.rewrites and broken(own.avoids, answer):
                answer = shaped(answer, own.avoids, ended=True) or answer
        return answer

    @classmethod
    def of(cls, lessons: Sequence[Lesson]) -> House:
        """A house with the rules of these lessons, those for every reply told apart."""
        rules = tuple(rule_of(lesson) for lesson in lessons if lesson.kind is Kind.MANNER)
        return cls(rules, tuple(rule for rule in rules if rule.everywhere))

    def asked_for(self, question: str) -> Rule | None:
        """The rule of a lesson whose questions all begin as this one does."""
        for rule in self.own:
            if rule.trigger and question.casefold().startswith(rule.trigger.casefold()):
                return rule
        return None

    def kept(self, answer: str, *, ended: bool, mended: bool = False) -> str:
        """An answer of the untouched model as it may stay; "" when it may not.

        Dates and spelling are rewritten. What has a forbidden word is left out, or mended where
        it must not be missed: a hundred mended answers would teach more than the lesson does.
        """
        text = without_loops(answer)
        if not text or text != answer.rstrip():
            return ""  # a loop is nothing to keep
        for rule in self.own:
            if ended and rule.everywhere and rule.last:
                return ""  # a whole answer without its last line teaches to leave that out
            if has_any(text, rule.forbidden_words):
                bare = Rule(banned=rule.banned)
                text = (shaped(text, bare, ended=True) or "") if mended else ""
            if rule.rewrites and broken(rule.avoids, text):
                text = shaped(text, rule.avoids, ended) or ""
        return answer if text == answer.rstrip() else text
