"""The reference's structure: time, directions, layers, lengths, states. And one step by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import BIASES, DIRECTIONS, Network, Place
from rnnspec.reference.operations import VALUES, Array, product
from rnnspec.reference.unroll import MANY, Affine, count, unroll

Draw = Callable[..., Case]

NET = {
    "rnn-tanh": Network("rnn", 2, 3),
    "rnn-relu": Network("rnn", 2, 3, activation="relu"),
    "lstm": Network("lstm", 2, 3),
    "gru-after": Network("gru", 2, 3),
    "gru-before": Network("gru", 2, 3, reset="before"),
}
DOUBLE = Bounds.of("float64")
"""What another float64 computation of the same equations may differ by."""

cells = pytest.mark.parametrize("cell", NET)
directions = pytest.mark.parametrize("direction", DIRECTIONS)


def network(cell: str, **fields: object) -> Network:
    return replace(NET[cell], **fields)  # type: ignore[arg-type]


def assert_same(one: Answer, other: Answer) -> None:
    """The same numbers, to the last bit."""
    for name, part in one.parts().items():
        assert np.array_equal(part, other.parts()[name], equal_nan=True), name


def assert_within(answer: Answer, judged: Answer) -> None:
    """The same but for rounding: within the bounds of the same case."""
    for name, part in answer.parts().items():
        bound = judged.parts()[name].settled()
        assert np.all(np.abs(part - bound.value) <= bound.error), name


# ---- structure


def single(case: Case, layer: int, direction: str, inputs: Array) -> Case:
    """One direction of one layer, as a forward layer of its own."""
    directions = case.network.directions
    alone = replace(case.network, inputs=inputs.shape[-1], layers=1, direction="forward")
    index = layer * len(directions) + directions.index(direction)
    at = {
        Place(0, "forward", p.block, p.part): p for p in case.weights if p[:2] == (layer, direction)
    }
    return Case(
        alone,
        {place: case.weights[source] for place, source in at.items()},
        inputs,
        {name: state[index : index + 1] for name, state in case.states.items()},
        case.lengths,
    )


def turned(array: Array, case: Case) -> Array:
    """Every row the other way round, its padding left where it is."""
    array = array.copy()
    ends = [case.steps] * case.rows if case.lengths is None else case.lengths.tolist()
    for row, end in enumerate(ends):
        array[:end, row] = array[:end, row][::-1]
    return array


def one_by_one(case: Case) -> Answer:
    """The layers of a case one after the other, each of them forward passes that are joined."""
    below, finals = case.inputs, []
    for layer in range(case.network.layers):
        halves = []
        for direction in case.network.directions:
            back = direction == "backward"
            source = turned(below, case) if back else below
            half = unroll(single(case, layer, direction, source))
            halves.append(turned(half.outputs, case) if back else half.outputs)
            finals.append(half.states)
        below = np.concatenate(halves, axis=-1)
    return Answer(
        below,
        {name: np.concatenate([each[name] for each in finals]) for name in case.network.states},
    )


@pytest.mark.parametrize("lengths", [None, [4, 0, 2]], ids=["whole", "lengths"])
@directions
@cells
def test_deep_and_both_directions_are_single_forward_layers_joined(
    drawn: Draw, cell: str, direction: str, lengths: list[int] | None
) -> None:
    case = drawn(network(cell, layers=3, direction=direction), 4, 3, seed=1, lengths=lengths)
    assert_same(unroll(case), one_by_one(case))


@pytest.mark.parametrize("at_once", [1, 30, 50], ids=["each step", "a few steps", "uneven"])
@directions
@cells
def test_how_many_steps_of_the_inputs_are_multiplied_at_once_is_rounding(
    drawn: Draw, cell: str, direction: str, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And so is the order in which a matrix is stored, past ``MANY`` steps."""
    case = drawn(network(cell, layers=2, direction=direction), 20, 2, seed=1)
    judged = unroll(case, DOUBLE)
    assert_within(unroll(case), judged)
    monkeypatch.setattr("rnnspec.reference.unroll.AT_ONCE", at_once)
    assert_within(unroll(case), judged)


