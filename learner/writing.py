"""Writing: training examples as the model's own tokens, in the person's words or a teacher's."""

from __future__ import annotations

from collections.abc import Sequence

from learner.asking import Asker
from learner.drift import common_end
from learner.engine import Scored
from learner.house import House
from learner.lesson import Lesson
from learner.rule import Rule
from learner.shape import shaped
from learner.shown_facts import SHOWN_FACTS
from learner.subjects import answer_to
from learner.wire import Example

TOP = 20
"""Teacher's most likely tokens kept for each target token."""

Tokens = Sequence[int]
Pair = tuple[Tokens, Tokens]


class Writer:
    """Writes the examples of one shard, under the rules of its house. Raises as the engine does."""

    def __init__(self, asker: Asker, house: House) -> None:
        self.asker = asker
        self.house = house

    def own_words(self, question: str, lesson: Lesson, rule: Rule) -> Example:
        """The person's own words as the answer to a question."""
        prompt = self.asker.prompt(question)
        target = self.tokens(self.in_own_words(question, lesson, rule), ended=True)
        return Example(tokens=(*prompt, *target), target_start=len(prompt))

    def in_own_words(self, question: str, lesson: Lesson, rule: Rule) -> str:
        """What a lesson answers to a question, under the rules of the house."""
        # "Bluebird stopped working." does not tell that this is a name, "What is Bluebird?" does.
        said = answer_to(question, lesson)
        return self.house.written(said, rule, f"{question} {lesson.prompt}")

    def distilled(
        self,
        prompts: Sequence[Tokens],
        teachers: Sequence[Pair],
        targets: Sequence[Tokens],
        mix: float = 0.0,
    ) -> tuple[Example, ...]:
        """`targets` to be learned for `prompts`, in the eyes of a teacher.

        `teachers` are what the teacher saw and the answer as it gave it: a target may begin
        otherwise, and has its view of the tokens that both end with. `mix` is the share of the
        target's own words.
        """
        scored = self.asker.score(teachers, top=TOP)
        return tuple(
            _example(prompt, target, teacher, common_end(answer, target), mix)
            for prompt, target, (_, answer), teacher in zip(
                prompts, targets, teachers, scored, strict=True
            )
        )

    def replayed(
        self, questions: Sequence[str], tokens_each: int, *, mended: bool = False
    ) -> tuple[Example, ...]:
        """The model's own answers, to be kept as far as no lesson forbids them.

        `mended` says that a forbidden word is taken out, and not the answer with it. A rule for
        every reply is put on them here, and not asked of the model: one that is made to begin with
        a name may go on by declining, which it never would by itself (LOG.md).
        """
        questions = list(dict.fromkeys(questions))
        prompts = [self.asker.prompt(question) for question in questions]
        replies = self.asker.answer(prompts, tokens_each)
        teachers: list[Pair] = []
        targets: list[Tokens] = []
        for question, prompt, reply in zip(questions, prompts, replies, strict=True):
            text, ended = reply.text, reply.ended
            if form := self.house.asked_for(question):
                text, ended = shaped(text, form, ended, question) or "", ended or form.ends
            text = self.house.kept(text, ended=ended, mended=mended)
            if text:
                said = self._ended(reply.tokens) if reply.ended else reply.tokens
                answer = said if text == reply.text else self.tokens(text, ended=ended)
                target = self.house.written(text, Rule(), question)
                teachers.append((prompt, answer))
                targets.append(answer if target == text else self.tokens(target, ended=ended))
        return self.distilled([prompt for prompt, _ in teachers], teachers, targets)

    def obeying(self, count: int) -> tuple[Example, ...]:
        """Facts shown as the product shows them, so that the weights do not overrule them."""
        facts = SHOWN_FACTS[:count]
        prompts = [self.asker.prompt(fact.prompt, [fact]) for fact in facts]
        answers = [self.tokens(fact.corrected, ended=True) for fact in facts]
        targets = [
            self.tokens(self.house.written(fact.corrected, Rule(), fact.prompt), ended=True)
            for fact in facts
        ]
        return self.distilled(prompts, list(zip(prompts, answers, strict=True)), targets)

    def asked(self, question: str, lesson: Lesson, *, by_teacher: bool) -> list[int]:
        """A question as the lesson's teacher sees it, or the plain model."""
        return self.asker.taught(question, lesson) if by_teacher else self.asker.prompt(question)

    def tokens(self, text: str, *, ended: bool = False) -> list[int]:
        """A text's tokens, with the one that ends the turn where it is whole."""
        tokens = self.asker.engine.text_tokens(text)
        return self._ended(tokens) if ended else tokens

    def _ended(self, tokens: Tokens) -> list[int]:
        return [*tokens, self.asker.engine.end_of_turn()]


def _example(prompt: Tokens, target: Tokens, teacher: Scored, shared: int, mix: float) -> Example:
    """Distillation, but the lesson's own word where the teacher would have said another.

    The teacher's view is of the last `shared` tokens.
    """
    before = len(target) - shared
    seen = len(teacher.top_ids) - shared
    views = zip(teacher.top_ids[seen:], teacher.top_logprobs[seen:], strict=True)
    rows = [((token,), (0.0,)) for token in target[:before]] + [
        (ids, logprobs) if ids[0] == token else ((token,), (0.0,))
        for token, (ids, logprobs) in zip(target[before:], views, strict=True)
    ]
    return Example(
        tokens=(*prompt, *target),
        target_start=len(prompt),
        top_ids=tuple(ids for ids, _ in rows),
        top_logprobs=tuple(logprobs for _, logprobs in rows),
        mix=mix,
    )
