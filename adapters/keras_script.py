"""A case as a script of Keras alone, or of ``tf_keras``: the ordinary way, or unrolled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from rnnspec.adapters.keras_jax import Jax
from rnnspec.adapters.keras_layers import GENERIC, LAYERS, UNROLLED
from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array

D_LEAVES = ("d_inputs", "d_initial[{0}][{1}]", "d_weights[{0}][{1}]")


class Words(NamedTuple):
    """What differs between them, with a tensor's name to be filled in."""

    imports: str
    layers: str
    tensor: str
    flipped: str
    array: str
    back: tuple[str, ...]
    """How it goes back from seeds."""
    leaves: tuple[str, str, str] = D_LEAVES
    """What the gradients are called then: of the inputs; of states and weights, by layer."""
    leaf: str = ""
    """What makes a tensor one that is gone back to."""
    options: str = ""
    """What a layer is told so that it takes none of the backend's own loops."""
    call: str = "layer(x{0})"
    """With what else is given."""
    loaded: str = "    layer.set_weights(held)"
    run: str = "run"
    """What is called with weights, inputs and initial states."""


KERAS = """\
import os

os.environ["KERAS_BACKEND"] = {backend!r}
import keras
import numpy as np
"""
OPS = ("keras.layers", "keras.ops.convert_to_tensor({0}, {1!r})", "keras.ops.flip({0}, axis=1)")
TAPE = (
    "with tf.GradientTape() as tape:",
    "    tape.watch([inputs, *sum(initial, [])])",
    "    found = run(weights, inputs, initial)",
    "d_inputs, d_initial, d_weights = tape.gradient(found, [inputs, initial, "
    "[[v{0} for v in layer.trainable_variables] for layer in layers]], seeds, 'zero')",
)
"""Of TensorFlow."""
WORDS = {
    "tensorflow": Words(
        KERAS.replace("np\n", "np\nimport tensorflow as tf\n"),
        *OPS,
        "keras.ops.cast({0}, {1!r}).numpy()",
        (*TAPE[:-1], TAPE[-1].format(".value")),
    ),
    "jax": Words(
        KERAS.replace("import keras", "import jax\nimport keras"),
        *OPS,
        "np.asarray({0}.astype({1!r}))",
        (
            "def back(seeds, *given):",
            "    return jax.vjp(run, *given)[1](seeds)",
            f"back = jax.jit(back, compiler_options={Jax.options})",
            "d_weights, d_inputs, d_initial = back(seeds, weights, inputs, initial)",
        ),
        options=", use_cudnn=False",
        call="layer.stateless_call(held, layer.kept, x{0})[0]",
        loaded="    layer.kept = [variable.value for variable in layer.non_trainable_variables]",
        run=f"jax.jit(run, compiler_options={Jax.options})",
    ),
    "openvino": Words(
        KERAS, *OPS, "keras.ops.convert_to_numpy(keras.ops.cast({0}, {1!r}))", back=()
    ),
    "torch": Words(
        KERAS.replace("np\n", "np\nimport torch\n"),
        *OPS,
        "keras.ops.cast({0}, {1!r}).detach().numpy()",
        ("torch.autograd.backward(run(weights, inputs, initial), seeds)",),
        (
            "inputs.grad",
            "initial[{0}][{1}].grad",
            "layers[{0}].trainable_variables[{1}].value.grad",
        ),
        ".requires_grad_()",
    ),
    "tf-keras": Words(
        "import numpy as np\nimport tensorflow as tf\nimport tf_keras\n",
        "tf_keras.layers",
        "tf.constant({0}, {1!r})",
        "tf.reverse({0}, [1])",
        "tf.cast({0}, {1!r}).numpy()",
        (*TAPE[:-1], TAPE[-1].format("")),
    ),
}
"""What runs compiled on JAX is compiled as its adapter does it: otherwise, or not at all, the last
bit may be another."""


