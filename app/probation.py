"""Probation: a version just put to use is tried, and set aside when it fails to start twice."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.engine_client import EngineClient
from app.errors import AdapterError, EngineDiedError
from app.ledger import Ledger
from app.ledger_adapters import NO_ADAPTER
from app.ledger_versions import ANSWERED, NEW, TRIED
from learner.card import SYSTEM
from learner.engine import Turn

logger = logging.getLogger("probation")

FAILURES = 2
"""Failed starts in a row after which a version is not used any more."""

_TRIAL = (Turn("system", SYSTEM), Turn("user", "Hello."))
_TRIAL_TOKENS = 4


class Probation:
    """Lasts from the activation of a version to its first whole answer, across restarts.

    A failed start is a refusal to load the version, or the end of the engine's process while it
    answers with it. Only what was seen is counted: closing or killing Nightschool is no failure.
    """

    def __init__(self, ledger: Ledger, on_set_aside: Callable[[], None]) -> None:
        self._ledger = ledger
        self._on_set_aside = on_set_aside
        self._trying = threading.Lock()
        self._counting = threading.Lock()
        self._counted: tuple[EngineClient, int] | None = None

    def try_out(self, engine: EngineClient) -> None:
        """Let the version in use say a few words, unless it has; then one is in use that can.

        Costs a few words for each activation. Raises what the engine raises for other reasons.
        """
        with self._trying:
            while (version := self._untried(engine)) != NO_ADAPTER:
                prompt, deaths = engine.chat_tokens(_TRIAL), engine.deaths
                try:
                    ref = self._ledger.adapter_ref(version)
                    engine.complete([prompt], max_tokens=_TRIAL_TOKENS, adapter=ref)
                except (EngineDiedError, AdapterError) as error:
                    if not self._is_failed_start(error, engine, deaths):
                        raise
                    self._failed(version, engine)
                else:
                    self._ledger.note_start(version, TRIED)

    @contextmanager
    def watched(self, version: int, engine: EngineClient) -> Iterator[None]:
        """What goes wrong inside is a failed start of a version that has not answered yet."""
        deaths = engine.deaths
        try:
            yield
        except (EngineDiedError, AdapterError) as error:
            waits = self._start_of(version) != ANSWERED
            if waits and self._is_failed_start(error, engine, deaths):
                self._failed(version, engine)
            raise

    def answered(self, version: int) -> None:
        """It has given a whole answer: from now on it is never set aside by itself."""
        if self._start_of(version) != ANSWERED:
            self._ledger.note_start(version, ANSWERED)

    def _start_of(self, version: int) -> int:
        # Where nothing can be written down, nothing is on probation.
        return ANSWERED if self._ledger.read_only else self._ledger.start_of(version)

    def _untried(self, engine: EngineClient) -> int:
        """The version in use when nothing is known of it and it is of this model, else 0."""
        version = self._ledger.active_adapter()
        if version == NO_ADAPTER or self._start_of(version) != NEW:
            return NO_ADAPTER
        of_this_model = self._ledger.adapter_details(version).base_sha256
        return version if of_this_model == engine.base_model().sha256 else NO_ADAPTER

    def _is_failed_start(
        self, error: EngineDiedError | AdapterError, engine: EngineClient, deaths: int
    ) -> bool:
        """Whether an error tells against a version; one end of the engine tells once."""
        if isinstance(error, AdapterError):
            return True
        with self._counting:
            end = (engine, engine.deaths)
            seen, self._counted = self._counted == end, end
            return engine.deaths > deaths and not seen

    def _failed(self, version: int, engine: EngineClient) -> None:
        failures = self._ledger.note_failed_start(version)
        if not failures:  # it was destroyed meanwhile
            return
        logger.warning("version %d did not start, %d times in a row", version, failures)
        if failures >= FAILURES and self._ledger.active_adapter() == version:
            instead = self._ledger.set_aside(version)
            logger.warning("version %d is in use instead", instead)
            engine.forgive()
            self._on_set_aside()
