"""Card 8: LSTM against GRU, counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.cost import cost
from rnnspec.reference.network import RESETS, Network
from rnnspec.spec.claim import Erratum, claim
from rnnspec.spec.claims.gates import parameters
from rnnspec.spec.contrast import Contrast
from rnnspec.spec.interventions import moved
from rnnspec.spec.literature import CHO_2014, CHUNG_2014, GREFF_2017, SAK_2014
from rnnspec.spec.strategies import Sizes
from rnnspec.spec.trial import NotOffered, Trial

COUNTED = Sizes(steps=(1, 1), rows=(1, 1), inputs=(1, 20), units=(1, 20))


def _gru(trial: Trial, network: Network) -> Network:
    """A GRU of the same sizes and biases. Raises NotOffered."""
    for reset in RESETS:
        try:
            return trial.offered(replace(network, cell="gru", reset=reset))
        except NotOffered as no:
            reason = no
    raise reason


def _four_blocks(network: Network, count: int) -> int:
    return count * 4 // 3 if network.cell == "gru" else count


def _smallest(holds: Callable[[int, int], bool]) -> tuple[int, int]:
    """The smallest input size and number of units, by their sum, for which something holds."""
    sizes = [(i, total - i) for total in range(2, 40) for i in range(1, total)]
    return next(size for size in sizes if holds(*size))


def _as_many(inputs: int, units: int) -> bool:
    one = parameters(Network("lstm", inputs, units, biases="input"), 4)
    return parameters(Network("gru", inputs, units, biases="both"), 3) >= one


@claim(
    "compare.gates",
    card=8,
    kind="count",
    statement="An LSTM has three gates where a GRU has two; either has one candidate beside them.",
    formula="blocks - 1 = 3 (LSTM), 2 (GRU)",
    seen=(
        "The implementation's own parameters, divided by what one block of the same sizes holds, "
        "are whole numbers of blocks."
    ),
    contrast=Contrast("the GRU has four blocks", count=_four_blocks),
    about={"cell": ("lstm",)},
    sizes=COUNTED,
    literature=(CHO_2014, GREFF_2017),
    fewer=5,
)
def gates(trial: Trial, case: Case) -> None:
    """Blocks of parameters, less the candidate."""
    lstm = case.network
    for network, expected in ((lstm, 3), (_gru(trial, lstm), 2)):
        blocks = trial.count(network) / parameters(network, 1)
        trial.exactly(f"gates of the {network.cell.upper()}", case, blocks - 1, expected)


def _one_state_less(case: Case, answer: Answer) -> Answer:
    """The cell state is not returned."""
    return Answer(answer.outputs, {"hidden": answer.states["hidden"]})


@claim(
    "compare.states",
    card=8,
    kind="count",
    statement=(
        "An LSTM carries two states from step to step, the cell state and the hidden state; a GRU "
        "carries one, the hidden state."
    ),
    formula="(h_t, c_t) against h_t",
    seen=(
        "As many states are returned, each of the same shape; and each of them is read: given "
        "another one, the next step follows the equations with it."
    ),
    contrast=Contrast("the LSTM returns its hidden state alone", answer=_one_state_less),
    about={"cell": ("lstm",)},
    sizes=Sizes(steps=(1, 2), states=True, rows=(1, 2)),
    literature=(CHO_2014, GREFF_2017),
    fewer=5,
)
def states(trial: Trial, case: Case) -> None:
    """The LSTM's two, then the GRU's one."""
    gru = _gru(trial, case.network)
    blocks = {"reset": "forget", "update": "input"}
    weights = {
        at: case.weights[at._replace(block=blocks.get(at.block, at.block))]
        for at, _ in gru.places()
    }
    hidden = {"hidden": case.states["hidden"]}
    for run, expected in (
        (case, 2),
        (case.changed(network=gru, weights=weights, states=hidden), 1),
    ):
        answer = trial.implementation.run(run)
        cell = run.network.cell.upper()
        trial.exactly(f"states that the {cell} returns", run, len(answer.states), expected)
        if trial.ratio == 0:
            for name, state in run.states.items():
                trial.follows(run.with_states(**{name: moved(state)}))


@claim(
    "compare.parameters",
    card=8,
    kind="count",
    statement=(
        "With the same set of bias vectors, a GRU has exactly three quarters of an LSTM's "
        "parameters."
    ),
    formula="4 parameters(GRU) = 3 parameters(LSTM)",
    seen="Both are counted by the implementation itself, with like biases.",
    contrast=Contrast("the GRU has four blocks", count=_four_blocks),
    about={"cell": ("lstm",)},
    sizes=COUNTED,
    errata=(
        Erratum(
            card="An LSTM has more parameters than a GRU.",
            stops="Bias conventions differ. With two bias vectors in the GRU and one in the LSTM, "
            "as one widespread library has them by default, a GRU can have as many.",
            smallest="{} input and {} unit: {} parameters each".format(
                *_smallest(_as_many),
                parameters(Network("gru", *_smallest(_as_many), biases="both"), 3),
            ),
        ),
        Erratum(
            card="An LSTM has more parameters than a GRU.",
            stops="An LSTM whose hidden state is projected to a smaller one has fewer.",
            smallest=(
                "10 units, 1 input, a projection to 1, two bias vectors: 170 against the 390 of a "
                "GRU"
            ),
        ),
    ),
    literature=(CHO_2014, CHUNG_2014, SAK_2014),
    fewer=5,
)
def counted(trial: Trial, case: Case) -> None:
    """Three quarters."""
    gru = _gru(trial, case.network)
    lstm, fewer = trial.count(case.network), trial.count(gru)
    trial.exactly("4 times the parameters of the GRU", case, 4 * fewer, 3 * lstm)


@claim(
    "compare.computation",
    card=8,
    kind="count",
    statement=(
        "A step of a GRU needs fewer operations than a step of an LSTM of the same sizes, and "
        "exactly three quarters of its multiplications by a weight."
    ),
    formula="4 H (I + H) multiplications by a weight (LSTM), 3 H (I + H) (GRU)",
    seen=(
        "The operations are counted on the equations; each weight of the implementation's own "
        "matrices is used once a step. How long its steps take is noted beside it."
    ),
    contrast=Contrast("the GRU has four blocks", count=_four_blocks),
    about={"cell": ("lstm",)},
    sizes=COUNTED,
    errata=(
        Erratum(
            card="A GRU is computationally less expensive than an LSTM.",
            stops="It takes fewer operations, which need not mean less time: kernels differ.",
            smallest=(
                "PyTorch 2.13.0 on a CPU: a step of the LSTM takes half the time of one of the GRU "
                "at 128 units, less than a tenth at 32"
            ),
        ),
    ),
    literature=(CHO_2014, CHUNG_2014),
    fewer=5,
)
def computation(trial: Trial, case: Case) -> None:
    """Fewer operations in all; three quarters of them in the matrices."""
    lstm = case.network
    gru = _gru(trial, lstm)
    more, fewer = cost(lstm), cost(gru)
    trial.exactly("4 times the GRU's", case, 4 * fewer["matmul"], 3 * more["matmul"])
    trial.exactly("more operations in all", case, more.total() > fewer.total(), True)
    for network, counted in ((lstm, more), (gru, fewer)):
        biases = sum(shape[0] for at, shape in network.places() if at.part.endswith("bias"))
        held = trial.count(network) - biases
        what = f"weights in the matrices of the {network.cell.upper()}"
        trial.exactly(what, case, held, counted["matmul"])
    if trial.ratio == 0 and lstm.units == lstm.inputs == 1:  # the simplest case, tried in any run
        dtype = "float32" if "float32" in trial.implementation.levels else case.dtype
        wide = [replace(network, inputs=32, units=32) for network in (lstm, gru)]
        times = [_step_time(trial, network, dtype) for network in wide]
        if min(times) > 0:
            ratio = f"took {times[0] / times[1]:.2f} times as long as one of the GRU"
            trial.note("time", f"a step of the LSTM {ratio} (32 units, 4 rows, {dtype})")


def _step_time(trial: Trial, network: Network, dtype: str) -> float:
    """Seconds a step: what 64 more steps cost, so that building and loading do not count."""
    weights = {at: np.full(shape, 0.125) for at, shape in network.places()}
    taken = []
    for steps in (1, 65):
        case = Case(network, weights, np.ones((steps, 4, network.inputs)), dtype=dtype)
        runs = []
        for _ in range(6):
            start = time.perf_counter()
            trial.implementation.run(case)
            runs.append(time.perf_counter() - start)
        taken.append(min(runs))  # what disturbs only adds
    return (taken[1] - taken[0]) / 64
