"""Moving: a version written into a file for elsewhere, and one from elsewhere put to the exam."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from app import protocol
from app.errors import AdapterError, BadRequestError
from app.ledger import Ledger
from app.ledger_lessons import as_lesson
from app.mind import Mind
from app.paths import Home
from app.school import School
from app.shards import ShardStore
from app.telling import Send
from app.version_file import PackedVersion, pack, unpack
from learner.lesson import Lesson
from learner.shards import TrainedShard


@dataclass(frozen=True)
class Moving:
    """The use cases `export` and `bring`."""

    home: Home
    ledger: Ledger
    shards: ShardStore
    mind: Mind
    school: School

    def export(self, request: protocol.ExportAdapter) -> None:
        """Write a version, its lessons and its base model's name into a file under a passphrase.

        Raises AdapterError, BadRequestError and StorageFullError.
        """
        path = Path(request.path).expanduser().absolute()
        if self.home.root.resolve() in path.resolve().parents:
            raise BadRequestError(
                "This folder is Nightschool's own",
                "What lies there without belonging to the record is removed at the next start.",
                "Choose another folder.",
            )
        details = self.ledger.adapter_details(request.version)
        records = [one for one in self.ledger.shards_of(request.version) if one.file]
        if not records:
            raise AdapterError(
                "This version cannot be exported",
                "It was made by an older Nightschool, which did not keep what it is made of.",
                "Study again, and export the version that comes of it.",
            )
        taught = {name for record in records for name in record.lesson_ids}
        lessons = [as_lesson(one) for one in self.ledger.lessons()[::-1] if one.id in taught]
        packed = PackedVersion(
            created=details.created,
            name=details.name,
            base_name=details.base_name,
            base_sha256=details.base_sha256,
            sha256=details.sha256,
            lessons=tuple(lessons),
            shards=tuple(
                # Who was left out there is tried again elsewhere, if it is taught there at all.
                msgspec.structs.replace(one.trained(self.shards.read(one)), left_out=())
                for one in records
            ),
        )
        pack(path, packed, request.passphrase)

    def bring(
        self, request: protocol.ImportAdapter, send: Send, stop: threading.Event
    ) -> protocol.StudyReport:
        """Take in a version's file: its lessons become lessons here, and a study session follows.

        That session does not train what the file has ready and is still its lessons' own; the exam
        is that of any session, and so is what happens to what fails it. Raises WrongPassphraseError
        and AdapterError before anything was changed, then as `School.study`.
        """
        packed = unpack(Path(request.path).expanduser(), request.passphrase)
        self._require_its_model(packed)
        study = protocol.Study(id=request.id, budget_minutes=request.budget_minutes)
        taken: list[TrainedShard] = []

        def take_in() -> Sequence[TrainedShard]:
            taken.extend(self._take_in(packed))
            return taken

        report = self.school.study(study, send, stop, take_in)
        if report.adapter is not None and packed.name:
            self._name(report.adapter, packed.name, taken)
        return report

    def _name(self, version: int, name: str, taken: Sequence[TrainedShard]) -> None:
        """What holds these lessons and no others is called what it was called elsewhere."""
        held = self.ledger.adapter_details(version).lesson_ids
        if set(held) == {lesson for shard in taken for lesson in shard.lesson_ids}:
            self.ledger.change_adapter(version, name=name)
            self.mind.announce(("adapters",))

    def _require_its_model(self, packed: PackedVersion) -> None:
        here = self.mind.engine().base_model()
        if here.sha256 != packed.base_sha256:
            another = ", another file of that name" if here.name == packed.base_name else ""
            raise AdapterError(
                "It was made for another model",
                f"The file holds what “{packed.base_name}” learned{another}; here “{here.name}” is"
                " in use.",
                "Choose that model, then import the file again.",
            )

    def _take_in(self, packed: PackedVersion) -> Sequence[TrainedShard]:
        """Add the lessons that are not here yet; gives the shards with the names they have here."""
        here = {_bare(as_lesson(one)): one.id for one in self.ledger.lessons()}
        names = {}
        for lesson in packed.lessons:
            names[lesson.id] = here.get(_bare(lesson)) or self.ledger.teach(lesson).id
        self.ledger.supersede_lessons()
        self.mind.announce(("lessons", "status"))
        return [
            msgspec.structs.replace(
                shard, lesson_ids=tuple(names[name] for name in shard.lesson_ids), beneath=()
            )
            for shard in packed.shards
        ]


def _bare(lesson: Lesson) -> Lesson:
    """A lesson without its name, by which the same one is known elsewhere."""
    return msgspec.structs.replace(lesson, id="")
