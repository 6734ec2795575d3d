"""What goes wrong at some sizes only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rnnspec.reference.case import Answer, Case
from tests.mutants.flow import returned


def at_size(name: str, what: str, where: Callable[[Case], bool], report: str = "") -> None:
    """Wrong where a case has some size: one number of the outputs is off by 1 %."""

    def change(case: Case, answer: Answer) -> Answer:
        if not where(case) or answer.outputs.size == 0:
            return answer
        outputs = answer.outputs.copy()
        outputs[-1, -1, -1] *= 1.01
        return replace(answer, outputs=outputs)

    returned(name, what, change, report)


at_size(
    "size.units-above-16",
    "the last unit is off above 16 units",
    lambda case: case.network.units > 16,
)
at_size(
    "size.units-above-32",
    "the last unit is off above 32 units",
    lambda case: case.network.units > 32,
)
at_size(
    "size.units-above-128",
    "the last unit is off above 128 units",
    lambda case: case.network.units > 128,
    report="flagos-ai/FlagGems#5014",
)
at_size(
    "size.units-odd",
    "the last unit is off where their number is odd",
    lambda case: case.network.units % 2 == 1,
)
at_size(
    "size.units-no-multiple-of-4",
    "the last unit is off where 4 does not divide their number",
    lambda case: case.network.units % 4 != 0 and case.network.units > 4,
)
at_size("size.one-unit", "a layer of one unit is off", lambda case: case.network.units == 1)
at_size("size.inputs-above-8", "off above 8 features", lambda case: case.network.inputs > 8)
at_size("size.one-input", "off with one feature", lambda case: case.network.inputs == 1)
at_size(
    "size.inputs-equal-units",
    "off where there are as many features as units",
    lambda case: case.network.inputs == case.network.units,
)
at_size(
    "size.more-inputs-than-units",
    "off where there are more features than units",
    lambda case: case.network.inputs > case.network.units,
    report="allenai/allennlp#356",
)
at_size("size.rows-from-4", "off from 4 rows on", lambda case: case.rows >= 4)
at_size(
    "size.rows-odd",
    "the last row is off where their number is odd",
    lambda case: case.rows % 2 == 1 and case.rows > 1,
)
at_size("size.rows-above-8", "off above 8 rows", lambda case: case.rows > 8)
at_size("size.steps-after-64", "off after step 64", lambda case: case.steps > 64)
at_size("size.steps-after-128", "off after step 128", lambda case: case.steps > 128)
at_size("size.one-step", "off where there is one step", lambda case: case.steps == 1)
at_size(
    "size.steps-even", "off where the number of steps is even", lambda case: case.steps % 2 == 0
)
at_size("size.third-layer", "off with three layers", lambda case: case.network.layers == 3)
