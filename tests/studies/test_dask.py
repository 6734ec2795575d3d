"""A Dask scheduler and two workers, each a process of its own; one is killed half-way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from rnnspec.studies.scheduler import spread
from rnnspec.usage import Usage
from tests.studies.jobs import Sum, add

pytest.importorskip("distributed", reason="these tests need distributed: tox run -e dask")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of a scheduler on this machine, with two workers."""
    with ExitStack() as stack:

        def started(*words: str) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "distributed.cli." + words[0], *words[1:]],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        told = tmp_path / "scheduler.json"
        started(
            "dask_scheduler",
            *("--host", "127.0.0.1", "--port", "0", "--no-dashboard"),
            *("--scheduler-file", str(told)),
        )
        deadline = time.monotonic() + 60
        while not told.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        for _ in range(2):
            # a nanny starts a worker again that was killed
            started(
                "dask_worker",
                *("--scheduler-file", str(told), "--nthreads", "1", "--no-dashboard"),
            )
        yield json.loads(told.read_text(encoding="utf-8"))["address"]


@pytest.mark.filterwarnings("ignore")  # Dask's own, of its dependencies
def test_a_worker_is_killed_and_nothing_is_lost_or_counted_twice(
    address: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    jobs = [Sum(k, 10, str(log), dies=str(tmp_path / "died") if k == 3 else "") for k in range(12)]
    found = Counter((job.one, result) for job, result in spread(add, jobs, address=address))
    assert found == Counter({(k, k + 10): 1 for k in range(12)})
    begun = Counter(log.read_text(encoding="utf-8").split())
    assert begun["3+10"] == 2


def test_where_no_scheduler_answers_a_sentence_says_so() -> None:
    with pytest.raises(Usage, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        list(spread(add, [], address="tcp://127.0.0.1:9"))
