"""PyTorch's LSTM and GRU, quantised to integers of 8 bits as they are called."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from rnnspec.adapters.torch_ import DROPOUT, TorchLayer
from rnnspec.reference.case import Case, Gradients
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import RELATIVE, Grid, Level

INT8 = replace(RELATIVE, name="int8", weights=Grid(255, 2.0**-23), operands=Grid(127, 2.0**-14))
"""Weights have 256 numbers from -128 to 127, inputs and states those from 0 to 127: the products of
8 bits by 8 would not fit where two of them are added up. A step is never smaller than float32's
epsilon, and 6.1e-5."""
QUANTISED = (
    "quantize, layer = torch.ao.quantization.quantize_dynamic, torch.nn.Sequential(layer)\n"
    "layer = quantize(layer, {{torch.nn.{kind}}}, dtype=torch.qint8)[0]\n"
)
"""What a script has of it."""
ENGINES = ("x86", "fbgemm", "onednn")
"""The engines of these integers. In ``qnnpack`` inputs and states have one bit more."""


class TorchInt8(TorchLayer):
    """``torch.ao.quantization.quantize_dynamic`` of a layer: its matrices are quantised once, what
    is multiplied with them by its range in each call. Biases, sums and what follows are float32.
    """

    name = "torch-int8"
    levels: Mapping[str, Level] = {"float32": INT8}
    conventions: Mapping[str, Conventions] = {
        cell: replace(TorchLayer.conventions[cell], biases=("both",), extras=())
        for cell in ("lstm", "gru")
    }
    ways: Mapping[str, str] = {
        "packed": "path",
        "batch first": "layout",
        "strided": "layout",
        DROPOUT: "inference",
    }

    def obstacle(self) -> str | None:
        """Whether PyTorch has such an engine."""
        engine = str(self.torch.backends.quantized.engine)
        return None if engine in ENGINES else f"needs one of {', '.join(ENGINES)}, not {engine!r}"

    @contextmanager
    def session(self) -> Iterator[None]:
        """That there is to be a successor in another package says nothing of the numbers."""
        with super().session(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "torch.ao.quantization is deprecated")
            warnings.filterwarnings("ignore", "torch.quantize_per_tensor")
            yield

    def loaded(self, case: Case) -> Any:
        """The quantised layer with the weights of the case."""
        return self.quantised(super().loaded(case))

    def quantised(self, module: Any) -> Any:
        """A layer, quantised: it is replaced in what holds it."""
        nn = self.torch.nn
        holder = nn.Sequential(module.eval())
        return self.torch.ao.quantization.quantize_dynamic(
            holder, {nn.LSTM, nn.GRU}, dtype=self.torch.qint8
        )[0]

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        """There is no backward pass through integers."""
        return None

    def script(self, case: Case, cotangents: Mapping[str, Array] | None = None) -> str | None:
        """The same as of the layer itself, quantised once it has its weights."""
        code, kind = super().script(case), self.modules[case.network.cell]
        if code is None or cotangents is not None:
            return None
        lines = code.splitlines(keepends=True)
        loaded = next(k for k, line in enumerate(lines) if line.startswith("layer.load_state_dict"))
        lines.insert(loaded + 1, QUANTISED.format(kind=kind))
        return "".join(lines)

    def count(self, network: Network) -> int | None:
        """The elements of what it has packed: a quantised layer has no parameters."""
        layer = self.quantised(self.built(network, "float32"))
        packed = [*layer.get_weight().values(), *layer.get_bias().values()]
        return sum(int(each.numel()) for each in packed)

    def counting(self, network: Network) -> str | None:
        """The same, of a layer that is quantised."""
        lines = (super().counting(network) or "").splitlines()[:-1]
        quantised = QUANTISED.format(kind=self.modules[network.cell]).rstrip()
        packed = "[*layer.get_weight().values(), *layer.get_bias().values()]"
        return "\n".join([*lines, quantised, f"count = sum(each.numel() for each in {packed})", ""])
