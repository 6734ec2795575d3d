"""Flax's own names of parameters are those that files are written and read with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec import safetensors_
from rnnspec.adapters.jax_flax_linen import FlaxLinen
from rnnspec.adapters.jax_flax_nnx import FlaxNnx
from rnnspec.reference.carrying import Held
from rnnspec.reference.naming import Said, Tensor
from rnnspec.reference.network import Network
from rnnspec.weight_files import framework
from tests.drawing import drawn

pytest.importorskip("flax", reason="the names are Flax's")

LINEN = [
    Network("rnn", 3, 4, 1, "forward", "input", activation="relu"),
    Network("lstm", 3, 4, 1, "both", "recurrent"),
    Network("gru", 3, 4, 1, "both", "candidate"),
]
NNX = [*LINEN[:2], Network("gru", 3, 4, 1, "forward", "input")]


def flat(tree: Any, above: str = "") -> dict[str, Any]:
    if not hasattr(tree, "items"):
        return {above: tree}
    found: dict[str, Any] = {}
    for name, part in tree.items():
        found |= flat(part, f"{above}/{name}" if above else str(name))
    return found


@pytest.mark.parametrize(
    ("of", "network"),
    [*(("flax-linen", n) for n in LINEN), *(("flax-nnx", n) for n in NNX)],
    ids=str,
)
def test_names_and_shapes_are_those_of_flax(of: str, network: Network, tmp_path: Path) -> None:
    adapter = FlaxLinen() if of == "flax-linen" else FlaxNnx()
    tree = adapter.parameters(network)
    own = flat(tree if of == "flax-linen" else adapter.library.to_pure_dict(tree))
    layer = Held(network, drawn(network).weights, "float32")
    ours = framework(of).naming.tensors(framework(of).laid(layer))
    assert {t.name: t.shape for t in ours} == {name: tuple(a.shape) for name, a in own.items()}
    # within a model, and joined as others join them
    path = tmp_path / "it.safetensors"
    renamed = [t._replace(name=f"params.encoder.{t.name.replace('/', '.')}") for t in ours]
    odd = Tensor("params.out.kernel", (2, 2), "float32", lambda: np.zeros((2, 2)))
    safetensors_.write(path, [*renamed, odd])
    said = Said(network.activation)
    found = framework(of).read(path, ".safetensors", (), said)
    assert (found.prefixes, found.left) == (["params/encoder"], 1)
    assert found.held.network == network
    for at, array in found.held.weights.items():
        assert np.array_equal(array, layer.weights[at])
