"""Jobs in other processes: each gives its result once, whatever happens to a process."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from rnnspec.studies.scheduler import TRIES, spread
from rnnspec.usage import Usage
from tests.studies.jobs import Sum, add


def _jobs(folder: Path, count: int, **of_second: str) -> list[Sum]:
    log = str(folder / "log")
    return [Sum(k, 10, log, **(of_second if k == 1 else {})) for k in range(count)]


def test_every_job_gives_its_result_once(tmp_path: Path) -> None:
    found = list(spread(add, _jobs(tmp_path, 5), processes=2))
    assert sorted((job.one, result) for job, result in found) == [(k, k + 10) for k in range(5)]


def test_a_process_that_ends_loses_nothing_and_counts_nothing_twice(tmp_path: Path) -> None:
    jobs = _jobs(tmp_path, 5, dies=str(tmp_path / "died"))
    found = Counter((job.one, result) for job, result in spread(add, jobs, processes=2))
    assert found == Counter({(k, k + 10): 1 for k in range(5)})
    assert (tmp_path / "died").exists()


def test_a_job_that_always_ends_its_process_is_told(tmp_path: Path) -> None:
    jobs = _jobs(tmp_path, 2, dies="always")
    with pytest.raises(Usage, match=rf"a process ended {TRIES} times while it did 1\+10"):
        list(spread(add, jobs, processes=1))


def test_what_a_job_raises_is_raised(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="it is negative"):
        list(spread(add, [Sum(-1, 0, str(tmp_path / "log"))], processes=1))


def test_without_dask_an_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(Usage, match=r"pip install 'rnnspec\[dask\]'"):
        list(spread(add, [], address="tcp://127.0.0.1:1"))
