"""Studies: the reports of study sessions in the ledger."""

from __future__ import annotations

import msgspec

from app.ledger_database import Table, to_json
from app.protocol import LessonResult, StudyReport


class Studies(Table):
    """Reports; what they quote of a lesson is gone once that lesson is forgotten."""

    def add_report(self, report: StudyReport) -> None:
        """Keep a report. Results of lessons forgotten meanwhile are left out."""
        bare = msgspec.structs.replace(report, lessons=())
        with self._db.transaction():
            study_id = self._db.write("INSERT INTO studies (report) VALUES (?)", (to_json(bare),))
            for position, result in enumerate(report.lessons):
                self._db.write(
                    "INSERT INTO study_lessons (study_id, position, lesson_id, result)"
                    " SELECT ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM lessons WHERE id = ?3)",
                    (study_id, position, result.lesson_id, to_json(result)),
                )

    def last_report(self) -> StudyReport | None:
        """The newest report, or None before the first study."""
        newest = self._reports(1)
        return newest[0] if newest else None

    def reports(self) -> list[StudyReport]:
        """All reports, newest first."""
        return self._reports(-1)

    def _reports(self, limit: int) -> list[StudyReport]:
        found = []
        for study_id, text in self._db.read(
            "SELECT id, report FROM studies ORDER BY id DESC LIMIT ?", (limit,)
        ):
            results = self._db.read(
                "SELECT result FROM study_lessons WHERE study_id = ? ORDER BY position",
                (study_id,),
            )
            found.append(
                msgspec.structs.replace(
                    msgspec.json.decode(text, type=StudyReport),
                    lessons=tuple(msgspec.json.decode(r, type=LessonResult) for (r,) in results),
                )
            )
        return found
