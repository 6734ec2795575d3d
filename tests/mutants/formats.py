"""Wrong formats."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS
from tests.mutants.flow import returned
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


multiplied(
    "dtype.tf32-products",
    "products in tf32: 11 binary digits",
    rounded_to(11),
    report="microsoft/onnxruntime#20338",
)
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

    def changed(case: Case, answer: Answer) -> Answer:
        parts = {name: change(case, part) for name, part in answer.parts().items()}
        return Answer(parts.pop("outputs"), parts)

    returned(name, what, changed, report)


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
