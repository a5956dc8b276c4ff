"""Own examples: what a new version says to the very requests that the person corrected."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import NightschoolError
from app.protocol import LessonRecord
from learner.card import SYSTEM
from learner.engine import AdapterRef, Engine, StopSignal, Turn

logger = logging.getLogger("school")

MOST = 3
"""Lessons whose own example is asked; a report is read in a minute."""

TOKENS = 200


@dataclass(frozen=True)
class OwnExample:
    """The reply that was corrected (the untouched model's, where none was), and the new one."""

    before: str
    after: str


def own_examples(
    lessons: Sequence[LessonRecord], engine: Engine, adapter: AdapterRef, stop: StopSignal
) -> dict[str, OwnExample]:
    """An example for each of the first few lessons, by its id; none at all when it is stopped.

    Asked without notes, as the exam asks. The exam itself uses other requests: that these come out
    right proves little, but they are what the person remembers.
    """
    try:
        return _asked(lessons[:MOST], engine, adapter, stop)
    except NightschoolError as error:
        # The session itself has succeeded; it is only told with less to show.
        logger.info("no own examples: %s", error.code)
        return {}


def _asked(
    lessons: Sequence[LessonRecord], engine: Engine, adapter: AdapterRef, stop: StopSignal
) -> dict[str, OwnExample]:
    prompts = {
        lesson.id: engine.chat_tokens([Turn("system", SYSTEM), Turn("user", lesson.prompt)])
        for lesson in lessons
    }
    room = engine.base_model().n_ctx - TOKENS
    asked = [lesson for lesson in lessons if len(prompts[lesson.id]) <= room]
    bare = [lesson for lesson in asked if not lesson.rejected.strip()]

    def said(to: Sequence[LessonRecord], ref: AdapterRef | None) -> dict[str, str]:
        found = engine.complete(
            [prompts[lesson.id] for lesson in to], max_tokens=TOKENS, adapter=ref, stop=stop
        )
        return {lesson.id: one.text for lesson, one in zip(to, found, strict=True)}

    after = said(asked, adapter) if asked else {}
    before = said(bare, None) if bare else {}
    return {
        lesson.id: OwnExample(before.get(lesson.id, lesson.rejected), after[lesson.id])
        for lesson in asked
    }
