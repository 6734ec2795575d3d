"""The operators of ONNX, ``RNN``, ``LSTM`` and ``GRU``, as its reference evaluator runs them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np

from rnnspec.adapters import onnx_script
from rnnspec.adapters.onnx_model import AS_INPUTS, BATCH_FIRST, NO_Y, Y_ALONE, Model
from rnnspec.adapters.onnx_naming import OnnxNaming
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.precision import ABSOLUTE, RELATIVE, Level


def conventions(past_end: str, activations: tuple[str, ...]) -> dict[str, Conventions]:
    """What the operators offer, https://onnx.ai/onnx/operators/: biases are in one tensor B, so
    there are two or none. Left to who runs them is what Y holds past the end of a row, and how many
    of their activations there are.
    """
    common: dict[str, Any] = {
        "directions": ("forward", "backward", "both"),
        "layers": 3,
        "past_end": dict.fromkeys(("forward", "backward", "both"), past_end),
    }
    return {
        "rnn": Conventions(("hidden",), activations=activations, extras=("clip",), **common),
        "lstm": Conventions(
            ("input", "output", "forget", "candidate"),
            extras=("peepholes", "coupled", "clip"),
            peepholes=("input", "output", "forget"),
            **common,
        ),
        "gru": Conventions(
            ("update", "reset", "candidate"),
            resets=("after", "before"),
            extras=("clip",),
            **common,
        ),
    }


class OnnxReference(Implementation):
    """onnx's ``ReferenceEvaluator``. A model is made for every case, as that takes no time.

    There is no ``count``: an operator makes no parameters, it is handed them.
    """

    name = "onnx-reference"
    requires: tuple[str, ...] = ("onnx",)
    extra: str | None = "onnx"
    levels: Mapping[str, Level] = {
        "float64": RELATIVE,
        "float32": RELATIVE,
        "float16": ABSOLUTE,  # exp overflows from 11.1 on, and the sigmoid is 0 from there
    }
    conventions: Mapping[str, Conventions] = conventions("unspecified", ("tanh",))
    naming = OnnxNaming()
    ways: Mapping[str, str] = {
        AS_INPUTS: "path",
        Y_ALONE: "path",
        NO_Y: "path",
        BATCH_FIRST: "layout",
    }

    @cached_property
    def onnx(self) -> Any:
        """What makes the models, imported when it is first needed."""
        import onnx

        return onnx

    def versions(self) -> dict[str, str]:
        """The package's own."""
        return {"onnx": version("onnx")}

    def session(self) -> AbstractContextManager[object]:
        """An overflow is no warning: the sigmoid is 0 then."""
        return np.errstate(all="ignore")

    def run(self, case: Case) -> Answer:
        """Make a model of the case, load it, and run it."""
        model = Model(self.onnx, case, self.conventions[case.network.cell])
        return model.answer(self.called(model))

    def called(self, model: Model) -> Any:
        """What the evaluator puts out."""
        from onnx.reference import ReferenceEvaluator

        return ReferenceEvaluator(model.made()).run(model.outputs, model.feeds)

    def script(self, case: Case) -> str | None:
        """The case as a model's text, and the evaluator."""
        model = Model(self.onnx, case, self.conventions[case.network.cell])
        return onnx_script.script(
            case,
            model,
            ("import onnx", "from onnx.reference import ReferenceEvaluator"),
            (
                'with np.errstate(all="ignore"):',
                "    results = ReferenceEvaluator(model).run(None, given)",
                f"found = dict(zip({model.outputs}, results))",
            ),
        )
