"""Writing: training examples as the model's own tokens, in the person's words or a teacher's."""

from __future__ import annotations

from collections.abc import Sequence

from learner.asking import Asker
from learner.engine import Scored
from learner.house import House
from learner.lesson import Lesson
from learner.prompt_bank import BankPrompt
from learner.rule import Rule
from learner.shown_facts import SHOWN_FACTS
from learner.wire import Example

TOP = 20
"""Teacher's most likely tokens kept for each target token."""

Pair = tuple[Sequence[int], Sequence[int]]


class Writer:
    """Writes the examples of one shard, under the rules of its house. Raises as the engine does."""

    def __init__(self, asker: Asker, house: House) -> None:
        self.asker = asker
        self.house = house

    def own_words(self, question: str, answer: str, rule: Rule) -> Example:
        """The person's own words as the answer to a question."""
        prompt = self.asker.prompt(question)
        target = self.tokens(self.house.written(answer.strip(), rule, question), ended=True)
        return Example(tokens=(*prompt, *target), target_start=len(prompt) + self._given(target))

    def distilled(
        self, prompts: Sequence[Sequence[int]], teachers: Sequence[Pair]
    ) -> tuple[Example, ...]:
        """Answers in a teacher's eyes: (what the teacher saw, the answer) for each prompt."""
        scored = self.asker.score(teachers, top=TOP)
        return tuple(
            _example(prompt, answer, teacher, self._given(answer))
            for prompt, (_, answer), teacher in zip(prompts, teachers, scored, strict=True)
        )

    def replayed(self, requests: Sequence[BankPrompt], tokens_each: int) -> tuple[Example, ...]:
        """The base's own answers, to be kept, as far as no lesson of the shard forbids them.

        Where another shard teaches how every reply begins, every other answer is left without
        that: some lessons' answers have a form of their own, and go without it as well.
        """
        every = self.house.begins(Rule())
        openings = [
            "" if self.house.given and number % 2 else every for number in range(len(requests))
        ]
        begun = {opening: self._opened(opening) for opening in ("", every)}
        prompts = [self.asker.prompt(one.prompt) for one in requests]
        replies = self.asker.answer(
            [[*prompt, *begun[opening]] for prompt, opening in zip(prompts, openings, strict=True)],
            tokens_each,
        )
        answers: list[Pair] = []
        for prompt, opening, reply in zip(prompts, openings, replies, strict=True):
            apart = " " if opening and not reply.text[:1].isspace() else ""
            text = self.house.kept(f"{opening}{apart}{reply.text}", ended=reply.ended)
            if text:
                exact = text == opening + reply.text
                tokens = [*begun[opening], *reply.tokens] if exact else self.tokens(text)
                end = [self.asker.engine.end_of_turn()] if reply.ended else []
                answers.append((prompt, [*tokens, *end]))
        return self.distilled([prompt for prompt, _ in answers], answers)

    def obeying(self, count: int) -> tuple[Example, ...]:
        """Facts shown as the product shows them, so that the weights do not overrule them."""
        answers: list[Pair] = []
        for fact in SHOWN_FACTS[:count]:
            text = self.house.written(fact.corrected, Rule(), fact.prompt)
            answers.append((self.asker.prompt(fact.prompt, [fact]), self.tokens(text, ended=True)))
        return self.distilled([prompt for prompt, _ in answers], answers)

    def asked(self, question: str, lesson: Lesson, *, by_teacher: bool) -> list[int]:
        """A question as the lesson's teacher sees it, or the plain model."""
        return self.asker.taught(question, lesson) if by_teacher else self.asker.prompt(question)

    def begun(self, rule: Rule) -> list[int]:
        """The tokens of the opening that an answer in a lesson's form is given."""
        return self._opened(self.house.begins(rule))

    def _opened(self, opening: str) -> list[int]:
        return self.asker.engine.text_tokens(opening) if opening else []

    def tokens(self, text: str, *, ended: bool = False) -> list[int]:
        """A text's tokens, with the one that ends the turn where it is whole."""
        tokens = self.asker.engine.text_tokens(text)
        return [*tokens, self.asker.engine.end_of_turn()] if ended else tokens

    def _given(self, answer: Sequence[int]) -> int:
        """How many tokens an answer begins with that another shard's rule puts there."""
        opening = self._opened(self.house.given.rstrip())
        begins = bool(opening) and list(answer[: len(opening)]) == opening
        return len(opening) if begins and len(answer) > len(opening) else 0


def _example(prompt: Sequence[int], target: Sequence[int], teacher: Scored, given: int) -> Example:
    """Distillation, but the lesson's own word where the teacher would have said another.

    The first `given` tokens of the target are not learned.
    """
    rows = [
        (ids, logprobs) if ids[0] == token else ((token,), (0.0,))
        for token, ids, logprobs in zip(target, teacher.top_ids, teacher.top_logprobs, strict=True)
    ][given:]
    return Example(
        tokens=(*prompt, *target),
        target_start=len(prompt) + given,
        top_ids=tuple(ids for ids, _ in rows),
        top_logprobs=tuple(logprobs for _, logprobs in rows),
        mix=0.0,
    )
