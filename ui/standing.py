"""Standing: one line on what Nightschool does now or waits for, as the tray shows it."""

from __future__ import annotations

from ui.backend import State
from ui.session import Session


def standing(session: Session) -> str:
    """“Idle”, “Studying, 40 %”, “Waiting: …”; the share is that of the practice alone."""
    status, night = session.status, session.night
    if session.backend.state is State.DOWN:
        return "Not running"
    if status is None:
        return "Starting"
    if status.key != "open":
        return "Locked"
    if session.study is not None:
        return f"Studying{_share(session)}"
    if status.studying:
        return "Studying"
    if night is None or not night.wishes.on:
        return "Idle"
    if night.doing == "notes":
        return "Making notes of documents"
    if night.doing == "summaries":
        return "Summarising long conversations"
    if night.doing == "backup":
        return "Copying your record"
    reason = night.reason.rstrip(".")
    return reason if night.paused else f"Waiting: {reason}"


def _share(session: Session) -> str:
    progress = session.progress
    if progress is None or progress.phase != "train" or progress.steps < 1:
        return ""
    return f", {min(progress.step, progress.steps) * 100 // progress.steps} %"
