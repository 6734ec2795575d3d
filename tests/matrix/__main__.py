"""Every adapter in its own environment, and the page of what was found.

python -m tests.matrix [--profile quick] [--seed 0] [--resume] [--to docs/matrix] [ENVIRONMENT ...]

Reports are kept as they grow, one a file, in the folder ``docs/matrix``, and what was printed in
``.rnnspec/matrix``. What can't be installed or ends its process stands in the matrix as that.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import Popen, TimeoutExpired

from rnnspec import interruption
from rnnspec.console import Screen, total
from rnnspec.matrix import gathered
from rnnspec.matrix_markdown import page_in
from rnnspec.report_file import begun
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import PROFILES
from rnnspec.usage import Usage
from rnnspec.written import write
from tests.matrix.environments import ROOT, Run, Tox
from tests.matrix.filling import could_be_run, fill, is_whole, reason_of

LOGS = ROOT / ".rnnspec" / "matrix"
PATIENCE = 10.0
"""Seconds in which a process that was asked to stop ends by itself."""


class Collection:
    """All that is run, and where it is kept."""

    def __init__(self, tox: Tox, folder: Path, profile: str, seed: int, screen: Screen) -> None:
        self.tox, self.folder, self.profile, self.seed = tox, folder, profile, seed
        self.screen = screen

    def report(self, run: Run) -> Path:
        """The file of an adapter's report."""
        return self.folder / f"{run.name}.jsonl"

    def make(self, run: Run, *, resume: bool) -> None:
        """Run an adapter. Where its process ends, it goes on in one of its own for the adapter:
        there a crash costs one case.
        """
        report, log = self.report(run), LOGS / f"{run.name}.log"
        if resume and could_be_run(report, self.profile, self.seed):
            self.screen.say(f"{run.name}: its report is there")
            return
        log.unlink(missing_ok=True)
        if not (resume and self._goes_on(report)):
            report.unlink(missing_ok=True)
        self.screen.say(f"{run.name}, in the environment {run.environment}")
        for more in ((), ("--isolate",)):
            before = report.stat().st_size if report.exists() else 0
            resumed = ("--resume",) if before else ()
            self._run(run, [*run.words, *self._options(run), *resumed, *more], log)
            if is_whole(report) or not report.exists():
                break
            if not more and report.stat().st_size == before:  # begun with other versions, likely
                report.unlink()
        if not is_whole(report):
            fill(report, run.name, self.profile, self.seed, reason_of(log))
        (part,) = begun(report)[0]
        self.screen.say(f"  {total(part.verdicts, part.seconds)}")

    def _goes_on(self, report: Path) -> bool:
        """Whether there is the beginning of this very run."""
        parts = begun(report)[0] if report.exists() and not is_whole(report) else []
        return [(part.header["profile"], part.header["seed"]) for part in parts] == [
            (self.profile, self.seed)
        ]

    def _options(self, run: Run) -> list[str]:
        """What is added to the words of tox.ini: of an option given twice, the last one counts."""
        own = {"profile": self.profile, "seed": self.seed, "json": self.report(run)}
        own["replays"] = LOGS / "counterexamples"
        return [word for name, value in own.items() for word in (f"--{name}", str(value))]

    def _run(self, run: Run, words: Sequence[str], log: Path) -> None:
        process = self.tox.start(run.environment, words, log)
        with self.screen.bar(len(CLAIMS)) as bar:
            (task,) = bar.task_ids
            try:
                while not _ended(process):
                    report = self.report(run)
                    lines = report.read_bytes().count(b"\n") if report.exists() else 0
                    bar.update(task, completed=max(0, lines - 1), description=run.name)
            except KeyboardInterrupt:
                _stop(process)
                raise

    def page(self) -> Path:
        """Write the page of all reports in the folder, beside it. Raises Usage."""
        page = self.folder.with_suffix(".md")
        write(
            str(page), page_in(str(page)), gathered(sorted(map(str, self.folder.glob("*.jsonl"))))
        )
        return page


def _ended(process: Popen[bytes]) -> bool:
    try:
        process.wait(1.0)
    except TimeoutExpired:
        return False
    return True


def _stop(process: Popen[bytes]) -> None:
    """It was asked to stop as well, by the terminal: what it keeps, it keeps now."""
    try:
        process.wait(PATIENCE)
    except TimeoutExpired:
        process.terminate()
        process.wait()


def main() -> int:
    """Run them, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.matrix")
    parser.add_argument("environments", nargs="*", metavar="ENVIRONMENT", help="default: all")
    parser.add_argument("--profile", choices=PROFILES, default="quick")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="keep reports that are whole")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "matrix", metavar="FOLDER")
    asked = parser.parse_args()
    if asked.seed < 0:
        parser.error("--seed must be a whole number from 0 on")
    program = shutil.which("tox")
    if program is None:
        parser.error("tox is not installed: pip install 'tox>=4.28'")
    interruption.listen()
    tox = Tox(program)
    collection = Collection(tox, asked.to.absolute(), asked.profile, asked.seed, Screen())
    try:
        runs = tox.runs()
        known = dict.fromkeys(run.environment for run in runs)
        for name in asked.environments:
            if name not in known:
                parser.error(f"no environment {name!r} runs adapters: use {', '.join(known)}")
        collection.folder.mkdir(parents=True, exist_ok=True)
        for run in runs:
            if not asked.environments or run.environment in asked.environments:
                collection.make(run, resume=asked.resume)
        collection.screen.say(f"written: {collection.page()}")
    except (OSError, ValueError, Usage) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        print("interrupted: --resume goes on with what is there", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
