"""A case: everything that one call of a recurrent layer needs. And its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnspec.reference.network import InvalidCase, Network, Place, plural
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS

Lengths = npt.NDArray[np.int64]
Weights = Mapping[Place, Array]


@dataclass(frozen=True, eq=False)
class Case:
    """One call: a network with its weights, and what it is called with.

    Arrays are float64 and hold numbers of the case's dtype, so that no conversion rounds.
    Raises InvalidCase where a shape or a name does not fit.
    """

    network: Network
    weights: Weights
    inputs: Array
    """``(T, B, I)``: steps, rows of the batch, input size."""
    states: Mapping[str, Array] = field(default_factory=dict)
    """The initial states that are given, each ``(L * D, B, H)``, the hidden one ``(L * D, B, P)``
    where it is projected; one that is missing is zero."""
    lengths: Lengths | None = None
    """``(B,)``, how many steps of each row are valid; None where all are."""
    dtype: str = "float64"
    aim: Mapping[str, int | str] = field(default_factory=dict)
    """What a claim's intervention is aimed at: a gate, a unit."""
    way: str = ""
    """Which of an implementation's ways to the same layer is taken; its ordinary one, if empty."""

    def __post_init__(self) -> None:
        if self.dtype not in PRECISIONS:
            raise InvalidCase(f"case.dtype is {self.dtype!r}: use one of {', '.join(PRECISIONS)}")
        network, wanted = self.network, dict(self.network.places())
        for place in wanted.keys() - self.weights.keys():
            raise InvalidCase(f"case.weights has nothing at {place}, which {network} needs")
        for place in self.weights.keys() - wanted.keys():
            raise InvalidCase(f"case.weights has something at {place}, where {network} has nothing")
        for place, shape in wanted.items():
            _check_shape(f"case.weights.{place}", self.weights[place], shape)
        if self.inputs.ndim != 3:
            raise InvalidCase(f"case.inputs has shape {self.inputs.shape}: it must be (T, B, I)")
        _check_shape("case.inputs", self.inputs, (self.steps, self.rows, network.inputs))
        for name, state in self.states.items():
            if name not in network.states:
                raise InvalidCase(f"case.states has {name!r}, which a {network.cell} has not")
            _check_shape(f"case.states.{name}", state, self.shape_of(name))
        if self.lengths is not None:
            _check_shape("case.lengths", self.lengths, (self.rows,))
            if np.any((self.lengths < 0) | (self.lengths > self.steps)):
                raise InvalidCase(f"case.lengths must lie between 0 and the {self.steps} steps")

    @property
    def steps(self) -> int:
        """T, the number of steps."""
        return int(self.inputs.shape[0])

    @property
    def rows(self) -> int:
        """B, the number of rows of the batch."""
        return int(self.inputs.shape[1])

    @property
    def state_shape(self) -> tuple[int, int, int]:
        """``(L * D, B, H)``, of every state where none is projected."""
        network = self.network
        return (network.layers * len(network.directions), self.rows, network.units)

    def shape_of(self, state: str) -> tuple[int, int, int]:
        """The shape of a state, by name."""
        return (*self.state_shape[:2], self.network.size(state))

    @property
    def output_shape(self) -> tuple[int, int, int]:
        """``(T, B, D * H)``; ``(T, B, D * P)`` where the hidden state is projected."""
        return (self.steps, self.rows, self.network.hidden * len(self.network.directions))

    def __str__(self) -> str:
        """The case in a few words: network, dtype, steps and rows."""
        sizes = f"{plural(self.steps, 'step')}, {plural(self.rows, 'row')}"
        way = f"; {self.way}" if self.way else ""
        return f"{self.network}; {self.dtype}; {sizes}{way}"

    def changed(self, **fields: Any) -> Case:
        """The same case with other fields."""
        return replace(self, **fields)

    def copied(self) -> Case:
        """The same case in arrays of its own, for who might write into them."""
        return replace(
            self,
            weights={at: w.copy() for at, w in self.weights.items()},
            inputs=self.inputs.copy(),
            states={name: state.copy() for name, state in self.states.items()},
            lengths=None if self.lengths is None else self.lengths.copy(),
        )

    def state(self, name: str) -> Array:
        """An initial state: as given, or zeros where it is missing."""
        given = self.states.get(name)
        return np.zeros(self.shape_of(name)) if given is None else given

    def with_states(self, **states: Array) -> Case:
        """The same case with some of its initial states given anew."""
        return replace(self, states={**self.states, **states})

    def with_weights(self, change: Callable[[Place, Array], Array]) -> Case:
        """The same case with every array of weights replaced by ``change(place, array)``."""
        return replace(self, weights={at: change(at, w) for at, w in self.weights.items()})

    def first_layers(self, layers: int) -> Case:
        """The same case with the first layers alone."""
        network = replace(self.network, layers=layers)
        index = layers * len(network.directions)
        weights = {at: w for at, w in self.weights.items() if at.layer < layers}
        states = {name: state[:index] for name, state in self.states.items()}
        return replace(self, network=network, weights=weights, states=states)

    def with_blocks(self, sources: Mapping[str, str]) -> Case:
        """The same case with blocks taken from other blocks: ``{block: the block it comes from}``.

        Where the other block has no such bias, it becomes zero.
        """

        def taken(at: Place, array: Array) -> Array:
            source = at._replace(block=sources.get(at.block, at.block))
            return self.weights.get(source, np.zeros_like(array))

        return self.with_weights(taken)


@dataclass(frozen=True, eq=False)
class Answer:
    """What a layer returns: outputs ``(T, B, D * H)`` and final states, each ``(L * D, B, H)``.

    The arrays are float64, or what an interpretation makes of them. A way that does not give the
    outputs back leaves them None, one that gives no states back leaves them out.
    """

    outputs: Any
    states: Mapping[str, Any]

    def parts(self) -> dict[str, Any]:
        """Everything in it, by name: ``outputs``, then the states."""
        outputs = {} if self.outputs is None else {"outputs": self.outputs}
        return {**outputs, **self.states}


@dataclass(frozen=True, eq=False)
class Gradients:
    """What a backward pass returns, and the answer of the forward pass that it goes back through.

    Each gradient has the shape of what it is taken with respect to.
    """

    answer: Answer
    inputs: Any
    states: Mapping[str, Any]
    """With respect to the initial states that are given."""
    weights: Mapping[Place, Any]

    def parts(self) -> dict[str, Any]:
        """Every gradient, by name: ``inputs``, the states, the places of the weights."""
        return {
            "inputs": self.inputs,
            **{f"initial {name}": state for name, state in self.states.items()},
            **{str(place): weights for place, weights in self.weights.items()},
        }


def _check_shape(what: str, array: npt.NDArray[Any], shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise InvalidCase(f"{what} has shape {array.shape}: it must be {shape}")
