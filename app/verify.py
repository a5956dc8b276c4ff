"""Verifying: what can be proven of a forgotten lesson, and what a lesson is still held by."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app import protocol
from app.adapters import AdapterStore
from app.copies import told
from app.document_proof import traces
from app.engine_client import EngineClient
from app.erase import find_bytes, find_in_ledger
from app.errors import AdapterError
from app.ledger import Ledger
from app.ledger_adapters import NO_ADAPTER
from app.ledger_lessons import Forgotten
from app.looking import Looking
from app.mind import Mind
from app.paths import Home
from app.protocol import Finding, LessonRecord, ProbeAnswers, Verification
from app.shards import ShardStore
from app.telling import Send
from app.weights_proof import WeightsProof, note, ok, problem
from learner.card import SYSTEM
from learner.engine import Turn

PROBE_TOKENS = 64

NOT_PROVEN = Finding(
    severity="note",
    title="Not covered",
    message="Old blocks of a solid-state disk, the system's own backups and copies made elsewhere"
    " cannot be looked into; what they may hold is encrypted under keys that are destroyed.",
)


@dataclass(frozen=True)
class Verifier:
    """The use case `verify`: looks at everything and changes nothing.

    `key` is the ledger's, to look into its pages as they lie on disk.
    """

    home: Home
    ledger: Ledger
    store: AdapterStore
    shards: ShardStore
    mind: Mind
    key: bytes

    def verify(self, request: protocol.Verify, send: Send, stop: threading.Event) -> Verification:
        """Prove that a lesson is forgotten, or say what holds it.

        Raises BadRequestError for a lesson that never was, StudyError when the weights could not
        be made again for comparison, StoppedError, and what the model raises.
        """
        gone = {one.id: one for one in self.ledger.forgotten()}
        if request.lesson_id not in gone:
            return self._held(self.ledger.lesson(request.lesson_id))
        return self._forgotten(gone[request.lesson_id], request, send, stop)

    def document(
        self, request: protocol.VerifyDocument, send: Send, stop: threading.Event
    ) -> list[Finding]:
        """Whether anything of a file is left in the home. Raises DocumentError, StoppedError."""
        file = Path(request.path).expanduser().absolute()
        looking = Looking(self.home, request.id, send, stop)
        return list(traces(self.home, self.ledger, self.key, file, looking, stop))

    # ------------------------------------------------------------------ a lesson that is there

    def _held(self, lesson: LessonRecord) -> Verification:
        findings = [*self._holders(lesson)]
        return Verification(
            lesson_id=lesson.id,
            forgotten=False,
            proven=False,
            pending=False,
            decision="This lesson is not forgotten.",
            findings=tuple(findings),
        )

    def _holders(self, lesson: LessonRecord) -> Iterator[Finding]:
        yield note("Lesson", f"Its texts are in the ledger; its state is “{lesson.state}”.")
        for record in self.ledger.adapters():
            details = self.ledger.adapter_details(record.version)
            of_shards = [self.ledger.shard(number) for number in details.shards]
            beneath = any(one and lesson.id in one.beneath for one in of_shards)
            if lesson.id not in details.lesson_ids and not beneath:
                continue
            use = "in use" if record.active else "kept"
            try:
                self.store.read(details)
            except AdapterError as error:
                yield problem(f"Version {record.version}", error.message, error.next_step)
            else:
                yield note(
                    f"Version {record.version}",
                    f"It holds the lesson and is {use}; its file is the one of its manifest"
                    f" ({record.sha256[:12]}).",
                )

    # ------------------------------------------------------------------ one that is not

    def _forgotten(
        self, gone: Forgotten, request: protocol.Verify, send: Send, stop: threading.Event
    ) -> Verification:
        looking = Looking(self.home, request.id, send, stop)
        findings = [*self._absence(gone, request.probe, looking)]
        answers: tuple[ProbeAnswers, ...] = ()
        looking.over("Looking at the weights in use")
        with self._fresh_engine() as engine:
            proof = WeightsProof(self.ledger, self.store, self.shards, engine)
            findings += proof.findings(gone, request, send, stop)
            if request.probe:
                answers = (self._answers(request.probe, engine),)
                findings.append(_compared(answers[0]))
        findings.append(NOT_PROVEN)
        proven = not any(finding.severity == "problem" for finding in findings)
        return Verification(
            lesson_id=gone.id,
            forgotten=True,
            proven=proven,
            pending=gone.pending,
            decision=_decision(proven, gone, request.quick),
            findings=tuple(findings),
            answers=answers,
        )

    def _absence(self, gone: Forgotten, probe: str, looking: Looking) -> Iterator[Finding]:
        """Rows, pages and files that name the lesson, and where the probe's words still stand."""
        rows = self.ledger.rows_naming(gone.id)
        rows.pop("forgotten_lessons", None)
        if rows:
            yield problem("Ledger", f"Rows still name it: {_listed(rows)}.", _AGAIN)
        else:
            yield ok(
                "Ledger", "No lesson, version, shard, report or message names it; a tombstone does."
            )
        name = gone.id.encode()
        tombstones = find_in_ledger(self.home.ledger, self.key, [name + gone.forgotten.encode()])
        named = find_in_ledger(self.home.ledger, self.key, [name], looking.page)
        if left := len(named) - len(tombstones):
            yield problem("Pages", f"Its name stands in {left} places of freed pages.", _AGAIN)
        else:
            yield ok("Pages", "Nor is its name in what the ledger deleted, or in its log.")
        yield from self._copies(name, gone.forgotten.encode(), looking)
        needles = [name, *([probe.encode()] if probe else [])]
        hits = find_bytes(self.home.root, needles, looking.file)
        if hits:
            places = ", ".join(sorted({path.name for path, _ in hits}))
            yield problem("Files", f"What was looked for is readable in: {places}.", _AGAIN)
        else:
            what = "its name or the probe" if probe else "its name"
            yield ok(
                "Files", f"{looking.told()}, were looked through: {what} is nowhere in the clear."
            )
        unknown = {path.name for path in self.home.adapters.glob("*") if path.is_file()}
        unknown -= self.ledger.sealed_files()
        if unknown:
            listed = ", ".join(sorted(unknown))
            yield problem("Sealed files", f"Files of no record are there: {listed}.", _AGAIN)
        else:
            yield ok("Sealed files", "Every sealed file belongs to a record without the lesson.")
        said = self.ledger.rows_naming(probe) if probe else {}
        if said:
            yield note(
                "Probe",
                f"Its words stand elsewhere in the ledger ({_listed(said)}): conversations and"
                " other lessons are yours to delete.",
            )

    def _copies(self, name: bytes, when: bytes, looking: Looking) -> Iterator[Finding]:
        """Copies are not older than the forgetting, and have nothing but its tombstone."""
        copies, wrong = self.ledger.copies, False
        for path in copies.ledgers():
            tombstones = find_in_ledger(path, self.key, [name + when])
            named = find_in_ledger(path, self.key, [name], looking.page)
            # Told by what is in it, for clocks are set.
            if path == copies.path and not tombstones:
                wrong = True
                yield problem("Copy", f"“{path.name}” is older than the forgetting.", _AGAIN)
            elif len(named) > len(tombstones):
                wrong = True
                yield problem("Copy", f"Its name stands in the pages of “{path.name}”.", _AGAIN)
        if not wrong:
            made = copies.made
            of = (
                f"the one of {told(made)} was made after the forgetting"
                if made
                else "there is none"
            )
            yield ok("Copy", f"No copy of the ledger has it: {of}.")

    # ------------------------------------------------------------------ the probe

    def _answers(self, probe: str, fresh: EngineClient) -> ProbeAnswers:
        """The probe asked of the model in use, as it serves, and of a base model just loaded."""
        serving, learned = self.mind.engine(), self.mind.learned()
        turns = [Turn("system", SYSTEM), Turn("user", probe)]
        (now,) = serving.complete(
            [serving.chat_tokens(turns)],
            max_tokens=PROBE_TOKENS,
            adapter=learned.ref if learned else None,
        )
        (base,) = fresh.complete([fresh.chat_tokens(turns)], max_tokens=PROBE_TOKENS)
        return ProbeAnswers(
            probe=probe,
            now=now.text,
            base=base.text,
            version=learned.version if learned else NO_ADAPTER,
        )

    def _fresh_engine(self) -> _Fresh:
        return _Fresh(EngineClient(self.mind.path, self.home.staging))


