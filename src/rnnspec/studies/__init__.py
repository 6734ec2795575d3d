"""The findings as experiments: a module for each, imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnspec.studies.study import Study

HOMES = {
    "compare.simple-task": "compare_simple",
    "compare.complex-task": "compare_complex",
    "deep.more-data": "deep_data",
    "bi.overfits": "bi_overfits",
}
"""The findings that can be tried, and the module that does it."""


def found(label: str) -> Study:
    """A study by the label of its claim. Raises KeyError where there is none."""
    study: Study = import_module(f"rnnspec.studies.{HOMES[label]}").STUDY
    return study
