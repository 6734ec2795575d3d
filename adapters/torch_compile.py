"""PyTorch's layers, compiled by ``torch.compile``."""

from __future__ import annotations

import sysconfig
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from rnnspec.adapters.torch_ import TorchLayer
from rnnspec.adapters.torch_export_script import compiled, layer_lines, told
from rnnspec.reference.case import Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array

INDUCTOR, INDUCTOR_OPEN = "inductor", "inductor, sizes open"
"""The ways in which C++ is made of the graph, and compiled: for these sizes, or for any."""
OPEN = "sizes open"
"""The way in which what is traced is for any sizes, but for the steps."""
SIZES_OPEN = (OPEN, INDUCTOR_OPEN)
EXPORTED = "exported"
"""The way of ``torch.export``: the layer's own kernel is called by what was traced."""
LONGEST = 16
"""So many steps are traced at once; a sequence of more is called in pieces, if it goes forward."""
MANY = 1 << 30


class TorchCompile(TorchLayer):
    """Traced by Dynamo, in one graph, and taken apart by AOTAutograd into the operations of which
    PyTorch's own decompositions say that the layer consists of: these are run as they stand
    (``aot_eager``), which takes tenths of a second for every new kind of call. Of the same
    operations the backend ``inductor`` makes C++, which takes seconds, and more for every step: so
    it is in ways of their own.

    Packed sequences are not traced (Dynamo leaves them to the uncompiled layer): no lengths.
    """

    name = "torch-compile"
    conventions: Mapping[str, Conventions] = {
        cell: replace(how, past_end={}) for cell, how in TorchLayer.conventions.items()
    }
    ways: Mapping[str, str] = {
        INDUCTOR: "path",
        INDUCTOR_OPEN: "path",
        OPEN: "path",
        EXPORTED: "path",
        "with gradients": "path",
        "batch first": "layout",
        "row by row": "layout",
    }
    palette: Sequence[Mapping[str, int]] = (
        {"steps": 3, "rows": 2, "inputs": 2, "units": 3},
        {"steps": 2, "rows": 3, "inputs": 3, "units": 2},
    )

    def __init__(self) -> None:
        self.kept = lru_cache(maxsize=1024)(super().built)
        self.compiled = lru_cache(maxsize=1024)(self._compiled)

    def obstacle(self) -> str | None:
        """Whether there is a compiler of C++, and what it must include."""
        header = Path(sysconfig.get_path("include"), "Python.h")
        if not header.is_file():
            return f"needs Python's headers, and there is no {header}: install python3-dev"
        try:
            import_module("torch._inductor.cpp_builder").get_cpp_compiler()
        except Exception:
            return "needs a C++ compiler, and there is none: install g++, or name one in CXX"
        return None

    @contextmanager
    def session(self) -> Iterator[None]:
        """Layers are traced at all, in as many kinds as come; no process is started."""
        inductor = import_module("torch._inductor.config")
        settings = {
            "allow_rnn": True,
            "recompile_limit": MANY,
            "accumulated_recompile_limit": MANY,
        }
        tracing = self.torch._dynamo.config.patch(settings)
        with super().session(), tracing, inductor.patch(compile_threads=1):
            yield

    def built(self, network: Network, dtype: str, **more: Any) -> Any:
        """A module that is kept, since what is compiled belongs to it."""
        return self.kept(network, dtype, **more)

    def called(
        self, module: Any, case: Case, inputs: Any, given: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """One call; of a long sequence, one after the other, each from the states before it: what
        is traced has as many operations as there are steps.
        """
        axis, forward = int(module.batch_first), not module.bidirectional
        outputs, states = [], dict(given)
        for piece in inputs.split(LONGEST, axis) if forward else [inputs]:
            output, states = self._called(module, case, piece, states)
            outputs.append(output)
        return self.torch.cat(outputs, axis) if len(outputs) > 1 else outputs[0], states

    def _called(
        self, module: Any, case: Case, inputs: Any, given: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        names, complete = case.network.states, self.completed(case, given)
        states = complete[0] if complete and len(names) == 1 else complete
        steps, *sizes = inputs.shape
        kind = (module, case.way, self.torch.is_grad_enabled(), states is None, steps)
        function = self.compiled(*kind, *[] if case.way in SIZES_OPEN else sizes)
        outputs, finals = function(inputs, states)
        finals = finals if isinstance(finals, tuple) else (finals,)
        return outputs, dict(zip(names, finals, strict=True))

    def _compiled(self, module: Any, way: str, grad: bool, stateless: bool, *shape: int) -> Any:
        """A function of inputs and states, traced at its first call."""

        def call(inputs: Any, states: Any) -> Any:
            return module(inputs, states)

        if way == EXPORTED:
            return self._exported(module, stateless, shape)
        backend = "inductor" if way in (INDUCTOR, INDUCTOR_OPEN) else "aot_eager"
        function = self.torch.compile(
            call, backend=backend, fullgraph=True, dynamic=way in SIZES_OPEN
        )
        if way in SIZES_OPEN:  # by a call of more rows than any other
            function(*self._zeros(module, stateless, (*shape, 7, module.input_size)))
        return function

    def _exported(self, module: Any, stateless: bool, shape: tuple[int, ...]) -> Any:
        """A module that holds the same parameters."""
        zeros = self._zeros(module, stateless, shape)
        with warnings.catch_warnings():  # of how the layer holds its own weights
            warnings.simplefilter("ignore")
            return self.torch.export.export(module, zeros).module()

    def _zeros(self, module: Any, stateless: bool, shape: tuple[int, ...]) -> tuple[Any, Any]:
        """A call of a module: inputs of a shape, and states or None."""
        inputs = module.weight_ih_l0.new_zeros(shape)
        if stateless:
            return inputs, None
        layers = module.num_layers * (2 if module.bidirectional else 1)
        rows = () if inputs.ndim == 2 else (shape[0 if module.batch_first else 1],)
        state = inputs.new_zeros((layers, *rows, module.proj_size or module.hidden_size))
        if module.mode != "LSTM":
            return inputs, state
        return inputs, (state, inputs.new_zeros((layers, *rows, module.hidden_size)))

    def script(self, case: Case, cotangents: Mapping[str, Array] | None = None) -> str | None:
        """The ordinary way, with PyTorch alone."""
        if not told(case) or case.lengths is not None:
            return None
        kind, options = self.modules[case.network.cell], self.options(case.network)
        back = cotangents is not None
        lines = layer_lines(case, kind, options, self.named(case), back=back)
        return compiled(case, lines, cotangents)

    def leaves(self, case: Case) -> dict[str, Array]:
        """The ``grad`` of tensors and parameters."""
        given = [case.inputs, *(case.state(n) for n in case.network.states if case.states)]
        tensors = {f"tensors[{k}].grad": each for k, each in enumerate(given)}
        named = {f"layer.{name}.grad": values for name, values in self.named(case).items()}
        return {**tensors, **named}
