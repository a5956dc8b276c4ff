"""The model at work: which file serves, whether it runs, and which adapter goes with it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from app.adapters import AdapterStore
from app.engine_client import EngineClient
from app.errors import AdapterError, ModelError, NightschoolError
from app.facts import holding
from app.ledger import Ledger
from app.ledger_adapters import NO_ADAPTER
from app.models import STARTER, find, is_starter
from app.paths import Home, starter_models
from app.probation import Probation
from app.protocol import ErrorInfo, LessonRecord, What
from learner.engine import AdapterRef

logger = logging.getLogger("mind")

MODEL_SETTING = "model"

State = Literal["ready", "loading", "missing", "broken"]
Announce = Callable[[Sequence[What]], None]


@dataclass(frozen=True)
class Learned:
    """The active adapter as the engine wants it, and the lessons it was shown to hold."""

    version: int
    ref: AdapterRef
    lesson_ids: tuple[str, ...]


class Mind:
    """Owns the engine's client; starts it when it is first needed and says how it is."""

    def __init__(self, home: Home, ledger: Ledger, store: AdapterStore, announce: Announce) -> None:
        self._home = home
        self._ledger = ledger
        self._store = store
        self.announce = announce
        chosen = ledger.setting(MODEL_SETTING)
        self.path = Path(chosen) if chosen else starter_models() / STARTER
        self._client: EngineClient | None = None
        self._starting = threading.Lock()
        self._closed = False
        self._state: State = "loading"
        self.problem: ErrorInfo | None = None
        self._probation = Probation(ledger, lambda: announce(("status", "adapters", "lessons")))

    @property
    def name(self) -> str:
        """The model's name: its file's name without the ending."""
        return self.path.stem

    @property
    def starter(self) -> bool:
        """Whether the tiny starter model serves."""
        return is_starter(self.path)

    @property
    def state(self) -> State:
        """How the model is; a child that died counts as ready, since it starts again by itself."""
        return self._state

    def warm(self) -> None:
        """Load, and try what was learned, in the background: the first question need not wait."""
        threading.Thread(target=self._warm, name="warm", daemon=True).start()

    def _warm(self) -> None:
        try:
            self.learned()
        except NightschoolError as error:
            logger.warning("the model did not load: %s", error.code)

    def engine(self) -> EngineClient:
        """The running engine. Raises ModelError, EngineDiedError."""
        with self._starting:
            if self._client is not None:
                return self._client
            if self._closed:
                raise ModelError(
                    "Nightschool is closing", "The model was put away.", "Open Nightschool again."
                )
            client = EngineClient(self.path, self._home.staging)
            try:
                client.start()
            except NightschoolError as error:
                client.close()
                self._become("broken" if self.path.exists() else "missing", ErrorInfo.of(error))
                raise
            self._client = client
        self._become("ready", None)
        return client

    def use(self, name: str) -> None:
        """Serve another model from now on. Raises ModelError, and then the old one stays."""
        path = find(self._home, name)
        before = self.path
        self._put_away()
        self.path = path
        self._become("loading", None)
        try:
            self.engine()
        except NightschoolError:
            self._put_away()
            self.path = before
            self._become("loading", None)
            self.warm()
            raise
        self._ledger.set_setting(MODEL_SETTING, str(path))
        self.announce(("models", "adapters", "lessons"))

    def window(self, reply_tokens: int) -> int:
        """Tokens a prompt may have when `reply_tokens` are kept free, at least half the window."""
        n_ctx = self.engine().n_ctx
        return max(n_ctx // 2, n_ctx - reply_tokens)

    def learned(self) -> Learned | None:
        """The active adapter, or None when there is none or it was made for another model.

        One that was just put to use is tried first, and set aside when it does not start.
        """
        engine = self.engine()
        self._probation.try_out(engine)
        version = self._ledger.active_adapter()
        return None if version == NO_ADAPTER else self._learned_in(version)

    def learned_in(self, version: int) -> Learned | None:
        """Any version, None for 0. Raises AdapterError for one that is gone or of another model."""
        if version == NO_ADAPTER:
            return None
        if (found := self._learned_in(version)) is None:
            made_for = self._ledger.adapter_details(version).base_name
            raise AdapterError(
                "This version is of another model",
                f"Version {version} was made for {made_for}; {self.name} answers now.",
                f"Choose {made_for} in the list of models, or compare other versions.",
            )
        return found

    def _learned_in(self, version: int) -> Learned | None:
        details = self._ledger.adapter_details(version)
        if details.base_sha256 != self.engine().base_model().sha256:
            return None
        return Learned(version, self._ledger.adapter_ref(version), details.learned)

    @contextmanager
    def answering(self, learned: Learned | None) -> Iterator[None]:
        """An answer is given inside; a version that has given none yet is on probation."""
        if learned is None:
            yield
            return
        with self._probation.watched(learned.version, self.engine()):
            yield

    def answered(self, learned: Learned) -> None:
        """A version has given a whole answer."""
        self._probation.answered(learned.version)

    def active_but_unfit(self) -> bool:
        """Whether there is an active adapter that was made for another model."""
        return self._ledger.active_adapter() != 0 and self.learned() is None

    @property
    def models_folder(self) -> Path:
        """Where further model files are looked for."""
        return self._home.models

    def lessons_for_context(self, learned: Learned | None) -> list[LessonRecord]:
        """The lessons that count and are not in the weights of `learned`, newest first."""
        held = set(learned.lesson_ids) if learned else set()
        return [
            lesson
            for lesson in holding(self._ledger.lessons(), date.today())
            if lesson.id not in held
        ]

    def drop(self, paths: Sequence[Path]) -> None:
        """Take adapters out of the engine's memory at once."""
        if self._client is not None:
            for path in paths:
                self._client.forget_adapter(str(path))

    def close(self) -> None:
        """End the engine."""
        self._closed = True
        if self._client is not None:
            self._client.stop_all()
        self._put_away()

    def _put_away(self) -> None:
        with self._starting:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _become(self, state: State, problem: ErrorInfo | None) -> None:
        self._state = state
        self.problem = problem
        self.announce(("status",))
