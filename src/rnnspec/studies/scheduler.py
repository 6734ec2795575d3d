"""Jobs handed to processes of this machine, or to a Dask cluster: each done once, none lost."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, Protocol, TypeVar

from rnnspec.usage import Usage

TRIES = 3
"""So often a job may take its process with it."""


class Keyed(Protocol):
    """What can be handed over."""

    @property
    def key(self) -> str:
        """Its own name among the jobs."""


J = TypeVar("J", bound=Keyed)
R = TypeVar("R")


def spread(
    work: Callable[[J], R], jobs: Sequence[J], processes: int = 1, address: str | None = None
) -> Iterator[tuple[J, R]]:
    """Each job with what it gave, as they are done. With an address a Dask scheduler has them. What
    ``work`` raises is raised; a process that ends costs its job a try. Raises Usage.
    """
    if address is not None:
        return _by_dask(work, jobs, address)
    return _by_processes(work, jobs, processes)


def _by_processes(
    work: Callable[[J], R], jobs: Sequence[J], processes: int
) -> Iterator[tuple[J, R]]:
    left = {job.key: job for job in jobs}
    tries = dict.fromkeys(left, 0)
    while left:
        # spawned: a framework's threads do not survive a fork
        pool = ProcessPoolExecutor(min(processes, len(left)), get_context("spawn"))
        try:
            handed = {pool.submit(work, job): key for key, job in left.items()}
            for future in as_completed(handed):
                result = future.result()
                yield left.pop(handed[future]), result
        except BrokenProcessPool:
            # nobody can tell which job it was: those that were being done come first
            for key in list(left)[:processes]:
                tries[key] += 1
                if tries[key] == TRIES:
                    raise Usage(f"a process ended {TRIES} times while it did {key}") from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _by_dask(work: Callable[[J], R], jobs: Sequence[J], address: str) -> Iterator[tuple[J, R]]:
    """Dask does a job again whose worker is gone, and gives each key's result once."""
    try:
        import distributed
    except ImportError:
        raise Usage("distributed is not installed: pip install 'rnnspec[dask]'") from None
    try:
        client = distributed.Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise Usage(f"no Dask scheduler answers at {address}: {error}") from None
    with client:
        left: dict[Hashable, J] = {job.key: job for job in jobs}
        handed: list[Any] = [
            client.submit(work, job, key=key, retries=TRIES, pure=False)
            for key, job in left.items()
        ]
        for future in distributed.as_completed(handed):
            yield left.pop(future.key), future.result()