@dataclass(frozen=True)
class _Fresh:
    """An engine process of its own, which has never seen an adapter; gone when the context ends."""

    engine: EngineClient

    def __enter__(self) -> EngineClient:
        return self.engine

    def __exit__(self, *_: object) -> None:
        self.engine.close()


_AGAIN = "Forget it once more after a restart; if this stays, reset what was learned."


def _compared(answers: ProbeAnswers) -> Finding:
    same = answers.now == answers.base
    if answers.version == NO_ADAPTER:
        if same:
            return ok("Probe", "The answer is the untouched model's own, word for word.")
        return problem("Probe", "The answer is not the untouched model's.", "Restart, and again.")
    says = "the same as" if same else "other than"
    return note(
        "Probe",
        f"With what other lessons taught, the answer is {says} the untouched model's; both are"
        " shown.",
    )


def _decision(proven: bool, gone: Forgotten, quick: bool) -> str:
    if gone.pending:
        return "It is out of use and its keys are destroyed; the weights wait to be made anew."
    if not proven:
        return "It could not be proven that this lesson is forgotten."
    if quick:
        return "Nothing of it was found; the weights were not made again for comparison."
    return "It is forgotten: nothing of it is left, and the weights are those that never knew it."


def _listed(rows: dict[str, int]) -> str:
    return ", ".join(f"{count} in {table}" for table, count in sorted(rows.items()))
