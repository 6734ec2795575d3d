"""What every benchmark shares: how it is asked, how it takes time, and what it prints and keeps."""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results"


def asks(name: str, what: str | None) -> argparse.ArgumentParser:
    """The command line of a benchmark."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=what)
    parser.add_argument("--write", action="store_true", help=f"keep it in results/{name}.md")
    return parser


def present(
    name: str, title: str, parts: Sequence[str], packages: Iterable[str], *, write: bool
) -> None:
    """Print a title, where and when it was measured, and the parts; keep them if that is wanted."""
    versions = [f"{package} {version(package)}" for package in ("rnnspec", "numpy", *packages)]
    where = f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    day = datetime.now(UTC).date().isoformat()
    head = f"`python -m benchmarks.{name}`, {day}; {where}, {', '.join(versions)}."
    text = "\n\n".join([f"# {title}", head, *parts]) + "\n"
    print(text, end="")
    if write:
        (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown, the first column to the left and the others to the right."""
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def cpu(call: Callable[[], object]) -> float:
    """The seconds of processor time that a call takes: what else runs here is not in it."""
    started = time.process_time()
    call()
    return time.process_time() - started


def in_turn(calls: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median seconds of each call, all of them called once in every round; the first round is
    not counted.
    """
    taken = [{name: cpu(call) for name, call in calls.items()} for _ in range(rounds + 1)][1:]
    return {name: float(np.median([each[name] for each in taken])) for name in calls}