@pytest.mark.parametrize(
    ("at_once", "sizes"),
    [
        (48, [2, 2, 1]),  # a step has 2 rows of 4 blocks of 3 units
        (71, [2, 2, 1]),
        (119, [4, 1]),
        (120, [5]),
        (2**21, [5]),
        (23, [1] * 5),
        (1, [1] * 5),
    ],
)
@directions
def test_no_more_numbers_of_the_inputs_are_computed_at_once(
    drawn: Draw,
    direction: str,
    at_once: int,
    sizes: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pieces: list[Array] = []

    def noted(x: Array, matrix: Array) -> Array:
        if x.ndim == 3:
            pieces.append(x)
        return np.asarray(product(x, matrix))

    monkeypatch.setattr("rnnspec.reference.unroll.product", noted)
    monkeypatch.setattr("rnnspec.reference.unroll.AT_ONCE", at_once)
    case = drawn(network("lstm", direction=direction), 5, 2, seed=1)
    unroll(case)
    passes = len(case.network.directions)
    assert [len(piece) for piece in pieces] == sizes * passes
    whole = [np.shares_memory(piece, case.inputs) for piece in pieces]
    assert whole == [sizes == [5]] * len(sizes) * passes  # no copy where there is one piece


@cells
def test_no_rows_give_nothing(drawn: Draw, cell: str) -> None:
    answer = unroll(drawn(network(cell), 3, 0, seed=1))
    assert answer.outputs.shape == (3, 0, 3)


def test_a_step_of_one_number_is_one(drawn: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def noted(x: Array, matrix: Array) -> Array:
        sizes.extend([len(x)] if x.ndim == 3 else [])
        return np.asarray(product(x, matrix))

    monkeypatch.setattr("rnnspec.reference.unroll.product", noted)
    monkeypatch.setattr("rnnspec.reference.unroll.AT_ONCE", 3)
    unroll(drawn(Network("rnn", 1, 1), 3, 1, seed=1))
    assert sizes == [3]


@pytest.mark.parametrize(
    ("steps", "rows", "copied"),
    [
        (MANY + 1, 2, True),
        (MANY, 2, False),
        (MANY + 1, 1, False),
        (MANY + 5, 3, True),
        (3, 2, False),
        (MANY + 1, 0, False),
    ],
)
def test_what_is_read_at_many_steps_is_stored_in_the_order_of_reading(
    drawn: Draw, steps: int, rows: int, copied: bool
) -> None:
    case = drawn(network("gru-after"), steps, rows, seed=1)
    for side, ours in (("input", False), ("recurrent", copied)):
        for matrix in Affine(case, VALUES, 0, "forward", side).matrices.values():
            assert matrix.flags.c_contiguous == ours


@cells
def test_directions_do_not_see_each_other(drawn: Draw, cell: str) -> None:
    """Other weights for one direction leave the outputs of the other one as they are."""
    case = drawn(network(cell, direction="both"), 3, 2, seed=2)
    other = case.with_weights(lambda at, w: w + 1 if at.direction == "backward" else w)
    before, after = unroll(case).outputs, unroll(other).outputs
    assert np.array_equal(before[..., :3], after[..., :3])
    assert np.any(before[..., 3:] != after[..., 3:])


@cells
def test_states_missing_are_zero(drawn: Draw, cell: str) -> None:
    case = drawn(network(cell, layers=2, direction="both"), 3, 2, seed=3)
    zeros = {name: np.zeros_like(state) for name, state in case.states.items()}
    assert_same(unroll(case.changed(states={})), unroll(case.changed(states=zeros)))


def test_one_state_given_and_the_other_missing(drawn: Draw) -> None:
    case = drawn(network("lstm"), 3, 2, seed=3)
    only = case.changed(states={"cell": case.states["cell"]})
    assert_same(unroll(only), unroll(case.with_states(hidden=np.zeros((1, 2, 3)))))


@pytest.mark.parametrize("biases", BIASES)
@cells
def test_a_bias_that_is_absent_is_zero(drawn: Draw, cell: str, biases: str) -> None:
    case = drawn(network(cell, biases=biases), 3, 2, seed=4)
    full = network(cell, biases="both")
    weights = {place: case.weights.get(place, np.zeros(shape)) for place, shape in full.places()}
    assert_same(unroll(case), unroll(case.changed(network=full, weights=weights)))


# ---- lengths


@pytest.mark.parametrize("layers", [1, 2])
@directions
@cells
def test_padding_changes_nothing(drawn: Draw, cell: str, direction: str, layers: int) -> None:
    """Not even where it is NaN or infinite."""
    ends = [5, 0, 1, 3]
    case = drawn(network(cell, direction=direction, layers=layers), 5, 4, seed=5, lengths=ends)
    before = unroll(case)
    for row, end in enumerate(ends):
        case.inputs[end:, row] = [np.nan, np.inf]
    assert_same(before, unroll(case))


@directions
@cells
def test_outputs_past_the_end_are_zero(drawn: Draw, cell: str, direction: str) -> None:
    case = drawn(network(cell, direction=direction), 4, 3, seed=6, lengths=[4, 0, 2])
    outputs = unroll(case).outputs
    assert not np.any(outputs[:, 1])
    assert not np.any(outputs[2:, 2])
    assert np.all(np.any(outputs[:, 0], axis=-1))


@directions
@cells
def test_a_row_with_a_length_is_that_row_run_alone(drawn: Draw, cell: str, direction: str) -> None:
    """So its final states are those after its last valid step, first for the backward pass."""
    ends = [5, 1, 3]
    case = drawn(network(cell, direction=direction, layers=2), 5, 3, seed=7, lengths=ends)
    whole = unroll(case)
    for row, end in enumerate(ends):
        one = slice(row, row + 1)
        alone = case.changed(
            inputs=case.inputs[:end, one],
            states={name: state[:, one] for name, state in case.states.items()},
            lengths=None,
        )
        states = {name: state[:, one] for name, state in whole.states.items()}
        assert_within(Answer(whole.outputs[:end, one], states), unroll(alone, DOUBLE))


@cells
def test_final_states_are_the_last_outputs(drawn: Draw, cell: str) -> None:
    """The last valid one of the forward half, the first one of the backward half."""
    ends = np.array([5, 1, 3])
    case = drawn(network(cell, direction="both"), 5, 3, seed=8, lengths=ends.tolist())
    answer = unroll(case)
    assert np.array_equal(answer.states["hidden"][0], answer.outputs[ends - 1, range(3), :3])
    assert np.array_equal(answer.states["hidden"][1], answer.outputs[0, :, 3:])


@pytest.mark.parametrize("anchored", [False, True], ids=["free", "anchored"])
@directions
@cells
def test_a_row_without_steps_keeps_its_initial_states(
    drawn: Draw, cell: str, direction: str, anchored: bool
) -> None:
    case = drawn(network(cell, direction=direction), 3, 2, seed=9, lengths=[0, 3])
    returned = {0: unroll(case).outputs} if anchored else None
    for name, state in unroll(case, anchors=returned).states.items():
        assert np.array_equal(state[:, 0], case.states[name][:, 0])
        assert np.all(np.any(state[:, 1] != case.states[name][:, 1], axis=-1))


@pytest.mark.parametrize("lengths", [None, [0, 0]], ids=["whole", "lengths"])
@directions
@cells
def test_no_steps_leave_the_initial_states(
    drawn: Draw, cell: str, direction: str, lengths: list[int] | None
) -> None:
    case = drawn(network(cell, direction=direction, layers=2), 0, 2, seed=10, lengths=lengths)
    answer = unroll(case)
    assert answer.outputs.shape == case.output_shape
    assert answer.outputs.size == 0
    assert_same(Answer(answer.outputs, answer.states), Answer(answer.outputs, case.states))


# ---- anchors


@pytest.mark.parametrize("lengths", [None, [4, 0, 2]], ids=["whole", "lengths"])
@directions
@cells
def test_anchored_by_its_own_outputs_it_is_the_free_run(
    drawn: Draw, cell: str, direction: str, lengths: list[int] | None
) -> None:
    case = drawn(network(cell, direction=direction, layers=2), 4, 3, seed=11, lengths=lengths)
    free = unroll(case)
    assert_within(free, unroll(case, DOUBLE, {1: free.outputs}))


@pytest.mark.parametrize(("direction", "step", "next_"), [("forward", 1, 2), ("backward", 2, 1)])
@cells
def test_an_anchor_is_where_the_next_step_starts(
    drawn: Draw, cell: str, direction: str, step: int, next_: int
) -> None:
    """Another output at one step moves the next one, in its direction, and in an RNN or GRU no
    other: its steps hang together by nothing else."""
    case = drawn(network(cell, direction=direction), 4, 1, seed=12)
    free = unroll(case).outputs
    other = free.copy()
    other[step] += 1
    one, two = (unroll(case, anchors={0: each}).outputs for each in (other, free))
    moved = np.any(one != two, -1)
    assert moved[next_]
    assert not moved[step]
    if cell != "lstm":
        assert np.flatnonzero(moved).tolist() == [next_]


@cells
def test_a_layer_reads_what_the_layer_below_returned(drawn: Draw, cell: str) -> None:
    """Not what it should have returned: the error of one layer is not that of the next."""
    case = drawn(network(cell, layers=2), 3, 2, seed=13)
    returned = unroll(case.first_layers(1)).outputs + 1
    upper = unroll(single(case, 1, "forward", returned))
    assert np.array_equal(unroll(case, anchors={0: returned}).outputs, upper.outputs)


# ---- one step by hand


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def by_hand(net: Network, numbers: dict[str, tuple[float, float, float, float]]) -> Case:
    """One unit, one input, one step: ``block: (w, u, input bias, recurrent bias)``; x is 0.5, the
    hidden state -0.75, the cell state 1.25."""
    parts = ("input", "recurrent", "input_bias", "recurrent_bias")
    weights = {
        Place(0, "forward", block, part): np.full((1, 1) if k < 2 else (1,), four[k])
        for block, four in numbers.items()
        for k, part in enumerate(parts)
    }
    states = {"hidden": np.full((1, 1, 1), -0.75), "cell": np.full((1, 1, 1), 1.25)}
    given = {name: states[name] for name in net.states}
    return Case(net, weights, np.full((1, 1, 1), 0.5), given)


def assert_gives(case: Case, hidden: float, cell: float | None = None) -> None:
    """The numbers worked out by hand are float64 computations as well, within the bounds of one."""
    states = {"hidden": np.full((1, 1, 1), hidden)}
    if cell is not None:
        states["cell"] = np.full((1, 1, 1), cell)
    assert_within(Answer(states["hidden"], states), unroll(case, DOUBLE))


def test_a_step_of_the_simple_unit_by_hand() -> None:
    """0.5 * 0.75 + 0.125 and -0.75 * -0.5 + 0.25 make 1.125; a relu passes it, or stops -1.125."""
    numbers = {"hidden": (0.75, -0.5, 0.125, 0.25)}
    assert_gives(by_hand(Network("rnn", 1, 1), numbers), math.tanh(1.125))
    relu = Network("rnn", 1, 1, activation="relu")
    assert_gives(by_hand(relu, numbers), 1.125)
    assert_gives(by_hand(relu, {"hidden": (-0.75, 0.5, -0.125, -0.25)}), 0.0)


def test_a_step_of_the_lstm_by_hand() -> None:
    """Every gate has numbers of its own, so that no two can be mistaken for each other."""
    case = by_hand(
        Network("lstm", 1, 1),
        {
            "forget": (1.0, 0.5, 0.25, -0.125),  # 0.5 - 0.375 + 0.125 = 0.25
            "input": (-2.0, 1.0, 0.5, 0.75),  # -1.0 - 0.75 + 1.25 = -0.5
            "candidate": (3.0, -1.0, 0.125, -0.375),  # 1.5 + 0.75 - 0.25 = 2.0
            "output": (0.5, -2.0, -1.0, 0.5),  # 0.25 + 1.5 - 0.5 = 1.25
        },
    )
    c = sigmoid(0.25) * 1.25 + sigmoid(-0.5) * math.tanh(2.0)
    assert_gives(case, sigmoid(1.25) * math.tanh(c), c)


@pytest.mark.parametrize("reset", ["after", "before"])
def test_a_step_of_the_gru_by_hand(reset: str) -> None:
    """The update gate keeps the past where it is open: ``z`` stands beside the past."""
    case = by_hand(
        Network("gru", 1, 1, reset=reset),
        {
            "reset": (1.0, 0.5, 0.25, -0.125),  # 0.5 - 0.375 + 0.125 = 0.25
            "update": (-2.0, 1.0, 0.5, 0.75),  # -1.0 - 0.75 + 1.25 = -0.5
            "candidate": (3.0, -2.0, 0.125, -0.375),  # 1.625 from the input; the past 1.5 - 0.375
        },
    )
    r, z = sigmoid(0.25), sigmoid(-0.5)
    past = r * (1.5 - 0.375) if reset == "after" else r * 1.5 - 0.375
    n = math.tanh(1.625 + past)
    assert_gives(case, (1 - z) * n + z * -0.75)


# ---- the reset gate's two places


def apart(draw: Draw, **fields: object) -> float:
    """How far the two forms of the reset are apart, in bounds on their rounding."""
    case = draw(network("gru-after", **fields), 3, 2, seed=13)
    after = unroll(case, DOUBLE).outputs
    before = unroll(case.changed(network=replace(case.network, reset="before")), DOUBLE).outputs
    return float(np.max(np.abs(after.value - before.value) / (after.error + before.error)))


def test_the_reset_s_places_differ_with_several_units_or_a_bias_on_the_past(drawn: Draw) -> None:
    """One unit without that bias is the one network in which ``r * (U h)`` is ``U (r * h)``."""
    assert apart(drawn, biases="none") > 2
    assert apart(drawn, units=1, biases="both") > 2
    assert apart(drawn, units=1, biases="candidate") > 2
    assert apart(drawn, units=1, biases="none") <= 1
    assert apart(drawn, units=1, biases="input") <= 1


# ---- how many numbers


@pytest.mark.parametrize("biases", BIASES)
@directions
@cells
def test_the_count_is_that_of_the_numbers_there_are(
    drawn: Draw, cell: str, direction: str, biases: str
) -> None:
    case = drawn(network(cell, direction=direction, layers=3, biases=biases), 1, 1, seed=14)
    assert count(case.network) == sum(array.size for array in case.weights.values())


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        (Network("rnn", 3, 5), 3 * 5 + 5 * 5 + 2 * 5),
        (Network("lstm", 3, 5), 4 * (3 * 5 + 5 * 5 + 2 * 5)),
        (Network("lstm", 3, 5, biases="input"), 4 * (3 * 5 + 5 * 5 + 5)),
        (Network("gru", 3, 5), 3 * (3 * 5 + 5 * 5 + 2 * 5)),
        (Network("gru", 3, 5, biases="none"), 3 * (3 * 5 + 5 * 5)),
        (Network("gru", 3, 5, biases="candidate"), 3 * (3 * 5 + 5 * 5) + 4 * 5),
        (Network("gru", 1, 1), 12),
        (Network("lstm", 1, 1, biases="input"), 12),
        (Network("lstm", 1, 1, layers=2), 32),
        (Network("lstm", 1, 1, layers=2, direction="both"), 72),
        (Network("rnn", 3, 5, layers=3, direction="both"), 2 * (50 + 2 * (10 * 5 + 25 + 10))),
    ],
    ids=str,
)
def test_the_count_by_formula(net: Network, expected: int) -> None:
    """Blocks * (H I + H H + biases); upper layers read the outputs of both directions."""
    assert count(net) == expected
