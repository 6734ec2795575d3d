"""Modules of Flax and cells of Equinox that a program holds: read, and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec.adapters.jax_ import JaxLayer
from rnnspec.proof import proven
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, RELATIVE
from tests.living import carried

Made = Callable[[Any, int], Any]


@pytest.fixture
def nnx(installed: Callable[[str], JaxLayer]) -> Any:
    return getattr(installed("flax-nnx"), "library")  # noqa: B009


@pytest.fixture
def equinox(installed: Callable[[str], JaxLayer]) -> Any:
    return getattr(installed("equinox"), "equinox")  # noqa: B009


@pytest.fixture
def jax(installed: Callable[[str], JaxLayer]) -> Any:
    return installed("equinox").jax


def cell(name: str, **options: Any) -> Made:
    return lambda nnx, seed: getattr(nnx, name)(3, 5, rngs=nnx.Rngs(seed), **options)


def looped(made: Made, **options: Any) -> Made:
    return lambda nnx, seed: nnx.RNN(made(nnx, seed), **options)


def both(made: Made, **options: Any) -> Made:
    return lambda nnx, seed: nnx.Bidirectional(
        nnx.RNN(made(nnx, seed)), nnx.RNN(made(nnx, seed + 9)), **options
    )


MODULES: dict[str, Made] = {
    "lstm": looped(cell("OptimizedLSTMCell")),
    "lstm apart": looped(cell("LSTMCell")),
    "lstm both": both(cell("LSTMCell")),
    "lstm mixed": lambda nnx, seed: nnx.Bidirectional(
        nnx.RNN(cell("OptimizedLSTMCell")(nnx, seed)), nnx.RNN(cell("LSTMCell")(nnx, seed + 9))
    ),
    "gru": looped(cell("GRUCell"), reverse=True, keep_order=True),
    "gru both": both(cell("GRUCell")),
    "rnn": looped(cell("SimpleCell")),
}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_read_and_written(nnx: Any, name: str) -> None:
    def run(module: Any, inputs: Array) -> Mapping[str, Array]:
        outputs = module(np.float32(inputs.swapaxes(0, 1)))
        return {"outputs": np.asarray(outputs).astype(np.float64).swapaxes(0, 1)}

    def numbers(module: Any) -> list[Any]:
        import jax

        return list(map(np.asarray, jax.tree.leaves(nnx.state(module, nnx.Param))))

    one, other = (MODULES[name](nnx, seed) for seed in (1, 2))
    _, layer = carried(one, other, run, numbers)
    assert layer is other


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", ["LSTMCell", "GRUCell"])
def test_a_cell_is_read_and_a_new_one_written(
    equinox: Any, jax: Any, name: str, bias: bool, dtype: str
) -> None:
    def made(seed: int) -> Any:
        kind, key = getattr(equinox.nn, name), jax.random.key(seed)
        return kind(3, 5, use_bias=bias, dtype=jax.numpy.dtype(dtype), key=key)

    def run(cell: Any, inputs: Array) -> Mapping[str, Array]:
        zero = jax.numpy.zeros((3, 5), dtype)
        state, outputs = (zero, zero) if name == "LSTMCell" else zero, []
        for x in inputs:
            state = jax.vmap(cell)(jax.numpy.asarray(x.astype(jax.numpy.dtype(dtype))), state)
            outputs.append(state[0] if name == "LSTMCell" else state)
        return {"outputs": np.stack([np.asarray(each).astype(np.float64) for each in outputs])}

    def numbers(cell: Any) -> list[Any]:
        return list(map(np.asarray, jax.tree.leaves(cell)))

    one, other = made(1), made(2)
    before = [each.tobytes() for each in numbers(other)]
    level = ABSOLUTE if dtype == "float16" else RELATIVE
    _, layer = carried(one, other, run, numbers, level)
    assert layer is not other
    assert [each.tobytes() for each in numbers(other)] == before, "the old one is as it was"


def test_from_flax_to_equinox_and_back(
    nnx: Any, equinox: Any, jax: Any, installed: Callable[[str], JaxLayer]
) -> None:
    module = cell("OptimizedLSTMCell")(nnx, 1)
    module.dense_h.bias[...] = jax.numpy.linspace(-1.0, 1.0, 20)
    held = rnnspec.weights_of(module)
    made = equinox.nn.LSTMCell(3, 5, key=jax.random.key(0))
    layer, done = rnnspec.load_into(made, held)
    assert len(done) == 1
    assert "the bias goes to the other side" in done[0]
    adapters = installed("flax-nnx"), installed("equinox")
    proof = proven(adapters[0], held, adapters[1], rnnspec.weights_of(layer), cases=10)
    assert proof.same, str(proof)
    x = jax.numpy.linspace(-1.0, 1.0, 3)
    zero = jax.numpy.zeros(5)
    own, other = module((zero, zero), x)[1], layer(x, (zero, zero))[0]
    assert float(jax.numpy.max(jax.numpy.abs(own - other))) < 1e-6
    again, _ = rnnspec.load_into(cell("OptimizedLSTMCell")(nnx, 3), rnnspec.weights_of(layer))
    for a, b in zip(
        *(jax.tree.leaves(nnx.state(m, nnx.Param)) for m in (again, module)), strict=True
    ):
        assert np.array_equal(a, b)


def test_a_bias_that_has_no_place_is_refused(nnx: Any, equinox: Any, jax: Any) -> None:
    """Of the candidate, Equinox's GRU has a bias on the side of the past, and Flax's none."""
    one, other = equinox.nn.GRUCell(3, 5, key=jax.random.key(0)), cell("GRUCell")(nnx, 1)
    with pytest.raises(rnnspec.Uncarried, match=r"^0\.forward\.candidate\.recurrent_bias is not z"):
        rnnspec.load_into(other, rnnspec.weights_of(one))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (
            lambda nnx: cell("LSTMCell", activation_fn=nnx.relu)(nnx, 0),
            "this LSTMCell has the activation 'relu': only tanh is carried",
        ),
        (
            lambda nnx: cell("GRUCell", gate_fn=nnx.hard_sigmoid)(nnx, 0),
            "the activation of its gates 'hard_sigmoid': only sigmoid is carried",
        ),
        (lambda nnx: nnx.SimpleCell(3, 3, residual=True, rngs=nnx.Rngs(0)), "is residual"),
        (
            lambda nnx: both(cell("GRUCell"), merge_fn=lambda a, b: a + b)(nnx, 0),
            "only its own, with both directions side by side, is carried",
        ),
        (
            lambda nnx: nnx.Bidirectional(
                nnx.RNN(cell("GRUCell")(nnx, 0)), nnx.RNN(cell("LSTMCell")(nnx, 0))
            ),
            "the directions differ: GRU",
        ),
    ],
)
def test_what_the_equations_have_not_is_refused(
    nnx: Any, made: Callable[[Any], Any], said: str
) -> None:
    with pytest.raises(rnnspec.Uncarried, match=said):
        rnnspec.weights_of(made(nnx))


def test_many_cells_in_one_are_refused(equinox: Any, jax: Any) -> None:
    def made(key: Any) -> Any:
        return equinox.nn.GRUCell(3, 5, key=key)

    many = equinox.filter_vmap(made)(jax.random.split(jax.random.key(0), 2))
    with pytest.raises(rnnspec.Uncarried, match=r"has shape \(2, 15, 3\) in the layer, and in GRU"):
        rnnspec.weights_of(many)
