"""TensorFlow's raw operators: ``BlockLSTMV2``, a whole sequence, and ``GRUBlockCell``, a step."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnspec.adapters.tf_raw_script import script
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.conventions import Conventions, Packed, pack, unpack
from rnnspec.reference.implementation import Implementation, Refused
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import RELATIVE, Level

PADDED = "padded"
"""The way of an LSTM whose sequence goes on, with NaN, behind what ``seq_len_max`` says."""
STEPS = "step by step"
"""The way of one call a step, with the states carried from call to call."""
PEEPHOLES = ("wci", "wcf", "wco")
"""The operator's names of them, in their order."""
GRAPH = "graph"
"""The way of a traced function, as in a model that is saved."""


class TfRaw(Implementation):
    """The operators as they are: all that is given is an argument, so there is nothing to count,
    and no row has a length of its own.
    """

    name = "tf-raw"
    requires = ("tensorflow",)
    extra = "tensorflow"
    levels: Mapping[str, Level] = {"float32": RELATIVE}
    conventions: Mapping[str, Conventions] = {
        "lstm": Conventions(
            ("input", "forget", "candidate", "output"),
            orientation="in,out",
            biases=("input",),
            extras=("peepholes", "cell_clip"),
            peepholes=("input", "forget", "output"),
        ),
        "gru": Conventions(
            ("reset", "update", "candidate"),
            orientation="in,out",
            biases=("input",),
            resets=("before",),
        ),
    }
    ways: Mapping[str, str] = {PADDED: "path", STEPS: "path", GRAPH: "path"}

    @cached_property
    def tensorflow(self) -> Any:
        """The framework, imported when it is first needed."""
        import tensorflow

        return tensorflow

    def versions(self) -> dict[str, str]:
        """TensorFlow's own."""
        return {"tensorflow": str(self.tensorflow.__version__)}

    def run(self, case: Case) -> Answer:
        """Hand everything to the operator."""
        return answer(self.parts(case, self.given(case)))

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        """With a tape, through what TensorFlow has registered for ``BlockLSTMV2``, and through
        ``GRUBlockCellGrad``. What the first does wrong (see docs/divergences) is told of the plain
        LSTM: beyond the cards no way back is offered, so that the way forward is judged there.
        """
        if case.network.extras:
            return None
        network, given = case.network, self.given(case)
        with self.tensorflow.GradientTape() as tape:
            tape.watch(given)
            parts = self.parts(case, given)
        found = tape.gradient(
            [parts[name] for name in cotangents],
            given,
            [self.tensor(seed, case.dtype) for seed in cotangents.values()],
            unconnected_gradients=self.tensorflow.UnconnectedGradients.ZERO,
        )
        found = {name: array(gradient) for name, gradient in found.items()}
        states = {name: found[name][None] for name in case.states}
        how = self.conventions[network.cell].of_gradients
        weights = unpack(network, _apart(network, found), how)
        return Gradients(answer(parts), found["x"], states, weights)

    def given(self, case: Case) -> dict[str, Any]:
        """The operator's arguments, as tensors; states by our names."""
        if case.dtype not in self.levels:
            raise Refused(f"{self.name} does not compute in {case.dtype}")
        return {name: self.tensor(each, case.dtype) for name, each in self.arrays(case).items()}

    def arrays(self, case: Case) -> dict[str, Array]:
        """The same, as arrays."""
        packed = pack(case.network, case.weights, self.conventions[case.network.cell])
        states = {name: case.state(name)[0] for name in case.network.states}
        return {"x": case.inputs, **states, **_together(case.network, packed)}

    def parts(self, case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
        """Every part of the answer, as tensors, in the way that the case asks for."""
        if case.steps == 0:
            raise Refused(f"{self.name} returns states after steps: of none, there are none")
        called = self._gru
        if case.network.cell == "lstm":
            called = partial(self._lstm, case.network)
        if case.way != GRAPH:
            return called(case.way, **given)
        traced = self.tensorflow.function(lambda given: called("", **given), autograph=False)
        return dict(traced(dict(given)))

    def _lstm(
        self, network: Network, way: str, x: Any, hidden: Any, cell: Any, **held: Any
    ) -> dict[str, Any]:
        """A call for the whole sequence, or one for every step."""
        tf, steps = self.tensorflow, int(x.shape[0])
        outputs = []
        for part in tf.split(x, steps) if way == STEPS else [x]:
            valid = int(part.shape[0])
            if way == PADDED:
                part = tf.concat([part, tf.fill([2, *part.shape[1:]], tf.cast(np.nan, x.dtype))], 0)
            _, cells, _, _, _, _, each = tf.raw_ops.BlockLSTMV2(
                seq_len_max=tf.constant(valid, tf.int64),
                x=part,
                cs_prev=cell,
                h_prev=hidden,
                **held,
                cell_clip=network.cell_clip,  # 0, the default: no clipping
                use_peephole=network.peepholes,
            )
            outputs.append(each[:valid])
            hidden, cell = each[valid - 1], cells[valid - 1]
        return {"outputs": tf.concat(outputs, 0), "hidden": hidden[None], "cell": cell[None]}

    def _gru(self, way: str, x: Any, hidden: Any, **weights: Any) -> dict[str, Any]:
        """A loop of steps. No gradient is registered for them, only the operator for it is there:
        so that is called here, and what it leaves to the caller is a product or a sum.
        """
        tf = self.tensorflow

        @tf.custom_gradient  # type: ignore[untyped-decorator]
        def step(x: Any, h: Any, w_ru: Any, w_c: Any, b_ru: Any, b_c: Any) -> Any:
            held = {"x": x, "h_prev": h, "w_ru": w_ru, "w_c": w_c, "b_ru": b_ru, "b_c": b_c}
            r, u, c, after = tf.raw_ops.GRUBlockCell(**held)

            def back(d_h: Any) -> Any:
                d_x, d_past, d_c, d_ru = tf.raw_ops.GRUBlockCellGrad(**held, r=r, u=u, c=c, d_h=d_h)
                whole, reset = tf.concat([x, h], 1), tf.concat([x, r * h], 1)
                d_w_ru = tf.matmul(whole, d_ru, transpose_a=True)
                d_w_c = tf.matmul(reset, d_c, transpose_a=True)
                sums = [tf.reduce_sum(d, 0) for d in (d_ru, d_c)]
                return d_x, d_past, d_w_ru, d_w_c, *sums

            return after, back

        outputs = []
        for each in tf.unstack(x):
            hidden = step(each, hidden, *(weights[n] for n in ("w_ru", "w_c", "b_ru", "b_c")))
            outputs.append(hidden)
        return {"outputs": tf.stack(outputs), "hidden": hidden[None]}

    def tensor(self, values: npt.NDArray[Any], dtype: str) -> Any:
        """A tensor of a dtype; the values are exact in it."""
        return self.tensorflow.constant(np.asarray(values).astype(dtype))

    def script(self, case: Case, cotangents: Mapping[str, Array] | None = None) -> str | None:
        """The operator's call; None of another way."""
        if case.way or case.steps == 0:
            return None
        return script(case, self.arrays(case), cotangents)

    def leaves(self, case: Case) -> dict[str, Array]:
        """What a script goes back to, by the operator's names."""
        return {f"gradients[{name!r}]": each for name, each in self.arrays(case).items()}


class TfRawHalf(TfRaw):
    """In float16, which the operator of the LSTM has alone."""

    name = "tf-raw-half"
    levels: Mapping[str, Level] = {"float16": RELATIVE}
    conventions: Mapping[str, Conventions] = {"lstm": TfRaw.conventions["lstm"]}


def _together(network: Network, packed: Packed) -> dict[str, Array]:
    """A matrix for input and past, as the operators have it; a GRU's candidate has its own."""
    assert packed.input_bias is not None
    w, b = np.concatenate([packed.input, packed.recurrent]), packed.input_bias
    if network.cell == "lstm":
        peepholes = np.zeros(3 * network.units) if packed.peepholes is None else packed.peepholes
        return {"w": w, "b": b, **dict(zip(PEEPHOLES, np.split(peepholes, 3), strict=True))}
    k = 2 * network.units
    return {"w_ru": w[:, :k], "w_c": w[:, k:], "b_ru": b[:k], "b_c": b[k:]}


def _apart(network: Network, found: Mapping[str, Array]) -> Packed:
    """The inverse."""
    if network.cell == "gru":
        w = np.concatenate([found["w_ru"], found["w_c"]], axis=1)
        b = np.concatenate([found["b_ru"], found["b_c"]])
    else:
        w, b = found["w"], found["b"]
    return Packed(w[: network.inputs], w[network.inputs :], b, None)


def answer(parts: Mapping[str, Any]) -> Answer:
    """Tensors by part, as an answer."""
    states = {name: array(part) for name, part in parts.items() if name != "outputs"}
    return Answer(array(parts["outputs"]), states)


def array(tensor: Any) -> Array:
    """A tensor's values as float64, exactly."""
    values: npt.NDArray[Any] = np.asarray(tensor)
    return values.astype(np.float64)
