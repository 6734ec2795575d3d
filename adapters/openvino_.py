"""OpenVINO's operators ``RNNSequence``, ``LSTMSequence`` and ``GRUSequence``, on the CPU."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from importlib.metadata import version
from typing import Any

import numpy as np

from rnnspec.adapters.openvino_model import (
    TYPES,
    Shapes,
    answer,
    arguments,
    model,
    numbers,
    shapes,
    tensor,
    weights,
)
from rnnspec.adapters.openvino_script import script
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import Network
from rnnspec.reference.precision import RELATIVE, Level

AS_INPUTS = "weights as inputs"
"""The way in which the weights are not in the model, but given with each call."""
DYNAMIC = "dynamic shapes"
"""The way in which a model is compiled for any number of rows and steps."""
IMPORTED = "imported"
"""The way by which a compiled model is kept: exported, and imported again."""
Held = tuple[tuple[str, str, tuple[int, ...], bytes], ...]
"""Arrays that a model holds: name, dtype, shape and content."""
EVERY: Mapping[str, Any] = {
    "directions": ("forward", "backward", "both"),
    "layers": 3,
    "extras": ("clip",),
    "past_end": dict.fromkeys(("forward", "backward", "both"), "zero"),
}


def settings(dtype: str) -> dict[str, Any]:
    """One thread; and the arithmetic that is asked for. Left alone, the CPU's plugin computes in
    bfloat16 wherever the machine can; float16 it does in float32, on most.
    """
    hint = TYPES["bfloat16" if dtype == "bfloat16" else "float32"]
    return {"INFERENCE_PRECISION_HINT": hint, "INFERENCE_NUM_THREADS": 1}


class OpenVino(Implementation):
    """A model for every case, compiled with its weights and for its sizes.

    There is no ``count``: an operator makes no parameters, it is handed them.
    """

    name = "openvino"
    requires: tuple[str, ...] = ("openvino",)
    extra: str | None = "openvino"
    levels: Mapping[str, Level] = {
        "float32": RELATIVE,
        "float16": RELATIVE,
        "bfloat16": RELATIVE,
    }
    conventions: Mapping[str, Conventions] = {
        "rnn": Conventions(("hidden",), biases=("input",), activations=("tanh", "relu"), **EVERY),
        "lstm": Conventions(("forget", "input", "candidate", "output"), biases=("input",), **EVERY),
        "gru": Conventions(
            ("update", "reset", "candidate"),
            biases=("input", "candidate"),
            resets=("after", "before"),
            **EVERY,
        ),
    }
    ways: Mapping[str, str] = {AS_INPUTS: "path", DYNAMIC: "path", IMPORTED: "path"}

    def __init__(self) -> None:
        self.compiled = lru_cache(maxsize=256)(self._compiled)

    @cached_property
    def openvino(self) -> Any:
        """The framework, imported when it is first needed."""
        import openvino.opset13

        return openvino

    @cached_property
    def core(self) -> Any:
        """What compiles."""
        return self.openvino.Core()

    def versions(self) -> dict[str, str]:
        """The package's own."""
        return {"openvino": version("openvino")}

    def offers(self, network: Network) -> str | None:
        """A GRU's reset decides where its biases are."""
        fit = {"after": "candidate", "before": "input"}[network.reset]
        if network.cell == "gru" and network.biases != fit:
            return f"with reset {network.reset} it offers no biases {network.biases!r}, only {fit}"
        return self.conventions[network.cell].refuses(network)

    def run(self, case: Case) -> Answer:
        """Compile a model of the case, or take what was compiled, and call it."""
        arrays, held = arguments(case), weights(case, self.conventions[case.network.cell])
        if case.way == AS_INPUTS:
            arrays, held = arrays | held, {}
        elif case.way != DYNAMIC and case.lengths is None:
            held["lengths"] = arrays.pop("lengths")
        compiled = self.compiled(
            case.network,
            case.dtype,
            shapes(arrays, dynamic=case.way in (AS_INPUTS, DYNAMIC)),
            tuple((n, a.dtype.name, a.shape, a.tobytes()) for n, a in held.items()),
            imported=case.way == IMPORTED,
        )
        request = compiled.create_infer_request()
        request.infer({name: tensor(self.openvino, a, case.dtype) for name, a in arrays.items()})
        results = [request.get_output_tensor(k) for k in range(len(compiled.outputs))]
        return answer(case.network, [numbers(result, case.dtype) for result in results])

    def script(self, case: Case) -> str | None:
        """Code of OpenVINO alone."""
        return script(case, self.conventions[case.network.cell])

    def _compiled(
        self, network: Network, dtype: str, shapes: Shapes, held: Held, *, imported: bool
    ) -> Any:
        tensors = {
            name: tensor(self.openvino, np.frombuffer(content, kind).reshape(shape), dtype)
            for name, kind, shape, content in held
        }
        made = model(self.openvino, network, dtype, shapes, tensors)
        compiled = self.core.compile_model(made, "CPU", settings(dtype))
        if not imported:
            return compiled
        return self.core.import_model(compiled.export_model(), "CPU", settings(dtype))
