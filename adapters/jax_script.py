"""JAX, below the libraries of layers for it: cases as scripts of these alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case

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
) -> str:
    """A function ``call(weights, inputs, states)``, which gives outputs and final states, compiled
    with options and called. ``finals`` says by part what of the variable ``states`` it is then.
    """
    called = ["outputs, states = jax.jit(call, compiler_options=options)(*given)"]
    if options:
        called.insert(0, f"options = {dict(options)}")
    if case.way == "compiled":
        called = ["outputs, states = jax.jit(call)(*given)"]
    if case.way == "eager":
        called = ["with jax.disable_jit():", "    outputs, states = call(*given)"]
    to = f"jax.numpy.asarray(a, {case.dtype!r})"
    return "\n".join(
        [
            *("import jax", "import numpy as np", *imports, ""),
            *(['jax.config.update("jax_enable_x64", True)'] if case.dtype == "float64" else []),
            *function,
            *_weights(weights),
            f"inputs = {literal(case.inputs)}",
            f"states = {states}",
            f"given = jax.tree.map(lambda a: {to}, (weights, inputs, states))",
            *called,
            "outputs = np.asarray(outputs)",
            *(f"{part} = {text}" for part, text in finals.items()),
            "",
        ]
    )


def nested(tree: Any) -> str:
    """Dictionaries and lists of arrays."""
    if isinstance(tree, Mapping):
        return f"{{{', '.join(f'{key!r}: {nested(each)}' for key, each in tree.items())}}}"
    if isinstance(tree, list | tuple):
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
