"""tinygrad: ``tinygrad.nn.LSTMCell``, step by step, on the CPU."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property, lru_cache
from importlib.metadata import version
from shutil import which
from typing import Any

import numpy as np

from rnnspec.adapters.live_ import View, kind
from rnnspec.adapters.tinygrad_script import script
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.conventions import Conventions, Packed, pack, unpack
from rnnspec.reference.implementation import Implementation, Refused
from rnnspec.reference.network import STATES, Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, Level

PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
"""tinygrad's names of what ``Packed`` holds, in its order."""

EAGER, WHOLE, BATCH_FIRST = "eager", "compiled as a whole", "batch first"
ALIGNED = 64
"""Bytes: kernels may read whole vectors, from where such a one begins."""

Tensors = Mapping[str, Any]
"""Tensors by name: a cell's parameters, ``inputs``, the states that are given; for gradients, what
they begin with, under the name of the part of the answer and ``BACK``."""
BACK = "gradient of "


class TinygradCell(Implementation):
    """The cell, which is all that tinygrad has: each step a call of one ``TinyJit``.

    All steps in one is a way of its own, and so are gradients: the longer, the more is compiled.
    """

    name = "tinygrad"
    requires = "tinygrad"
    extra = "tinygrad"
    # its tanh is 2 sigmoid(2 x) - 1, and the argument of its exp2 is rounded once more
    levels: Mapping[str, Level] = dict.fromkeys(("float64", "float32", "float16"), ABSOLUTE)
    conventions: Mapping[str, Conventions] = {
        "lstm": Conventions(("input", "forget", "candidate", "output")),
    }
    ways: Mapping[str, str] = {EAGER: "path", WHOLE: "path", BATCH_FIRST: "layout"}
    palette: Sequence[Mapping[str, int]] = (
        {"steps": 3, "rows": 2, "inputs": 2, "units": 3},
        {"steps": 2, "rows": 3, "inputs": 4, "units": 8},
    )

    def __init__(self) -> None:
        self.compiled = lru_cache(maxsize=1024)(self._compiled)

    @cached_property
    def tinygrad(self) -> Any:
        """The framework, imported when it is first needed."""
        import tinygrad

        return tinygrad

    def obstacle(self) -> str | None:
        """Why it can't be used: every kernel goes through a compiler of C."""
        compiler = os.environ.get("CC", "clang")
        if which(compiler) is None:
            return f"compiles with {compiler}, which is not on the PATH: install clang"
        return None

    def versions(self) -> dict[str, str]:
        """The package's own."""
        return {"tinygrad": version("tinygrad")}

    def session(self) -> AbstractContextManager[object]:
        """On the CPU, and one thread there."""
        from tinygrad.helpers import Context

        context: AbstractContextManager[object] = Context(DEV="CPU", NUM_CPU_THREADS=1)
        return context

    def run(self, case: Case) -> Answer:
        """Call the cell, with the case's weights among its arguments."""
        if case.steps == 0:
            raise Refused(f"{self.name} is called once a step: without steps it gives no states")
        given = self.given(case)
        return answer(self._called(case, given)) if case.way else self._stepped(case, given)

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        """With ``Tensor.gradient``, of the sum of what comes out times the cotangents."""
        given = self.given(case)
        for name, seed in cotangents.items():
            own = seed if name == "outputs" else seed[0]
            given[BACK + name] = self.tensor(own, case.dtype)
        found = self._called(case, given)
        back = {name: array(found[BACK + name]) for name in given if BACK not in name}
        packed = Packed(*(back.get(name) for name in PARAMETERS))  # type: ignore[arg-type]
        inputs = back["inputs"]
        return Gradients(
            answer(found),
            inputs.swapaxes(0, 1) if case.way == BATCH_FIRST else inputs,
            {name: back[name][None] for name in case.states},
            unpack(case.network, packed, self.conventions["lstm"]),
        )

    def holds(self, layer: Any) -> bool:
        """Whether it is the cell."""
        return kind(layer, "tinygrad.nn", ("LSTMCell",)) is not None

    def viewed(self, layer: Any) -> View:
        """The parameters of the cell: they stay the same tensors."""
        held = [getattr(layer, name) for name in PARAMETERS]
        units, inputs = held[1].shape[1], held[0].shape[1]
        network = Network("lstm", inputs, units, biases="none" if held[2] is None else "both")
        dtype = {"double": "float64", "float": "float32", "half": "float16"}

        def write(packed: Sequence[Packed]) -> Any:
            for tensor, values in zip(held, vars(packed[0]).values(), strict=False):
                if tensor is not None:
                    exact = self.tinygrad.Tensor(values.astype(np.float64), device=tensor.device)
                    tensor.assign(exact.cast(tensor.dtype)).realize()
            return layer

        arrays = [None if tensor is None else array(tensor) for tensor in held]
        name = str(held[0].dtype.name)
        return View(network, dtype.get(name, name), [Packed(*arrays)], write)  # type: ignore[arg-type]

    def count(self, network: Network) -> int | None:
        """The elements of the cell's parameters."""
        from tinygrad.nn.state import get_parameters

        return sum(int(each.numel()) for each in get_parameters(self._cell(network)))

    def script(self, case: Case) -> str | None:
        """The case as code of tinygrad alone."""
        return script(case, self.named(case)) if case.way == "" and case.steps else None

    def named(self, case: Case) -> dict[str, Array]:
        """The weights by tinygrad's names."""
        packed = pack(case.network, case.weights, self.conventions["lstm"])
        parts = zip(PARAMETERS, vars(packed).values(), strict=False)
        return {name: part for name, part in parts if part is not None}

    def given(self, case: Case) -> dict[str, Any]:
        """What the function of a case takes. Where one state is missing, it is zero."""
        inputs = case.inputs.swapaxes(0, 1) if case.way == BATCH_FIRST else case.inputs
        arrays = {**self.named(case), "inputs": inputs}
        if case.states:
            arrays |= {name: case.state(name)[0] for name in case.network.states}
        return {name: self.tensor(each, case.dtype) for name, each in arrays.items()}

    def tensor(self, values: Array, dtype: str) -> Any:
        """A tensor of a dtype, over memory of NumPy's: to copy it takes ten times as long."""
        memory = np.zeros(values.size * np.dtype(dtype).itemsize + ALIGNED, np.uint8)
        begin = -memory.ctypes.data % ALIGNED
        held = memory[begin : begin + memory.size - ALIGNED].view(dtype).reshape(values.shape)
        held[...] = values  # exact: they are numbers of the dtype
        kind, given = getattr(self.tinygrad.dtypes, dtype), self.tinygrad.Tensor
        if not held.size:
            return given(held, dtype=kind)
        tensor = given.from_blob(held.ctypes.data, held.shape, dtype=kind, device="CPU")
        tensor.held = held  # the memory must live as long
        return tensor

    def _called(self, case: Case, given: Tensors) -> Tensors:
        """What the function of such a case gives."""
        kind = (case.network, tuple(given), case.way == BATCH_FIRST)
        if case.way == EAGER:
            return self._function(*kind)(*given.values())
        shapes = tuple((each.shape, each.dtype) for each in given.values())
        found: Tensors = self.compiled(kind, shapes)(*given.values())
        return found

    def _cell(self, network: Network) -> Any:
        from tinygrad.nn import LSTMCell

        return LSTMCell(network.inputs, network.units, bias=network.biases != "none")

    def _compiled(self, kind: tuple[Any, ...], shapes: tuple[Any, ...]) -> Any:
        """One for each tuple of shapes: a TinyJit has them of its first call."""
        return self.tinygrad.TinyJit(self._function(*kind))

    def _function(
        self, network: Network, names: tuple[str, ...], batch_first: bool
    ) -> Callable[..., dict[str, Any]]:
        """The cell as a function of tensors, in the order of their names."""
        cell, stack = self._cell(network), self.tinygrad.Tensor.stack

        def called(*tensors: Any) -> dict[str, Any]:
            given = dict(zip(names, tensors, strict=True))
            for name in PARAMETERS:
                setattr(cell, name, given.get(name))
            state: Any = (given["hidden"], given["cell"]) if "hidden" in given else None
            x, outputs = given["inputs"], []
            for t in range(x.shape[1 if batch_first else 0]):
                state = cell(x[:, t] if batch_first else x[t], state)
                outputs.append(state[0])
            found = {"hidden": state[0], "cell": state[1], "outputs": stack(*outputs)}
            seeded = [name for name in found if BACK + name in given]
            if seeded:
                loss = sum((found[name] * given[BACK + name]).sum() for name in seeded)
                leaves = {name: t for name, t in given.items() if BACK not in name}
                back = loss.gradient(*leaves.values())
                found |= {BACK + name: g for name, g in zip(leaves, back, strict=True)}
            self.tinygrad.Tensor.realize(*found.values())
            return found

        return called

    def _stepped(self, case: Case, given: dict[str, Any]) -> Answer:
        """Each step is handed the states that the one before gave."""
        outputs = []
        for x in case.inputs:
            given["inputs"] = self.tensor(x[None], case.dtype)
            found = self._called(case, given)
            outputs.append(array(found["outputs"]))
            given |= {name: found[name] for name in case.network.states}
        return Answer(np.concatenate(outputs), states(given))


def array(tensor: Any) -> Array:
    """A tensor's values as float64, exactly: at once, as a TinyJit writes over them."""
    return np.asarray(tensor.numpy()).astype(np.float64)


def states(found: Tensors) -> dict[str, Array]:
    """The states in what a function gave."""
    return {name: array(found[name])[None] for name in STATES["lstm"]}


def answer(found: Tensors) -> Answer:
    """What a function gave, as an answer."""
    return Answer(array(found["outputs"]), states(found))
