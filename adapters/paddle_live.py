"""PaddlePaddle's layers that a program holds, and the parameters of their cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rnnspec.adapters.live_ import View, kind
from rnnspec.adapters.paddle_script import KINDS, PACKED, of_cell
from rnnspec.reference.carrying import Held, Uncarried, stacked
from rnnspec.reference.conventions import Packed
from rnnspec.reference.network import Network

CELLS = {f"{name}Cell": cell for cell, name in KINDS.items()}
LIVE = (*KINDS.values(), *CELLS, "RNN", "BiRNN")


def viewed(layer: Any) -> View:
    """A layer, its cells in an RNN or BiRNN, or a cell. A bias that a layer was made without is
    there, and zero.
    """
    whole = kind(layer, "paddle.nn", KINDS.values()) is not None
    loops = [list(_cells(each)) for each in (layer if whole else [layer])]
    dtype = str(loops[0][0][0].weight_ih.dtype).removeprefix("paddle.")
    network = stacked([Held(_joined(cells), {}, dtype) for cells in loops]).network
    cells = [cell for each in loops for cell, _ in each]

    def write(packed: Sequence[Packed]) -> Any:
        for cell, each in zip(cells, packed, strict=True):
            for name, values in of_cell(each).items():
                getattr(cell, name).set_value(np.ascontiguousarray(values.astype(dtype)))
        return layer

    return View(network, dtype, [_packed(cell) for cell in cells], write)


def _packed(cell: Any) -> Packed:
    own = [getattr(cell, name, None) for name in PACKED]
    held = [None if each is None else np.asarray(each.numpy(), np.float64) for each in own]
    held[-1] = None if held[-1] is None else held[-1].T  # the projection, as in of_cell
    return Packed(*held)  # type: ignore[arg-type]


def _cells(layer: Any) -> Iterator[tuple[Any, str]]:
    """The cells of a layer, and the way that each of them goes."""
    name = kind(layer, "paddle.nn", ("RNN", "BiRNN"))
    if name == "BiRNN":
        found = [(layer.cell_fw, "forward"), (layer.cell_bw, "backward")]
    elif name == "RNN":
        found = [(layer.cell, "backward" if layer.is_reverse else "forward")]
    else:
        found = [(layer, "forward")]
    for cell, direction in found:
        if kind(cell, "paddle.nn", CELLS) is None:
            raise Uncarried(f"this {name} is one of a {type(cell).__name__}, not of Paddle's own")
        yield cell, direction


def _joined(cells: Sequence[tuple[Any, str]]) -> Network:
    """The network of a layer's directions."""
    networks = [_network(cell) for cell, _ in cells]
    if len(set(networks)) > 1:
        raise Uncarried(f"the directions differ: {networks[0]}, and {networks[1]}")
    return replace(networks[0], direction=cells[0][1] if len(cells) == 1 else "both")


def _network(cell: Any) -> Network:
    of = CELLS[str(kind(cell, "paddle.nn", CELLS))]
    sides = (cell.bias_ih is not None, cell.bias_hh is not None)
    biases = {(True, True): "both", (True, False): "input", (False, True): "recurrent"}
    return Network(
        of,
        int(cell.input_size),
        int(cell.hidden_size),
        biases=biases.get(sides, "none"),
        activation=cell.activation if of == "rnn" else "tanh",
        projection=int(getattr(cell, "proj_size", None) or 0),
    )
