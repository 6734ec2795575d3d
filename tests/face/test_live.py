"""Which objects are layers, without a framework: those of one are read in its own tests."""

from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess
from typing import Any

import pytest

import rnnspec
from rnnspec.live import adapter_of

KNOWN = {
    "torch.nn.modules.rnn.LSTM": "torch",
    "torch.nn.modules.rnn.GRUCell": "torch-cell",
    "keras.src.layers.rnn.lstm.LSTM": "keras",
    "keras.src.layers.rnn.bidirectional.Bidirectional": "keras",
    "tf_keras.src.layers.rnn.gru.GRU": "tf-keras",
    "flax.nnx.nn.recurrent.RNN": "flax-nnx",
    "equinox.nn._rnn.GRUCell": "equinox",
    "mlx.nn.layers.recurrent.RNN": "mlx",
    "tinygrad.nn.LSTMCell": "tinygrad",
    "paddle.nn.layer.rnn.SimpleRNN": "paddle",
}


def made(path: str) -> Any:
    """An object of a class that has such a name."""
    module, _, name = path.rpartition(".")
    return type(name, (), {"__module__": module})()


@pytest.mark.parametrize("path", KNOWN)
def test_a_layer_is_known_by_its_class(path: str) -> None:
    name: Any = getattr(adapter_of(made(path)), "name", None)
    assert name == KNOWN[path]


@pytest.mark.parametrize(
    "other",
    [
        {},
        [],
        None,
        object,
        made("torch.nn.modules.linear.Linear"),
        made("torch.ao.nn.quantized.dynamic.modules.rnn.LSTM"),
        made("torchother.nn.LSTM"),
        made("mine.LSTM"),
    ],
)
def test_what_is_none_is_said_in_a_sentence(other: Any) -> None:
    told = (
        r"^weights cannot be read from or written to a \S+: use a recurrent layer or cell of equi"
    )
    for call in (rnnspec.weights_of, lambda layer: rnnspec.load_into(layer, None)):  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=told) as error:
            call(other)
        assert "torch, or a list of these" in str(error.value)
        assert "torch-cell" not in str(error.value), "a family is named once"


def test_nothing_is_imported_to_know_a_layer(
    python: Callable[..., CompletedProcess[str]],
) -> None:
    ran = python(
        "-c",
        "import rnnspec, sys\n"
        "try:\n    rnnspec.weights_of(3)\n"
        "except TypeError as error:\n    print(error)\n"
        "print(*sorted({'torch', 'keras', 'jax', 'mlx'} & {*sys.modules}))",
    )
    assert ran.stdout.startswith("weights cannot be read from or written to a builtins.int")
    assert ran.stdout.endswith("\n\n"), ran.stdout
