"""Studying: lessons go to the learner, and what earned its place becomes the active adapter."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Literal

import msgspec

from app import heap, protocol
from app.adapters import AdapterManifest, AdapterStore
from app.errors import BusyError, EngineDiedError, StoppedError, StudyError
from app.ledger import Ledger
from app.ledger_lessons import LessonState, as_lesson
from app.meter import Meter
from app.mind import Learned, Mind
from app.notebook import SealedNotebook
from app.own_examples import OwnExample, own_examples
from app.protocol import LessonRecord, LessonResult, StudyReport
from app.shards import ShardStore
from app.stopping import Until
from app.telling import Send
from learner import notebook
from learner.amounts import Amounts
from learner.card import SYSTEM
from learner.engine import StopSignal, Turn
from learner.errors import LearnerError, TrainingStoppedError
from learner.report import library_versions
from learner.session import PUT_OFF
from learner.shards import TrainedShard
from learner.study import RECIPE, StudyProgress, StudyResult, study
from learner.trainer import check_parity

logger = logging.getLogger("school")

FACT_REASON = (
    "Facts stay in memory, where they can change; it is shown to the model when it matters."
)
PARITY_SETTING = "parity"
"""The model file and libraries for which trainer and engine were last seen to agree."""

_PARITY_QUESTIONS = ("What is the capital of France?", "Write a short poem.", "How do I cook rice?")


class School:
    """The use case `study`: one session at a time, stoppable, changing nothing until its end.

    `recipe` and `amounts` are those of every session, and of every proof about one.
    """

    recipe = RECIPE
    amounts = Amounts()

    def __init__(
        self,
        ledger: Ledger,
        store: AdapterStore,
        shards: ShardStore,
        notebook: SealedNotebook,
        mind: Mind,
    ) -> None:
        self._ledger = ledger
        self._store = store
        self._shards = shards
        self._notebook = notebook
        self._mind = mind
        self._one_session = threading.Lock()
        self._stop = threading.Event()

    @property
    def in_session(self) -> bool:
        """Whether a session runs."""
        return self._one_session.locked()

    def stop(self) -> None:
        """Ask the running session, if any, to end."""
        self._stop.set()

    @contextmanager
    def closed(self) -> Iterator[None]:
        """No session runs inside: one that does is stopped first, and none can start."""
        self.stop()
        with self._one_session:
            yield

    def require_rest(self, why: str) -> None:
        """Raises BusyError, with the reason, while a session runs."""
        if self.in_session:
            raise _busy(why)

    def resting(self, why: str, stop: StopSignal) -> Until:
        """Set by `stop`, or when a session begins. Raises BusyError as `require_rest`."""
        self.require_rest(why)
        return Until(lambda: stop.is_set() or self.in_session)

    @contextmanager
    def free(self, stop: threading.Event) -> Iterator[None]:
        """A session's work goes on inside, ended by `stop`. Raises BusyError beside another."""
        if not self._one_session.acquire(blocking=False):
            raise _busy("Only one can run at a time.")
        self._stop = stop
        try:
            yield
        finally:
            self._one_session.release()
            heap.give_back()
            self._mind.announce(("status",))

    def study(
        self,
        request: protocol.Study,
        send: Send,
        stop: threading.Event,
        bring: Callable[[], Sequence[TrainedShard]] = tuple,
    ) -> StudyReport:
        """Study every lesson that belongs in the weights and activate the result if it helps.

        `bring` is called once the session has begun, for shards from elsewhere: those that are
        their lessons' own are not trained again.
        Raises BusyError when a session runs, StudyError when there is nothing to study or the
        learner failed, StoppedError when stopped; in each case what was active stays active.
        """
        with self.free(stop):
            self._mind.announce(("status",))
            try:
                return self._session(request, send, bring())
            except TrainingStoppedError as error:
                raise StoppedError(error.title, error.message, error.next_step) from error
            except LearnerError as error:
                logger.warning("study failed: %s %s", error.code, error.detail)
                raise StudyError(error.title, error.message, error.next_step) from error
            finally:
                self._mind.announce(("lessons", "adapters"))

    def _session(
        self,
        request: protocol.Study,
        send: Send,
        brought: Sequence[TrainedShard],
    ) -> StudyReport:
        started, meter = datetime.now(UTC).isoformat(timespec="seconds"), Meter()
        records = self._for_weights()

        def on_progress(progress: StudyProgress) -> None:
            meter.sample()
            send(told(progress, request.id))

        send(_at(request, "prepare", "Checking that this model can be trained"))
        self._require_parity()
        learned = self._mind.learned()
        engine = self._mind.engine()
        result = study(
            [as_lesson(record) for record in records],
            engine,
            recipe=self.recipe,
            amounts=self.amounts,
            budget_seconds=request.budget_minutes * 60,
            current=learned.ref if learned else None,
            kept=[*self._shards.kept(engine.base_model().sha256), *brought],
            notebook=self._notebook,
            on_progress=on_progress,
            stop=self._stop,
        )
        self._check_unchanged(records)
        send(_at(request, "activate", "Writing down what was learned"))
        told_of = self._told(result, records, learned)
        report = msgspec.structs.replace(
            self._conclude(result, told_of, started),
            by_night=request.id == protocol.NIGHT,
            usage=meter.usage(),
        )
        self._ledger.add_report(report)
        self._put_away(result)
        return report

    def _put_away(self, result: StudyResult) -> None:
        """The notebook is closed, unless the next session can go on with what is half done."""
        if not result.unfinished:
            notebook.close(self._notebook)
            self._ledger.settle_forgotten()

    def _require_parity(self) -> None:
        """Once for every model and set of libraries: what is trained must be what is served."""
        engine = self._mind.engine()
        base = engine.base_model()
        stamp = " ".join(
            [base.sha256, *(f"{name}={number}" for name, number in library_versions())]
        )
        if self._ledger.setting(PARITY_SETTING) == stamp:
            return
        chats = [[Turn("system", SYSTEM), Turn("user", asked)] for asked in _PARITY_QUESTIONS]
        found = check_parity(
            base.path, engine, [engine.chat_tokens(chat) for chat in chats], stop=self._stop
        )
        logger.info("parity: base %.4f adapter %.4f", found.kl_base, found.kl_adapter)
        if not found.ok:
            raise StudyError(
                "This model cannot study here",
                "What is trained and what answers do not agree about it"
                f" ({max(found.kl_base, found.kl_adapter):.2f} nats apart).",
                "Choose another model; your lessons go on working as notes.",
            )
        self._ledger.set_setting(PARITY_SETTING, stamp)

    def _for_weights(self) -> list[LessonRecord]:
        """The lessons to train on; facts are told that they stay in memory."""
        candidates = [r for r in self._ledger.lessons() if r.state != "superseded"]
        for record in candidates:
            if record.kind == "fact" and record.state != "in_context":
                self._ledger.set_lesson(record.id, state="in_context", reason=FACT_REASON)
        lessons = [record for record in candidates if record.kind != "fact"]
        if not lessons:
            raise StudyError(
                "There is nothing to study",
                "No lesson is waiting."
                if not candidates
                else "All lessons are facts, and facts stay in memory.",
                "Correct an answer first; then study.",
            )
        # Oldest first: the learner is a pure function of the list, which only grows at its end.
        return lessons[::-1]

    def _check_unchanged(self, records: Sequence[LessonRecord]) -> None:
        """A lesson forgotten or changed during the session must not come back by its result."""
        now = {record.id: as_lesson(record) for record in self._ledger.lessons()}
        if any(now.get(record.id) != as_lesson(record) for record in records):
            raise StudyError(
                "The lessons changed while they were studied",
                "A lesson was forgotten or changed, so this session's result was thrown away.",
                "Study again.",
            )

    def _told(
        self, result: StudyResult, records: Sequence[LessonRecord], learned: Learned | None
    ) -> tuple[LessonResult, ...]:
        """What came of each lesson, with the person's own examples of those newly learned."""
        results = msgspec.convert(result.lessons, tuple[LessonResult, ...], from_attributes=True)
        held = learned.lesson_ids if learned else ()
        newly = {r.lesson_id for r in results if r.decision == "learned"}.difference(held)
        examples: dict[str, OwnExample] = {}
        if result.adapter_gguf is not None and newly:
            engine = self._mind.engine()
            newest = [record for record in reversed(records) if record.id in newly]
            with engine.stage(result.adapter_gguf) as staged:
                adapter = msgspec.structs.replace(staged, scale=result.scale)
                examples = own_examples(newest, engine, adapter, self._stop)
        return tuple(
            msgspec.structs.replace(
                one,
                newly=one.lesson_id in newly,
                own_before=examples[one.lesson_id].before if one.lesson_id in examples else "",
                own_after=examples[one.lesson_id].after if one.lesson_id in examples else "",
            )
            for one in results
        )

    def _conclude(
        self, result: StudyResult, results: tuple[LessonResult, ...], started: str
    ) -> StudyReport:
        version: int | None = None
        held: tuple[str, ...] = ()
        if result.adapter_gguf is not None:
            version = self._activate(result)
        elif learned := self._mind.learned():
            held = learned.lesson_ids  # the version in use stays, and what it holds with it
        for outcome in result.lessons:
            if outcome.decision == "in_context" and outcome.lesson_id not in held:
                waits: LessonState = "new" if outcome.reason == PUT_OFF else "in_context"
                self._ledger.set_lesson(outcome.lesson_id, state=waits, reason=outcome.reason)
        return StudyReport(
            started=started,
            activated=version is not None,
            decision=result.decision,
            lessons=results,
            exam=_figures(result),
            adapter=version,
            sha256=result.sha256,
            seconds=result.seconds,
            peak_memory_mb=result.peak_memory_mb,
            learned=sum(one.decision == "learned" for one in results),
            in_context=sum(one.decision == "in_context" for one in results),
        )

    def _activate(self, result: StudyResult) -> int:
        """Seal, record, then switch: killed anywhere between, the former version stays active."""
        assert result.adapter_gguf is not None
        base = self._mind.engine().base_model()
        manifest = AdapterManifest(
            base_name=base.name,
            base_sha256=base.sha256,
            lesson_ids=result.taught,
            learned=tuple(r.lesson_id for r in result.lessons if r.decision == "learned"),
            scale=result.scale,
            recipe=result.recipe_version,
            libraries=tuple(f"{name} {number}" for name, number in result.library_versions),
            exam=_figures(result),
            parent=self._ledger.active_adapter(),
            shards=self._shards.put(base.sha256, result.shards),
        )
        version = self._store.add(result.adapter_gguf, manifest)
        self._store.activate(version)
        gone = self._store.tidy()
        with suppress(EngineDiedError):  # an engine that has ended holds nothing
            self._mind.drop(gone)
        self._mind.warm()
        return version


def told(progress: StudyProgress, request_id: str, before: str = "") -> protocol.Progress:
    """How far the learner is, as it travels; `before` goes before what it is doing."""
    return protocol.Progress(
        id=request_id,
        phase=progress.phase,
        step=progress.step,
        steps=progress.steps,
        seconds_left=progress.seconds_left,
        detail=f"{before}{progress.detail}",
    )


def _at(
    request: protocol.Study, phase: Literal["prepare", "activate"], detail: str
) -> protocol.Progress:
    """One of the short phases, which have no steps of their own."""
    return protocol.Progress(
        id=request.id, phase=phase, step=0, steps=1, seconds_left=None, detail=detail
    )


def _figures(result: StudyResult) -> protocol.ExamFigures | None:
    """The learner's figures as they travel: the two records have the same fields."""
    return msgspec.convert(result.exam, protocol.ExamFigures | None, from_attributes=True)


def _busy(why: str) -> BusyError:
    return BusyError("A study session is running", why, "Wait for it, or cancel it first.")
