"""A case as a script of Keras, TensorFlow's converter and LiteRT alone."""

from __future__ import annotations

from rnnspec.adapters.keras_script import WORDS, layer_of
from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case
from rnnspec.reference.operations import Array


def script(case: Case, weights: list[list[Array]], states: list[list[Array]] | None) -> str:
    """A model of Keras's layers, converted and run; the lists are by layer, as a stack has them.
    Weights, states and mask are in the model.
    """
    words, network, names = WORDS["tensorflow"], case.network, case.network.states

    def array(values: Array) -> str:
        return literal(values.astype("float32"), "float32")

    def lists(of: list[list[Array]]) -> str:
        return "[" + ", ".join(f"[{', '.join(map(array, arrays))}]" for arrays in of) + "]"

    options, masked = ", initial_state=begin" if states is not None else "", []
    if case.lengths is not None:
        masked = [f"mask = np.arange({case.steps}) < {literal(case.lengths)}[:, None]"]
        options += ", mask=mask"
    shape = f"({case.steps}, {network.inputs}), {case.rows}"
    return "\n".join(
        [
            *words.imports.format(backend="tensorflow").splitlines(),
            "from ai_edge_litert.interpreter import Interpreter",
            "",
            f"inputs = {array(case.inputs.swapaxes(0, 1))}  # rows first",
            f"weights = {lists(weights)}",
            f"initial = {lists(states or [[] for _ in weights])}",
            *masked,
            f"x, finals = keras.Input({shape}, name='x'), []",
            "given = x",
            "for held, begin in zip(weights, initial):",
            f"    layer = {layer_of(network, 'float32', words, case.way)}",
            f"    x, *after = layer(x{options})",
            "    layer.set_weights(held)",
            *(["    x = keras.ops.flip(x, axis=1)"] if network.direction == "backward" else []),
            "    finals += after",
            "model = keras.Model(given, [x, *finals])",
            "content = tf.lite.TFLiteConverter.from_keras_model(model).convert()",
            "interpreter = Interpreter(model_content=content, num_threads=1)",
            "found = interpreter.get_signature_runner()(x=inputs)",
            "top, *finals = (found[f'output_{k}'] for k in range(len(found)))",
            "outputs = top.swapaxes(0, 1)",
            *(f"{n} = np.stack(finals[{k}::{len(names)}])" for k, n in enumerate(names)),
            "",
        ]
    )
