"""Work that is handed to other processes by the tests of the scheduler."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import NamedTuple


class Sum(NamedTuple):
    """Two numbers to add. While what ``dies`` names is not there, it takes its process with it."""

    one: int
    other: int
    log: str
    dies: str = ""

    @property
    def key(self) -> str:
        return f"{self.one}+{self.other}"


def add(job: Sum) -> int:
    """Write down that it was begun, and add; once, or always, the process ends before."""
    with Path(job.log).open("a", encoding="utf-8") as log:
        log.write(f"{job.key}\n")
    if job.dies == "always" or (job.dies and not Path(job.dies).exists()):
        Path(job.dies).touch() if job.dies != "always" else None
        os.kill(os.getpid(), signal.SIGKILL)
    if job.one < 0:
        raise ValueError("it is negative")
    return job.one + job.other
