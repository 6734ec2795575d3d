"""Wrong formats, poor functions, and what goes wrong at some sizes only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import expit

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS
from tests.mutants.mutant import mutant
from tests.mutants.plain import Plain


def computed(name: str, what: str, dtype: str, asked: tuple[str, ...], report: str = "") -> None:
    """What is asked for in some dtypes is computed in another."""

    class Narrow(Plain):
        def told(self, case: Case) -> Case:
            if case.dtype not in asked:
                return case
            rounded = PRECISIONS[dtype].round
            return case.with_weights(lambda at, w: rounded(w)).changed(
                dtype=dtype,
                inputs=rounded(case.inputs),
                states={name: rounded(s) for name, s in case.states.items()},
            )

    mutant(name, what, report, base=Narrow)


computed("dtype.float64-in-float32", "float64 is computed in float32", "float32", ("float64",))
computed("dtype.float32-in-float16", "float32 is computed in float16", "float16", ("float32",))
computed("dtype.float32-in-bfloat16", "float32 is computed in bfloat16", "bfloat16", ("float32",))
computed("dtype.float16-in-bfloat16", "float16 is computed in bfloat16", "bfloat16", ("float16",))


def rounded_to(digits: int) -> Callable[[Array], Array]:
    """To so many binary digits."""

    def change(array: Array) -> Array:
        part, exponent = np.frexp(array)
        return np.asarray(np.ldexp(np.rint(np.ldexp(part, digits)), exponent - digits))

    return change


def multiplied(name: str, what: str, change: Callable[[Array], Array], report: str = "") -> None:
    """What enters a product of float32 matrices is rounded first."""

    def product(self: Plain, x: Array, w: Array) -> Array:
        if self.case.dtype != "float32":
            return Plain.product(self, x, w)
        return self.round(change(x) @ change(w).T)

    mutant(name, what, report, product=product)


multiplied("dtype.tf32-products", "products in tf32: 11 binary digits", rounded_to(11))
multiplied("dtype.bfloat16-products", "products in bfloat16", rounded_to(8))
multiplied(
    "dtype.int8-products",
    "products of 8 bits",
    lambda a: (
        np.rint(a / (np.abs(a).max(initial=0) or 1) * 127) * (np.abs(a).max(initial=0) or 1) / 127
    ),
)


def given_back(
    name: str, what: str, change: Callable[[Case, Array], Array], report: str = ""
) -> None:
    """Every part of an answer is changed on its way out."""

    def returned(self: Any, case: Case, answer: Answer) -> Answer:
        parts = {name: change(case, part) for name, part in answer.parts().items()}
        return Answer(parts.pop("outputs"), parts)

    mutant(name, what, report, returned=returned)


given_back(
    "dtype.returned-in-float32",
    "float64 comes back as float32",
    lambda case, a: PRECISIONS["float32"].round(a) if case.dtype == "float64" else a,
)
given_back(
    "dtype.half-with-more-digits",
    "16 bits come back with digits they have not",
    lambda case, a: a * (1 + 2.0**-14) if case.dtype in ("float16", "bfloat16") else a,
)
given_back(
    "dtype.truncated",
    "the last binary digits are cut off, not rounded",
    lambda case, a: np.trunc(a * 2.0**10) / 2.0**10,
)
given_back(
    "numerics.small-flushed",
    "outputs below 1e-3 are flushed to zero",
    lambda case, a: np.where(np.abs(a) < 1e-3, 0, a),
)
given_back("numerics.noise", "every number is off by 1e-3 of itself", lambda case, a: a * 1.001)
given_back("numerics.nan-is-zero", "NaN comes back as 0", lambda case, a: np.nan_to_num(a))
given_back(
    "numerics.clipped",
    "outputs and states are clipped at 0.999",
    lambda case, a: np.clip(a, -0.999, 0.999),
)


def sigmoid(name: str, what: str, function: Callable[[Array], Any], report: str = "") -> None:
    """Another sigmoid."""
    mutant(name, what, report, sigmoid=lambda self, x: self.round(function(x)))


def tanh(name: str, what: str, function: Callable[[Array], Any], report: str = "") -> None:
    """Another tanh."""
    mutant(name, what, report, tanh=lambda self, x: self.round(function(x)))


sigmoid(
    "numerics.sigmoid-hard",
    "the sigmoid is clip(x / 6 + 1/2)",
    lambda x: np.clip(x / 6 + 0.5, 0, 1),
)
sigmoid(
    "numerics.sigmoid-hard-5",
    "the sigmoid is clip(0.2 x + 1/2)",
    lambda x: np.clip(0.2 * x + 0.5, 0, 1),
)
sigmoid(
    "numerics.sigmoid-table",
    "the sigmoid is from a table of 1024 numbers",
    lambda x: expit(np.rint(np.clip(x, -8, 8) * 64) / 64),
)
sigmoid(
    "numerics.sigmoid-saturates",
    "the sigmoid is 0 below -8 and 1 above 8",
    lambda x: np.where(np.abs(x) > 8, np.where(x > 0, 1.0, 0.0), expit(x)),
)
sigmoid(
    "numerics.sigmoid-overflows",
    "exp(x) / (1 + exp(x)) is NaN from 88.7 on",
    lambda x: np.where(x > 88.7, np.nan, expit(x)),
)
sigmoid("numerics.sigmoid-steeper", "the sigmoid is 0.1 % too steep", lambda x: expit(1.001 * x))
tanh(
    "numerics.tanh-rational",
    "tanh is x (27 + x^2) / (27 + 9 x^2), clipped",
    lambda x: np.clip(x * (27 + x * x) / (27 + 9 * x * x), -1, 1),
)
tanh(
    "numerics.tanh-series",
    "tanh is x - x^3 / 3 up to 1/2",
    lambda x: np.where(np.abs(x) < 0.5, x - x**3 / 3, np.tanh(x)),
)
tanh(
    "numerics.tanh-saturates",
    "tanh is 1 from 3 on",
    lambda x: np.where(np.abs(x) > 3, np.sign(x), np.tanh(x)),
)
tanh(
    "numerics.tanh-overflows",
    "(e^x - e^-x) / (e^x + e^-x) is NaN from 88.7 on",
    lambda x: np.where(np.abs(x) > 88.7, np.nan, np.tanh(x)),
)
tanh("numerics.tanh-coarse", "tanh has 10 binary digits", rounded_to(10))
tanh(
    "numerics.tanh-cancels",
    "tanh is 1 - 2 / (exp(2x) + 1), which loses small numbers",
    lambda x: np.asarray(1 - 2 / (np.exp(2 * x) + 1)).astype(np.float32),
)


def at_size(
    name: str, what: str, where: Callable[[Case], bool], report: str = "", at: Any = None
) -> None:
    """Wrong where a case has some size: one number of the outputs is off by 1 %."""

    def returned(self: Any, case: Case, answer: Answer) -> Answer:
        if not where(case) or answer.outputs.size == 0:
            return answer
        outputs = answer.outputs.copy()
        outputs[(-1, -1, -1) if at is None else at] *= 1.01
        return replace(answer, outputs=outputs)

    mutant(name, what, report, returned=returned)


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
