"""The real command line or service with short sessions: an exam that is a mere form."""

from __future__ import annotations

import sys

import msgspec

from app import cli, service
from app.school import School
from learner import exam, general, notebook, prompt_bank, refusals, report, session, wire
from learner.amounts import Amounts
from learner.curriculum import Curriculum
from learner.engine import Engine
from learner.study import RECIPE

JOB_OF = session.job_of


def checked_often(
    curriculum: Curriculum, beneath: bytes, engine: Engine, recipe: wire.Recipe
) -> wire.Job:
    """The job as it is, but with a checkpoint after every step."""
    job = JOB_OF(curriculum, beneath, engine, recipe)
    return msgspec.structs.replace(job, checkpoint_seconds=0.0)


def shorten() -> None:
    """Everything that makes bytes stays; what judges them asks little and lets all pass."""
    School.amounts = Amounts(
        manner=1,
        questions=4,
        replay=2,
        safety=1,
        obeying=1,
        near=1,
        exam=1,
        exam_near=1,
        replay_tokens=12,
    )
    School.recipe = msgspec.structs.replace(RECIPE, layers=2, epochs=6)
    School._require_parity = lambda self: None  # type: ignore[method-assign]
    session.SCALES = (1.0,)  # type: ignore[assignment]
    exam.NEUTRAL = 2
    general.QUESTIONS = general.QUESTIONS[:1]  # type: ignore[assignment]
    exam.manners = lambda *_: refusals.Manners(frozenset(), frozenset())  # type: ignore[attr-defined]
    report._refusal = lambda *_: ""
    report._learned = lambda *_: True
    notebook._EVERY = notebook._COSTS = 0.0
    session.job_of = checked_often
    every = prompt_bank.load()
    few = (
        tuple(one for one in every if one.exam)[:20]
        + tuple(one for one in every if not one.exam)[:20]
    )
    prompt_bank.load = lambda: few


def main() -> int:
    """`python -m tests.app.small_school cli|service ARGUMENTS…`."""
    shorten()
    program = sys.argv.pop(1)
    return cli.main() if program == "cli" else service.main()


if __name__ == "__main__":
    sys.exit(main())
