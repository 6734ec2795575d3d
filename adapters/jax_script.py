"""JAX, below the libraries of layers for it: cases as scripts of these alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case
from rnnspec.reference.operations import Array

FEW = 4
"""So many entries have a line each."""


def script(
    case: Case,
    options: Mapping[str, Any],
    imports: Sequence[str],
    function: Sequence[str],
    weights: Any,
    states: str,
    finals: Mapping[str, str],
    cotangents: Mapping[str, Array] | None = None,
) -> str:
    """A function ``call(weights, inputs, states)``, which gives outputs and final states, compiled
    with options and called; or gone back through, from cotangents. ``finals`` says by part what of
    the variable ``states`` it is then.
    """
    name, result, given = "call", "outputs, states", ["weights", "inputs", "states"]
    back, after = [], ["outputs = np.asarray(outputs)", *(f"{n} = {t}" for n, t in finals.items())]
    if cotangents is not None:
        name, result, after = "back", "d_weights, d_inputs, d_states", []
        parts = {"outputs": "outputs", **{n: _traced(text) for n, text in finals.items()}}
        shapes = {"outputs": case.output_shape, **dict.fromkeys(finals, case.state_shape)}
        seeds = (literal(cotangents.get(part, np.zeros(shapes[part]))) for part in parts)
        given.insert(0, f"({', '.join(seeds)},)")
        back = [
            "def back(seeds, *given):",
            f"    parts = lambda outputs, states: ({', '.join(parts.values())},)",
            "    return jax.vjp(lambda *given: parts(*call(*given)), *given)[1](seeds)",
        ]
    called = [f"{result} = jax.jit({name}, compiler_options=options)(*given)"]
    if options:
        called.insert(0, f"options = {dict(options)}")
    if case.way == "compiled":
        called = [f"{result} = jax.jit({name})(*given)"]
    if case.way == "eager":
        called = ["with jax.disable_jit():", f"    {result} = {name}(*given)"]
    to = f"jax.numpy.asarray(a, {case.dtype!r})"
    return "\n".join(
        [
            *("import jax", "import numpy as np", *imports, ""),
            *(['jax.config.update("jax_enable_x64", True)'] if case.dtype == "float64" else []),
            *function,
            *_weights(weights),
            f"inputs = {literal(case.inputs)}",
            f"states = {states}",
            f"given = jax.tree.map(lambda a: {to}, ({', '.join(given)}))",
            *(*back, *called, *after, ""),
        ]
    )


def counting(imports: Sequence[str], made: Sequence[str], parameters: str) -> str:
    """What is made, and the parameters in an expression counted."""
    counted = f"count = sum(leaf.size for leaf in jax.tree.leaves({parameters}))"
    return "\n".join(["import jax", *imports, "", *made, counted, ""])


def leaves(case: Case, weights: Any, states: Any) -> dict[str, Array]:
    """What such code goes back to, by the gradient's name in it."""
    return {
        "d_inputs": case.inputs,
        **dict(_flat("d_states", states)),
        **dict(_flat("d_weights", weights)),
    }


def _flat(name: str, tree: Any) -> Iterator[tuple[str, Array]]:
    """Every array in dictionaries, lists and tuples, by what it is called."""
    if isinstance(tree, Mapping | list | tuple):
        for key, each in tree.items() if isinstance(tree, Mapping) else enumerate(tree):
            yield from _flat(f"{name}[{key!r}]", each)
    elif tree is not None:
        yield name, tree


def _traced(text: str) -> str:
    """An expression of NumPy, as one that is gone back through."""
    return text.replace("np.", "jax.numpy.")


def nested(tree: Any) -> str:
    """Dictionaries, lists and tuples of arrays; or nothing."""
    if tree is None:
        return "None"
    if isinstance(tree, tuple):
        return f"({', '.join(map(nested, tree))})"
    if isinstance(tree, Mapping):
        return f"{{{', '.join(f'{key!r}: {nested(each)}' for key, each in tree.items())}}}"
    if isinstance(tree, list):
        return f"[{', '.join(map(nested, tree))}]"
    return literal(tree)


def _weights(tree: Mapping[str, Any]) -> list[str]:
    """The weights as a dictionary, one entry a line; an only entry is opened, and where there are
    gates of their own in it, two of them are in a line.
    """
    (name, inner), *more = tree.items()
    if more or not isinstance(inner, Mapping):
        return ["weights = {", *(f"    {k!r}: {nested(v)}," for k, v in tree.items()), "}"]
    entries = [f"{key!r}: {nested(each)}," for key, each in inner.items()]
    at_once = 1 if len(entries) <= FEW else 2
    lines = [" ".join(entries[k : k + at_once]) for k in range(0, len(entries), at_once)]
    return [f"weights = {{{name!r}: {{", *(f"    {line}" for line in lines), "}}"]
