"""Usage records: what a piece of work cost, as far as it could be measured."""

from __future__ import annotations

from typing import Literal

from app.message import Message


class Usage(Message, frozen=True):
    """Processor time of Nightschool's own processes, and energy where this computer measures it.

    `cpu_seconds` are of all cores together. `energy_wh` is of the whole processor, or of the whole
    computer where it ran on battery (`energy_of`), not of Nightschool alone; None where nothing
    measures it. It is never computed from the time.
    """

    cpu_seconds: float = 0.0
    energy_wh: float | None = None
    energy_of: Literal["", "processor", "computer"] = ""

    def plus(self, other: Usage) -> Usage:
        """Both together; energy that is not known of one of them, or is of something else, is not.

        Nothing at all is the empty record.
        """
        cpu = self.cpu_seconds + other.cpu_seconds
        if self == Usage() or other == Usage():
            known = other if self == Usage() else self
            return Usage(cpu, known.energy_wh, known.energy_of)
        if self.energy_wh is None or other.energy_wh is None or self.energy_of != other.energy_of:
            return Usage(cpu)
        return Usage(cpu, self.energy_wh + other.energy_wh, self.energy_of)
