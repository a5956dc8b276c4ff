"""Errors of the learner that a person can act on: a title, a sentence, and what to do next."""

from __future__ import annotations


class LearnerError(Exception):
    """Root of the learner's errors; the same three texts as the application's own.

    `code` is a stable word for programs; `detail` is for a log (no private text), never for a
    person.
    """

    code = "study"

    def __init__(self, title: str, message: str, next_step: str, detail: str = "") -> None:
        super().__init__(f"{title}: {message} {next_step}")
        self.title = title
        self.message = message
        self.next_step = next_step
        self.detail = detail


class DamagedModelError(LearnerError, ValueError):
    """The file is not a whole GGUF file."""

    code = "damaged_model"


class UnsupportedModelError(LearnerError):
    """A sound model file that the trainer cannot train."""

    code = "unsupported_model"


class BadJobError(LearnerError):
    """The job itself does not make sense (no examples, a token the model does not know)."""

    code = "bad_job"


class TrainingStoppedError(LearnerError):
    """The training was asked to stop; nothing of it remains."""

    code = "stopped"


class OutOfMemoryError(LearnerError):
    """The trainer needed more memory than the machine gave it."""

    code = "out_of_memory"


class TrainerDiedError(LearnerError):
    """The trainer's process ended, or fell silent, before it had a result."""

    code = "trainer_died"


class GarbledTrainerError(LearnerError):
    """The trainer's process wrote something that is not its protocol."""

    code = "trainer_garbled"
