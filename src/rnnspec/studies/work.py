"""One run of a study, in whatever process it is handed to."""

from __future__ import annotations

from time import process_time

from rnnspec import catalogue
from rnnspec.reference.training import Trains
from rnnspec.studies import found
from rnnspec.studies.study import Done, Job
from rnnspec.usage import Usage


def trainer(name: str) -> Trains:
    """An adapter that can train. Raises Usage, or Unusable."""
    adapter = catalogue.load(name)
    if not isinstance(adapter, Trains):
        raise Usage(f"the adapter {name!r} trains nothing: use torch, or one of Keras's")
    return adapter


def work(job: Job) -> Done:
    """Do it. The same job gives the same, wherever it is done."""
    begun = process_time()  # of the processor: what else the machine does has no part in it
    measures = found(job.label).measured(job.setting, job.seed, trainer(job.adapter), job.quick)
    return Done(job.setting, job.seed, measures, process_time() - begun)
