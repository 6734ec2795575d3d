"""The interpretation *trace*: a graph that computes what the equations compute."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from docs.pictures.tracing import Node, Tracing, ancestors, evaluate, trace
from rnnspec.reference import unroll as unrolling
from rnnspec.reference.case import Case
from rnnspec.reference.cells import cell, gates, hidden_state
from rnnspec.reference.network import BIASES, Network
from rnnspec.reference.unroll import unroll

NETWORKS = [
    Network("rnn", 3, 2),
    Network("rnn", 3, 2, activation="relu", clip=1.5),
    Network("lstm", 3, 2),
    Network("lstm", 3, 2, peepholes=True, clip=1.5, cell_clip=0.5),
    Network("lstm", 3, 2, coupled=True),
    Network("lstm", 3, 2, projection=1),
    Network("gru", 3, 2),
    Network("gru", 3, 2, reset="before"),
]


def drawn(network: Network, steps: int, rows: int = 3, *, eighths: bool = True) -> Case:
    """A case of numbers whose products and sums are exact, or of any."""
    random = np.random.default_rng(5)

    def numbers(shape: tuple[int, ...]) -> Any:
        return random.integers(-12, 13, shape) / 8 if eighths else random.normal(size=shape)

    directions = network.layers * len(network.directions)
    return Case(
        network,
        {place: numbers(shape) for place, shape in network.places()},
        numbers((steps, rows, network.inputs)),
        {name: numbers((directions, rows, network.size(name))) for name in network.states},
    )


def same_bits(network: Network, case: Case) -> None:
    graph, answer = trace(network, case.steps), unroll(case)
    nodes = [node for row in graph.outputs for node in row]
    values = iter(evaluate(nodes, case))
    for t in range(case.steps):
        row = np.concatenate([next(values) for _ in network.directions], axis=-1)
        np.testing.assert_array_equal(row, answer.outputs[t], strict=True)
    for name, states in graph.states.items():
        np.testing.assert_array_equal(np.stack(evaluate(states, case)), answer.states[name])


@pytest.mark.parametrize("biases", BIASES)
@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_a_graph_computes_a_step_to_the_last_bit(network: Network, biases: str) -> None:
    network = Network(**{**network.as_dict(), "biases": biases})
    same_bits(network, drawn(network, 1))


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_and_several_steps_of_several_layers(cell: str, direction: str) -> None:
    """Of one unit, in whose products there is nothing to sum up in another order."""
    network = Network(cell, 1, 1, layers=3, direction=direction)
    same_bits(network, drawn(network, 5, 1, eighths=False))


def test_both_directions_are_joined() -> None:
    network = Network("gru", 2, 3, layers=2, direction="both")
    case = drawn(network, 4)
    found = evaluate([node for row in trace(network, 4).outputs for node in row], case)
    joined = np.stack([np.concatenate(found[t : t + 2], axis=-1) for t in range(0, 8, 2)])
    np.testing.assert_allclose(joined, unroll(case).outputs, rtol=1e-12)


def operations(network: Network) -> Counter[str]:
    graph = trace(network)
    nodes = ancestors(
        *graph.outputs[0], *(each for state in graph.states.values() for each in state)
    )
    return Counter(node.operation for node in nodes if node.operation != "leaf")


def test_the_operations_of_an_lstm_are_those_of_its_equations() -> None:
    assert operations(Network("lstm", 3, 2)) == {
        "product": 8,
        "expit": 3,
        "tanh": 2,
        "multiply": 3,
        "add": 4 * 3 + 1,
    }


@pytest.mark.parametrize("reset", ["before", "after"])
def test_the_operations_of_a_gru_are_those_of_its_equations(reset: str) -> None:
    assert operations(Network("gru", 3, 2, reset=reset, biases="none")) == {
        "product": 6,
        "expit": 2,
        "tanh": 1,
        "multiply": 3,
        "add": 3 + 1,
        "subtract": 1,
        "number": 1,
    }


def test_another_equation_is_another_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that forgets to forget."""
    network = Network("lstm", 3, 2)
    plain = operations(network)

    def cell_state(f: Any, i: Any, g: Any, o: Any, c: Any) -> Any:
        return c + i * g

    def other(network: Network, held: Any) -> Any:
        return cell(network, held)._replace(decided=gates, carried=cell_state, hidden=hidden_state)

    case = drawn(network, 1)
    right = unroll(case).states["cell"]
    monkeypatch.setattr(unrolling, "cell", other)
    assert plain - operations(network) == {"multiply": 1, "product": 2, "expit": 1, "add": 3}
    assert np.any(unroll(case).states["cell"] != right)
    same_bits(network, case)


def test_the_same_operation_is_the_same_node() -> None:
    tracing = Tracing()
    one, other = (trace(Network("lstm", 1, 1), steps, tracing) for steps in (2, 3))
    assert other.outputs[1] == one.outputs[1]
    assert other.outputs[2] != one.outputs[1]


def test_ancestors_come_before_what_is_computed_from_them() -> None:
    seen: list[Node] = []
    for node in ancestors(*trace(Network("gru", 1, 1), 4).outputs[-1]):
        assert all(operand in seen for operand in node.operands)
        seen.append(node)
    assert len(set(seen)) == len(seen)


def test_what_has_no_place_in_a_graph_is_an_error() -> None:
    x: Any = Tracing().given(np.zeros((2, 1)), "inputs")
    for operation in (np.add.reduce, lambda x: np.add(x, x, where=True)):
        with pytest.raises(TypeError):
            operation(x)
    ragged = drawn(Network("rnn", 1, 1), 2, 1).changed(lengths=np.array([1]))
    with pytest.raises(TypeError, match="rows that end early"):
        unroll(ragged, Tracing())
