"""A case as a script of Keras alone, or of ``tf_keras``: the ordinary way, whatever the network."""

from __future__ import annotations

from typing import Any, NamedTuple

from rnnspec.adapters.keras_jax import Jax
from rnnspec.adapters.keras_layers import LAYERS
from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case
from rnnspec.reference.operations import Array


class Words(NamedTuple):
    """What differs between them, with a tensor's name to be filled in."""

    imports: str
    layers: str
    tensor: str
    flipped: str
    array: str
    options: str = ""
    """What a layer is told so that it takes none of the backend's own loops."""
    call: str = "layer(x{1})"
    """With a tensor's conversion, and what else is given."""
    loaded: tuple[str, ...] = ("        layer.set_weights(held)",)


KERAS = """\
import os

os.environ["KERAS_BACKEND"] = {backend!r}
import keras
import numpy as np
"""
OPS = ("keras.layers", "keras.ops.convert_to_tensor({0}, {1!r})", "keras.ops.flip({0}, axis=1)")
COMPILED = """\
jax.jit(
            lambda w, x: layer.stateless_call(w, kept, x{1})[0],
            compiler_options={options},
        )([{0} for w in held], x)"""
"""As JAX's adapter does it: compiled otherwise, or not at all, the last bit may be another."""
WORDS = {
    "tensorflow": Words(KERAS, *OPS, "keras.ops.cast({0}, {1!r}).numpy()"),
    "jax": Words(
        KERAS.replace("import keras", "import jax\nimport keras"),
        *OPS,
        "np.asarray({0}.astype({1!r}))",
        ", use_cudnn=False",
        COMPILED.replace("{options}", str(Jax.options).replace("{", "{{").replace("}", "}}")),
        ("        kept = [variable.value for variable in layer.non_trainable_variables]",),
    ),
    "torch": Words(KERAS, *OPS, "keras.ops.cast({0}, {1!r}).detach().numpy()"),
    "tf-keras": Words(
        "import numpy as np\nimport tensorflow as tf\nimport tf_keras\n",
        "tf_keras.layers",
        "tf.constant({0}, {1!r})",
        "tf.reverse({0}, [1])",
        "tf.cast({0}, {1!r}).numpy()",
    ),
}


def script(
    case: Case, name: str, weights: list[list[Array]], states: list[list[Array]] | None
) -> str:
    """``name`` is the backend's, or ``tf-keras``; the lists are by layer, as a stack has them."""
    words, network, dtype = WORDS[name], case.network, case.dtype
    written = dtype if dtype == "float64" else "float32"  # exact, and NumPy has it
    both, names = network.direction == "both", network.states

    def lists(of: list[list[Array]]) -> str:
        """A layer a list, an array an expression."""
        each = [", ".join(literal(a.astype(written), written) for a in arrays) for arrays in of]
        return "[" + ", ".join(f"[{arrays}]" for arrays in each) + "]"

    lines = [
        f"inputs = {literal(case.inputs.swapaxes(0, 1).astype(written), written)}  # rows first",
        f"weights = {lists(weights)}",
        *([] if states is None else [f"initial = {lists(states)}"]),
    ]
    given = ""
    if case.lengths is not None:
        lines.append(f"mask = np.arange({case.steps}) < {literal(case.lengths)}[:, None]")
        given += ", mask=" + words.tensor.format("mask", "bool")
    if states is not None:
        each = words.tensor.format("s", dtype)
        given += f", initial_state=[{each} for s in initial[number]]"
    made = f"{words.layers}.{LAYERS[network.cell]}({network.units}, {_options(case, words)})"
    if both:
        made = f"{words.layers}.Bidirectional({made}, dtype={dtype!r})"
    lines += [
        "def run(x):",
        "    finals = []",
        "    for number, held in enumerate(weights):",
        f"        layer = {made}",
        "        layer.build(x.shape)",
        *words.loaded,
        f"        x, *after = {words.call.format(words.tensor.format('w', dtype), given)}",
        *([f"        x = {words.flipped.format('x')}"] if network.direction == "backward" else []),
        f"        finals += [{words.array.format('state', written)} for state in after]",
        "    return x, finals",
        f"top, finals = run({words.tensor.format('inputs', dtype)})",
        f"outputs = {words.array.format('top', written)}.swapaxes(0, 1)",
        *(f"{n} = np.stack(finals[{k}::{len(names)}])" for k, n in enumerate(names)),
    ]
    return words.imports.format(backend=name) + "\n" + "\n".join(lines) + "\n"


def _options(case: Case, words: Words) -> str:
    """What a layer is made with, beside its units."""
    network = case.network
    options: dict[str, Any] = {"return_sequences": True, "return_state": True, "dtype": case.dtype}
    if network.biases == "none":
        options["use_bias"] = False
    if network.direction == "backward":
        options["go_backwards"] = True
    if network.cell == "rnn" and network.activation != "tanh":
        options["activation"] = network.activation
    if network.cell == "gru" and network.reset == "before":
        options["reset_after"] = False
    told = ", ".join(f"{name}={value!r}" for name, value in options.items())
    return told + (words.options if network.cell != "rnn" else "")
