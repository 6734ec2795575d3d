"""The smoke test: whether an adapter works at all, before anything is said of its layer.

It asks for no equation: only that answers have their shapes and are numbers, that weights reach the
layer and stay no longer than their call, and that the same call gives the same. A wrong layer
passes; an adapter that is broken would fail every claim, and none of them would say why.
"""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.declaration import decode_declaration, encode_declaration
from rnnspec.reference.encoding import Malformed
from rnnspec.reference.implementation import Implementation, Refused
from rnnspec.reference.network import BLOCKS, Network
from rnnspec.reference.precision import PRECISIONS, Level
from rnnspec.spec.numbers import Numbers
from rnnspec.spec.trial import Observed, Trial, WrongAnswer, told

SIZES = {"steps": 4, "rows": 2, "inputs": 3, "units": 5}
"""All different, so that axes which are exchanged show."""


class Broken(Exception):
    """What is wrong with an adapter, and what to look at."""


class Raised(Broken):
    """A call raised something: where others do not, that is for the claims to judge."""


def smoke(implementation: Implementation) -> str:
    """What is wrong with an adapter, and what to look at; nothing where it works.

    A network that the framework refuses says nothing of the adapter. Call it in a session.
    """
    raised: list[Raised] = []
    networks = []
    try:
        _declared(implementation)
        networks = [n for n in (_network(implementation, cell) for cell in BLOCKS) if n is not None]
        for network in networks:
            try:
                _called(implementation, network)
            except Raised as error:
                raised.append(error)
    except Broken as broken:
        return f"{implementation.name}: {broken}"
    return f"{implementation.name}: {raised[0]}" if len(raised) == len(networks) > 0 else ""


def _declared(implementation: Implementation) -> None:
    """What it declares is what a declaration can say."""
    for dtype, level in dict(implementation.levels).items():
        if not isinstance(level, Level):
            raise Broken(f"its levels have {level!r} for {dtype!r}, where a Level belongs")
    try:
        text = json.dumps(encode_declaration(implementation, {}))
        decode_declaration(json.loads(text))
    except Malformed as error:
        raise Broken(f"what it declares is none: {str(error).removeprefix('hello.')}") from None
    except (Exception, SystemExit) as error:
        raise Broken(f"it does not say what it offers: {told(error)}") from None


def _network(implementation: Implementation, cell: str) -> Network | None:
    """The first network that is offered of a cell, of one layer."""
    conventions = implementation.conventions.get(cell)
    if conventions is None:
        return None
    sizes = _sizes(implementation)
    for kind in conventions.networks(cell):
        network = replace(kind, inputs=sizes["inputs"], units=sizes["units"], layers=1)
        try:
            reason = implementation.offers(network)
        except (Exception, SystemExit) as error:
            raise Broken(f"it does not say what it offers: {told(error)}") from None
        if reason is None:
            return network
    return None


def _sizes(implementation: Implementation) -> dict[str, int]:
    return {**SIZES, **(implementation.palette[0] if implementation.palette else {})}


def _case(implementation: Implementation, network: Network, seed: int) -> Case:
    """Numbers in every place."""
    sizes = _sizes(implementation)
    dtype = max(implementation.levels, key=lambda each: PRECISIONS[each].digits)
    places, rows = dict(network.places()), sizes["rows"]
    state = (len(network.directions), rows, network.units)
    shapes = [
        *places.values(),
        (sizes["steps"], rows, network.inputs),
        *(state for _ in network.states),
    ]
    arrays = Numbers(seed, 8, PRECISIONS[dtype]).arrays([(shape, 1.0) for shape in shapes])
    inputs, *states = arrays[len(places) :]
    given = dict(zip(network.states, states, strict=True))
    return Case(network, dict(zip(places, arrays, strict=False)), inputs, given, dtype=dtype)


def _called(implementation: Implementation, network: Network) -> None:
    """A network, called again and again."""
    one, other = (_case(implementation, network, seed) for seed in (1, 2))
    deaf = one.with_weights(lambda at, w: np.zeros_like(w)).changed(states={})
    calls = _Calls(implementation)
    try:
        first = calls.run(one)
        if calls.differ(first, calls.run(one)):
            raise Broken(
                f"the same call twice gave two answers ({network}): look for a state or a layer "
                "that is kept between calls, for dropout, and for anything drawn at random"
            )
        if not calls.differ(first, calls.run(other)):
            raise Broken(
                f"other weights, inputs and states gave the same answer ({network}): look at how "
                "run(case) loads them into the layer, and whether an answer is kept"
            )
        if calls.differ(first, calls.run(one)):
            raise Broken(
                f"the first call again, after another one, gave another answer ({network}): look "
                "for weights or states of one call that are left for the next"
            )
        if calls.differ(calls.run(deaf), calls.run(deaf.changed(inputs=other.inputs))):
            raise Broken(
                f"with all weights zero, other inputs gave another answer ({network}): look for "
                "weights that the case does not reach and the framework has drawn by itself, or a "
                "state that is kept between calls"
            )
    except (Refused, NotImplementedError):
        return


class _Calls:
    """Calls of an implementation, whose answers must be answers."""

    def __init__(self, implementation: Implementation) -> None:
        self.trial = Trial(implementation)

    def run(self, case: Case) -> Observed:
        try:
            answer = self.trial.run(case.copied())
        except WrongAnswer as wrong:
            raise Broken(
                f"{wrong} ({case}): look at the axes of what run(case) gives back; outputs are "
                "(steps, rows, directions x units), states (layers x directions, rows, units)"
            ) from None
        except (Refused, NotImplementedError):
            raise
        except (Exception, SystemExit) as error:
            raise Raised(f"run(case) raised {told(error)} ({case})") from None
        for part, array in answer.parts().items():
            if not np.all(np.isfinite(array)):
                raise Broken(f"its {part} hold no finite numbers ({case})")
        return answer

    def differ(self, one: Observed, other: Observed) -> bool:
        """Whether two answers differ by more than rounding."""
        self.trial.comparisons.clear()
        for part in one.parts():
            self.trial.alike(part, one, other, "again")
        return self.trial.ratio > 1.0
