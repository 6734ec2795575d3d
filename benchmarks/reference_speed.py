"""How fast the reference is: against onnx's evaluator, against PyTorch, and against nothing but the
matrix products that are in it. Before that, what the two others return is judged: all agree.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from itertools import product

import numpy as np
import torch

from benchmarks.onnx_tests import answer_of
from benchmarks.peers import by_onnx, by_torch, case_of, products
from benchmarks.report import asks, in_turn, present, table
from rnnspec.adapters.torch_ import answer
from rnnspec.reference.case import Case
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import BLOCKS
from rnnspec.reference.unroll import unroll
from rnnspec.spec.trial import Observed, Trial

UNITS, STEPS, ROWS = (16, 64, 256, 512), (10, 50, 200), (1, 8, 32)
LARGE = 256
ROUNDS = (3, 15)
"""At least and at most: as many as fit into SECONDS for each shape."""
SECONDS = 1.5
ONNX, TORCH, PRODUCTS = "ReferenceEvaluator", "torch", "products alone"


def share_of_bound(case: Case) -> float:
    """The largest share of the reference's bounds that is used by the answers of the others."""
    outputs, states = by_torch(case)()
    answers = (answer({"outputs": outputs, **states}), answer_of(case.network, by_onnx(case)()))
    trial = Trial(ReferenceLayer())
    for each in answers:
        allowed = trial.expected(Observed(each.outputs, each.states, case))
        for name, part in each.parts().items():
            trial.within(name, case, part, allowed[name].value, allowed[name])
    return trial.ratio


def times(case: Case) -> dict[str, float]:
    """The seconds of a call, by who is called."""
    calls: dict[str, Callable[[], object]] = {
        "reference": partial(unroll, case),
        ONNX: by_onnx(case),
        TORCH: by_torch(case),
        PRODUCTS: products(case),
    }
    once = sum(in_turn(calls, 1).values())
    return in_turn(calls, int(np.clip(SECONDS / once, *ROUNDS)))


def main() -> int:
    """Print the table of ratios, and where the goals are missed."""
    asked = asks("reference_speed", __doc__).parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    share = max(
        share_of_bound(case_of(cell, units, min(STEPS), rows))
        for cell, units, rows in product(BLOCKS, UNITS, ROWS)
    )
    lines, missed = [], []
    ratios: dict[str, list[float]] = {}
    for cell, units, steps, rows in product(BLOCKS, UNITS, STEPS, ROWS):
        taken = times(case_of(cell, units, steps, rows))
        size = "H >= 256" if units >= LARGE else "H < 256"
        own, at = taken.pop("reference"), f"{cell}, H {units}, T {steps}, B {rows}"
        over = {name: own / seconds for name, seconds in taken.items()}
        for name, ratio in over.items():
            ratios.setdefault(f"{name}, {size}", []).append(ratio)
        if over[ONNX] >= 1.0:
            missed.append(f"- {at}: {over[ONNX]:.2f} of {ONNX}'s time")
        if over[TORCH] > 1.5 and units >= LARGE:
            missed.append(f"- {at}: {over[TORCH]:.2f} of {TORCH}'s time")
        shown = [f"{1e3 * own:.2f}", *(f"{ratio:.2f}" for ratio in over.values())]
        lines.append([cell, units, steps, rows, *shown])
        print(at, *shown, file=sys.stderr, flush=True)
    summary = [
        [name, len(all_of), *(f"{f(all_of):.2f}" for f in (np.min, np.median, np.max))]
        for name, all_of in sorted(ratios.items())
    ]
    present(
        "reference_speed",
        "The reference's speed",
        [
            "Float64, one thread, one layer, forward, as many inputs as units; processor time, "
            f"median of {ROUNDS[0]} to {ROUNDS[1]} rounds in which each is called once. What is "
            "shown is the reference's time over the other's: below 1 the reference is faster.",
            table(["over the time of", "shapes", "least", "median", "largest"], summary),
            f"Answers of the others, at T {min(STEPS)}: at most {share:.2f} of the bound.",
            "Goals: below 1 of ReferenceEvaluator everywhere, at most 1.5 of torch at H >= 256. "
            + (f"Missed {len(missed)} times:" if missed else "Both are met."),
            *(["\n".join(missed)] if missed else []),
            table(["cell", "H", "T", "B", "ms", ONNX, TORCH, PRODUCTS], lines),
        ],
        ["scipy", "onnx", "torch"],
        write=asked.write,
    )
    return 1 if share > 1.0 else 0


if __name__ == "__main__":
    sys.exit(main())
