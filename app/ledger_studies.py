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

    def reports(self, limit: int = -1) -> list[StudyReport]:
        """The newest reports (-1: all), newest first."""
        return self._reports(limit)

    def history(self) -> list[StudyReport]:
        """All reports without their lessons, newest first; those before counts were kept count."""
        counts = {
            (int(study_id), str(decision)): int(number)
            for study_id, decision, number in self._db.read(
                "SELECT study_id, json_extract(result, '$.decision'), count(*)"
                " FROM study_lessons GROUP BY 1, 2"
            )
        }
        return [
            _counted(
                msgspec.json.decode(text, type=StudyReport),
                counts.get((study_id, "learned"), 0),
                counts.get((study_id, "in_context"), 0),
            )
            for study_id, text in self._db.read("SELECT id, report FROM studies ORDER BY id DESC")
        ]

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


def _counted(report: StudyReport, learned: int, in_context: int) -> StudyReport:
    """The report with the counts it was written with, or else those of the lessons still there."""
    if report.learned or report.in_context:
        return report
    return msgspec.structs.replace(report, learned=learned, in_context=in_context)
