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
    """An example for each of the first few lessons, by its id; none when that is stopped.

    Asked without notes, as the exam asks. The exam itself uses other requests: that these come out
    right proves little, but they are what the person remembers.
    """
    asked = lessons[:MOST]
    prompts = [
        engine.chat_tokens([Turn("system", SYSTEM), Turn("user", lesson.prompt)])
        for lesson in asked
    ]
    bare = [number for number, lesson in enumerate(asked) if not lesson.rejected.strip()]
    try:
        after = engine.complete(prompts, max_tokens=TOKENS, adapter=adapter, stop=stop)
        said = engine.complete([prompts[n] for n in bare], max_tokens=TOKENS, stop=stop)
    except NightschoolError as error:
        # The session itself has succeeded; it is only told with one example less.
        logger.info("no own examples: %s", error.code)
        return {}
    before = dict(zip(bare, (one.text for one in said), strict=True))
    return {
        lesson.id: OwnExample(before.get(number, lesson.rejected), after[number].text)
        for number, lesson in enumerate(asked)
    }