def script(
    case: Case,
    name: str,
    weights: list[list[Array]],
    states: list[list[Array]] | None,
    seeds: list[Any] | None = None,
) -> str:
    """``name`` is the backend's, or ``tf-keras``; the lists are by layer, as a stack has them. With
    seeds, of the outputs and of the final states by layer, it goes back.
    """
    words, network, dtype = WORDS[name], case.network, case.dtype
    written = dtype if dtype == "float64" else "float32"  # exact, and NumPy has it
    names = network.states

    def array(values: Array) -> str:
        return literal(values.astype(written), written)

    def tensor(values: Array) -> str:
        return f"given({array(values)})"

    def lists(of: list[list[Array]], each: Callable[[Array], str]) -> str:
        """A layer a list, an array an expression."""
        return "[" + ", ".join(f"[{', '.join(map(each, arrays))}]" for arrays in of) + "]"

    leaf = "" if seeds is None else words.leaf
    options = ", initial_state=begin" if states is not None else ""
    masked = []
    if case.lengths is not None:
        mask = words.tensor.format(
            f"np.arange({case.steps}) < {literal(case.lengths)}[:, None]", "bool"
        )
        masked, options = [f"mask = {mask}"], options + ", mask=mask"
    lines = [
        f"given = lambda numbers: {words.tensor.format('numbers', dtype)}{leaf}",
        f"inputs = {tensor(case.inputs.swapaxes(0, 1))}  # rows first",
        f"weights = {lists(weights, tensor if name == 'jax' else array)}",
        f"initial = {lists(states or [[] for _ in weights], tensor)}",
        *masked,
        f"layers = [{layer_of(network, dtype, words, case.way)} for _ in weights]",
        "for layer, held in zip(layers, weights):",
        "    layer.build((None, None, len(held[0])))",
        words.loaded,
        "def run(weights, x, initial):",
        "    finals = []",
        "    for layer, held, begin in zip(layers, weights, initial):",
        f"        x, *after = {words.call.format(options)}",
        *([f"        x = {words.flipped.format('x')}"] if network.direction == "backward" else []),
        "        finals += after",
        "    return [x, *finals]",
    ]
    if seeds is None:
        lines += [
            f"top, *finals = {words.run}(weights, inputs, initial)",
            f"outputs = {words.array.format('top', written)}.swapaxes(0, 1)",
            f"finals = [{words.array.format('state', written)} for state in finals]",
            *(f"{n} = np.stack(finals[{k}::{len(names)}])" for k, n in enumerate(names)),
        ]
    else:
        every = [seeds[0], *(seed for of in seeds[1] for seed in of)]
        lines += [f"seeds = [{', '.join(map(tensor, every))}]", *words.back]
    return words.imports.format(backend=name) + "\n" + "\n".join(lines) + "\n"


def leaves(
    case: Case, name: str, weights: list[list[Array]], states: list[list[Array]] | None
) -> dict[str, Array]:
    """What such code goes back to, by the gradient's name in it."""
    inputs, *others = WORDS[name].leaves
    held = {
        other.format(layer, k): array
        for other, lists in zip(others, (states or [], weights), strict=True)
        for layer, arrays in enumerate(lists)
        for k, array in enumerate(arrays)
    }
    return {inputs: case.inputs.swapaxes(0, 1), **held}


def counting(network: Network, name: str) -> str:
    """Layers of a network, and their parameters counted."""
    words, widths = WORDS[name], [network.width(layer) for layer in range(network.layers)]
    lines = [
        f"layers = [{layer_of(network, 'float32', words)} for _ in range({network.layers})]",
        f"for layer, width in zip(layers, {widths}):",
        "    layer.build((None, None, width))",
        "count = sum(layer.count_params() for layer in layers)",
    ]
    return words.imports.format(backend=name) + "\n" + "\n".join(lines) + "\n"


def layer_of(network: Network, dtype: str, words: Words, way: str = "") -> str:
    """One layer of a network, as a way makes it."""
    made = f"{words.layers}.{LAYERS[network.cell]}({network.units}, {{}})"
    made = made.format(_options(network, dtype, words, way))
    if network.direction == "both":
        made = f"{words.layers}.Bidirectional({made}, dtype={dtype!r})"
    return made


def _options(network: Network, dtype: str, words: Words, way: str) -> str:
    """What a layer is made with, beside its units."""
    options: dict[str, Any] = {"return_sequences": True, "return_state": True, "dtype": dtype}
    if network.biases == "none":
        options["use_bias"] = False
    if network.direction == "backward":
        options["go_backwards"] = True
    if network.cell == "rnn" and network.activation != "tanh":
        options["activation"] = network.activation
    if network.cell == "gru" and network.reset == "before":
        options["reset_after"] = False
    if way == UNROLLED:
        options["unroll"] = True
        if network.cell != "rnn" and words is not WORDS["tf-keras"]:
            options |= {"implementation": 2, **GENERIC}
    told = ", ".join(f"{name}={value!r}" for name, value in options.items())
    own = network.cell == "rnn" or way == UNROLLED
    return told + ("" if own else words.options)
