"""Flax: cases as scripts of it alone, in the words of either interface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from rnnspec.adapters import jax_script
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network


class Words(NamedTuple):
    """What the interfaces say in ways of their own."""

    cell: str
    """An expression, of ``kind``, sizes and ``options``."""
    begin: tuple[str, ...]
    """What stands before the layer is made."""
    made: tuple[str, ...]
    """What is made of the layer, once."""
    bound: tuple[str, ...]
    """How a call takes its ``weights``."""
    called: str
    """What takes the call's arguments."""
    parameters: str
    """What is counted."""


WORDS = {
    "linen": Words(
        "linen.{kind}({units}, {options})",
        begin=(),
        made=(),
        bound=(),
        called="layer.apply",
        parameters="layer.init(jax.random.key(0), jax.numpy.zeros((1, 1, {inputs})))",
    ),
    "nnx": Words(
        "nnx.{kind}({inputs}, {units}, {options}, kernel_init=zeros, recurrent_kernel_init=zeros,"
        " rngs=nnx.Rngs(0))",
        begin=("zeros = nnx.initializers.zeros_init()",),
        made=("definition, parameters, others = nnx.split(layer, nnx.Param, ...)",),
        bound=(
            "    own, rest = jax.tree.map(lambda each: each, (parameters, others))",
            "    nnx.replace_by_pure_dict(own, weights)",
        ),
        called="nnx.merge(definition, own, rest)",
        parameters="nnx.state(layer, nnx.Param)",
    ),
}


def made(network: Network, interface: str, kind: str, options: str, looped: str) -> list[str]:
    """The module."""
    words = WORDS[interface]
    cell = words.cell.format(kind=kind, inputs=network.inputs, units=network.units, options=options)
    layer = f"{interface}.RNN({cell}{looped})"
    if network.direction == "both":
        halves = f"{interface}.Bidirectional(half(), half())"
        return [*words.begin, f"half = lambda: {layer}", f"layer = {halves}"]
    return [*words.begin, f"layer = {layer}"]


def counting(network: Network, interface: str, module: Sequence[str]) -> str:
    """A module, and its parameters counted."""
    parameters = WORDS[interface].parameters.format(inputs=network.inputs)
    return jax_script.counting([f"from flax import {interface}"], module, parameters)


def function(
    case: Case, interface: str, module: Sequence[str], *, major: bool, alone: bool
) -> list[str]:
    """A module, and ``call``: with steps first if ``major``, of the outputs ``alone`` or not."""
    words = WORDS[interface]
    given = ["{'params': weights}"] if interface == "linen" else []
    given += ["inputs" if major else "inputs.swapaxes(0, 1)", "initial_carry=states"]
    if case.lengths is not None:
        given.append(f"seq_lengths=np.array({case.lengths.tolist()}, 'int32')")
    given += [*(["time_major=True"] if major else []), *([] if alone else ["return_carry=True"])]
    result = f"{words.called}({', '.join(given)})"
    return [
        *(*module, *words.made, ""),
        "def call(weights, inputs, states):",
        *words.bound,
        f"    outputs, states = {result}, None" if alone else f"    states, outputs = {result}",
        f"    return {'outputs' if major else 'outputs.swapaxes(0, 1)'}, states",
        "",
    ]


def begun(case: Case, order: Sequence[str]) -> Any:
    """The initial states, as a call takes them: of each direction one, or several in an order."""
    if not case.states:
        return None
    each: list[Any] = []
    for direction, _ in enumerate(case.network.directions):
        states = tuple(case.state(name)[direction] for name in order)
        each.append(states[0] if len(states) == 1 else states)
    return each[0] if len(each) == 1 else tuple(each)


def ended(case: Case, order: Sequence[str]) -> dict[str, str]:
    """By name, what of the final ``states`` each is."""
    both = case.network.direction == "both"
    found: dict[str, Any] = {}
    for index, name in enumerate(order):
        own = f"[{index}]" if len(order) > 1 else ""
        each = [f"states[{k}]{own}" for k in range(2)] if both else [f"states{own}"]
        found[name] = f"np.stack([{', '.join(each)}])"
    return found
