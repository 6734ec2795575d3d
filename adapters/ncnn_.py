"""ncnn: its layers ``RNN``, ``LSTM`` and ``GRU``, on the CPU."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from rnnspec.adapters.ncnn_model import LESSER, Model, entering, model
from rnnspec.adapters.ncnn_script import script
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.implementation import Implementation, Refused
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, Level

FILES = "from files"
"""The way by which a model is read from files, and not from memory."""
ALONE = "outputs alone"
"""The way of layers that have no states, neither in nor out, where none are given."""
STRIDED = "strided"
"""The way of inputs that do not lie row by row in memory."""
SWITCHES = {"without packing": "use_packing_layout", "not light": "lightmode"}
"""The ways without an option that is usually on."""
LAYERS: dict[str, Any] = {"directions": ("forward", "backward", "both"), "layers": 3}
"""What the conventions of the layers have in common."""


class Ncnn(Implementation):
    """A model is made for every case. It has no axis of rows: they are run one by one.

    There is neither ``count`` nor ``gradients``: a model says nothing of its weights, and is not
    trained.
    """

    name = "ncnn"
    requires = "ncnn"
    extra: str | None = "ncnn"
    # of four units at once an LSTM has a tanh made of a sigmoid, and tanh(0) is -6e-8
    levels: Mapping[str, Level] = {"float32": ABSOLUTE}
    conventions: Mapping[str, Conventions] = {
        "rnn": Conventions(("hidden",), biases=("input",), **LAYERS),
        "lstm": Conventions(
            ("input", "forget", "output", "candidate"),
            biases=("input",),
            extras=("projection",),
            **LAYERS,
        ),
        "gru": Conventions(("reset", "update", "candidate"), biases=("candidate",), **LAYERS),
    }
    ways: Mapping[str, str] = {
        FILES: "path",
        ALONE: "path",
        **dict.fromkeys(SWITCHES, "path"),
        STRIDED: "layout",
    }

    @cached_property
    def ncnn(self) -> Any:
        """The framework, imported when it is first needed."""
        import ncnn

        return ncnn

    def versions(self) -> dict[str, str]:
        """The package's own."""
        return {"ncnn": version("ncnn")}

    def run(self, case: Case) -> Answer:
        """Load a model of the case, and run it row by row."""
        if not case.rows:
            raise Refused("ncnn has no axis of rows: where there are none, nothing is run")
        how = self.conventions[case.network.cell]
        made = model(case, how, bare=case.way == ALONE and not case.states)
        net = self.loaded(made, case.way)
        rows = [self._row(net, made, case, row) for row in range(case.rows)]
        parts = {name: np.stack([row[name] for row in rows], axis=1) for name in made.outputs}
        outputs = parts.pop(made.outputs[0])
        states = {
            name: np.concatenate([parts[f"{name}{layer}"] for layer in range(case.network.layers)])
            for name in case.network.states
            if parts
        }
        return Answer(outputs, states)

    def script(self, case: Case) -> str | None:
        """A case of the ordinary way, in ncnn's own words."""
        written = not case.way and case.rows
        return script(case, self.conventions[case.network.cell]) if written else None

    def loaded(self, made: Model, way: str) -> Any:
        """The model on one thread, in float32."""
        net = self.ncnn.Net()
        net.opt.num_threads = 1
        for option in (*LESSER, *([SWITCHES[way]] if way in SWITCHES else [])):
            setattr(net.opt, option, False)
        if way == FILES:
            with TemporaryDirectory() as folder:
                files = Path(folder, "model.param"), Path(folder, "model.bin")
                files[0].write_text(made.parameters, encoding="ascii")
                files[1].write_bytes(made.binary)
                _accepted(net.load_param(str(files[0])))
                _accepted(net.load_model(str(files[1])))
        else:
            _accepted(net.load_param_mem(made.parameters))
            net.load_model_mem(made.binary)
        return net

    def _row(self, net: Any, made: Model, case: Case, row: int) -> dict[str, Array]:
        """What one row puts out, by the names of the blobs."""
        laid = np.asfortranarray if case.way == STRIDED else np.ascontiguousarray
        # ncnn reads the arrays where they are, and does not keep them
        held = [laid(array[:, row], dtype=np.float32) for array in entering(case)]
        extractor = net.create_extractor()
        for name, array in zip(made.inputs, held[: len(made.inputs)], strict=True):
            _accepted(extractor.input(name, self.ncnn.Mat(array)))
        found = {}
        for name in made.outputs:
            status, blob = extractor.extract(name)
            _accepted(status)
            found[name] = np.array(blob, dtype=np.float64)
        return found


def _accepted(status: int) -> None:
    if status:
        raise Refused(f"ncnn says no by a status of {status}, which it explains on standard error")
