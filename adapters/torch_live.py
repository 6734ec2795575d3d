"""The parameters of a PyTorch module that a program holds.

They stay what they are: objects, dtypes, devices, and whether they are trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnspec.adapters.live_ import View
from rnnspec.reference.carrying import Uncarried
from rnnspec.reference.conventions import Packed
from rnnspec.reference.network import Network


def network(cell: str, module: Any) -> Network:
    """What network a module is. A cell has one layer, which goes forward."""
    return Network(
        cell,
        module.input_size,
        module.hidden_size,
        getattr(module, "num_layers", 1),
        "both" if getattr(module, "bidirectional", False) else "forward",
        "both" if module.bias else "none",
        module.nonlinearity if cell == "rnn" else "tanh",
        projection=getattr(module, "proj_size", 0),
    )


def viewed(
    torch: Any, module: Any, of: Network, names: Sequence[str], suffixes: Sequence[str]
) -> View:
    """A module's parameters, by what their names begin with and end in."""
    own = dict(module.named_parameters(recurse=False))
    held = [[own.get(name + suffix) for name in names] for suffix in suffixes]
    if any(matrix is None or matrix.is_meta for part in held for matrix in part[:2]):
        raise Uncarried(
            f"this {type(module).__name__} holds no weights of its own: they are computed from "
            "others, or there are none yet"
        )

    def write(packed: Sequence[Packed]) -> Any:
        with torch.no_grad():
            for part, each in zip(held, packed, strict=True):
                for parameter, values in zip(part, vars(each).values(), strict=False):
                    if parameter is not None:
                        parameter.copy_(torch.from_numpy(np.array(values)))
        return module

    def values(parameter: Any) -> Any:
        whole = None if parameter is None else parameter.detach().cpu().double()
        return None if whole is None else np.array(whole.numpy())

    arrays = [Packed(*map(values, part)) for part in held]
    dtype = str(own[names[0] + suffixes[0]].dtype).removeprefix("torch.")
    return View(of, dtype, arrays, write)
