"""The adapter speaks to Keras without changing what is said, and says what it can't do."""

from __future__ import annotations

import contextlib
import logging
import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import EntryPoint

import numpy as np
import pytest

from rnnspec import catalogue
from rnnspec.adapters import keras_
from rnnspec.adapters.keras_ import KerasLayer
from rnnspec.adapters.keras_weights import listed
from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Refused
from rnnspec.reference.network import Network, Place
from rnnspec.reference.unroll import count

Drawn = Callable[..., Case]
IDS = {
    "keras": "KerasLayer",
    "keras-tensorflow": "KerasTensorflow",
    "keras-jax": "KerasJax",
    "keras-torch": "KerasTorch",
}


@pytest.fixture
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ids, whether they are installed as entry points here or not."""
    module = keras_.__name__
    found = [EntryPoint(n, f"{module}:{c}", catalogue.GROUP) for n, c in IDS.items()]
    monkeypatch.setattr(catalogue, "entry_points", lambda group: found)


@pytest.mark.parametrize(
    "network",
    [
        Network("rnn", 3, 2, biases="none"),
        Network("lstm", 3, 2, layers=2, biases="input", direction="both"),
        Network("gru", 3, 2, layers=3, direction="backward"),
        Network("gru", 3, 2, biases="input", reset="before"),
    ],
    ids=str,
)
def test_the_count_is_that_of_the_equations(adapter: KerasLayer, network: Network) -> None:
    assert adapter.count(network) == count(network)


def test_a_layer_holds_the_weights_where_its_manual_says(
    adapter: KerasLayer, drawn: Drawn, widest: str
) -> None:
    """``keras.layers.LSTM``: a kernel of columns for i, f, c, o; ``GRU``: z, r, h, two biases."""
    for cell, blocks, rows in (
        ("lstm", ("input", "forget", "candidate", "output"), 1),
        ("gru", ("update", "reset", "candidate"), 2),
    ):
        network = Network(cell, 3, 2, biases="input" if rows == 1 else "both")
        case = drawn(network, widest)
        [(kernel, recurrent, bias)] = listed(network, case.weights, adapter.conventions[cell])
        layer = getattr(adapter.keras.layers, cell.upper())(2)
        layer.build((None, None, 3))
        assert [w.shape for w in layer.weights] == [kernel.shape, recurrent.shape, bias.shape]
        for part, held in (("input", kernel), ("recurrent", recurrent)):
            written = [case.weights[Place(0, "forward", b, part)].T for b in blocks]
            assert np.array_equal(held, np.concatenate(written, axis=1))


def test_a_session_restores_what_it_sets(unjudged: KerasLayer) -> None:
    module = unjudged.backend.module
    inside: tuple[int, ...]
    if unjudged.name == "keras-torch":

        def settings() -> tuple[int, ...]:
            return module.get_num_threads(), module.is_grad_enabled()

        inside = (1, False)
    elif unjudged.name == "keras-tensorflow":

        def settings() -> tuple[int, ...]:
            return (module.get_logger().level,)

        inside = (logging.ERROR,)
    else:
        pytest.skip("there is nothing to set on JAX")
    before = settings()
    with contextlib.suppress(KeyError), unjudged.session():
        during = settings()
        raise KeyError
    assert during == inside
    assert settings() == before


def test_nothing_is_drawn_from_pythons_own_generator(adapter: KerasLayer) -> None:
    random.seed(3)
    state = random.getstate()
    adapter.stack(Network("gru", 7, 5, direction="both"), "float32")
    assert random.getstate() == state


def test_what_keras_has_not_is_not_offered(adapter: KerasLayer, drawn: Drawn) -> None:
    gru = Network("gru", 1, 1)
    assert adapter.offers(gru) is None
    assert adapter.offers(replace(gru, biases="input")) is not None
    assert adapter.offers(replace(gru, biases="input", reset="before")) is None
    assert adapter.offers(replace(gru, reset="before")) is not None
    assert adapter.offers(Network("lstm", 1, 1)) is not None
    assert adapter.offers(Network("lstm", 1, 1, biases="input", layers=4)) is not None
    if "float64" not in adapter.levels:
        with pytest.raises(Refused, match="does not compute in float64"):
            adapter.run(drawn(gru, "float64"))


@pytest.mark.usefixtures("_known")
def test_the_plain_id_is_the_backend_that_keras_is_set_to(adapter: KerasLayer) -> None:
    loaded = catalogue.load("keras")
    assert loaded.name == adapter.name in IDS
    assert list(loaded.versions()) == ["keras", adapter.backend.package]


@pytest.mark.usefixtures("_known")
def test_another_backend_is_refused_in_a_sentence(
    adapter: KerasLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "find_spec", lambda module: module)
    running = adapter.keras.config.backend()
    for other in {"tensorflow", "jax", "torch"} - {running}:
        told = (
            f"the adapter 'keras-{other}' needs Keras on {other}, and in this process Keras "
            f"runs on {running}: run it in a process of its own"
        )
        with pytest.raises(catalogue.Unusable) as error:
            catalogue.load(f"keras-{other}")
        assert str(error.value) == told


@pytest.mark.usefixtures("_known")
def test_a_backend_that_is_missing_is_told_with_what_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catalogue, "find_spec", lambda m: None if m == "jax" else m)
    with pytest.raises(catalogue.Unusable) as error:
        catalogue.load("keras-jax")
    assert str(error.value) == (
        "jax is not installed, and the adapter 'keras-jax' needs it: "
        "pip install 'rnnspec[keras-jax]'"
    )


def test_an_id_chooses_the_backend_and_leaves_the_environment_alone(adapter: KerasLayer) -> None:
    """In a process where Keras is not imported yet, and set to another backend."""
    code = (
        f"from rnnspec.adapters.keras_ import {IDS[adapter.name]} as Chosen\n"
        "import os, sys\nadapter = Chosen()\nassert 'keras' not in sys.modules\n"
        "assert adapter.obstacle() is None\n"
        "print(adapter.keras.config.backend(), os.environ['KERAS_BACKEND'])"
    )
    environment = {**os.environ, "KERAS_BACKEND": "openvino"}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == [adapter.keras.config.backend(), "openvino"]
