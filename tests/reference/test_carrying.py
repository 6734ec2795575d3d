"""Weights carried between every two conventions that the adapters declare, and by the reference
that the function is the same; or, where carrying them is refused, that it would not be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnspec import catalogue
from rnnspec.reference.bounds import Bounds
from rnnspec.reference.carrying import Held, Uncarried, cast, fitted, split, stacked
from rnnspec.reference.case import Case, Weights
from rnnspec.reference.conventions import Conventions, Packed, pack, unpack
from rnnspec.reference.network import BIASES, BLOCKS, Network, Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.unroll import unroll

SEARCH = settings(max_examples=6, derandomize=True, database=None, deadline=None)
SHORT = settings(SEARCH, max_examples=3)


class Side(NamedTuple):
    """How adapters do one cell."""

    cell: str
    names: tuple[str, ...]
    """Of the adapters that declare the same."""
    conventions: Conventions
    offers: Callable[[Network], str | None]


def declared() -> list[Side]:
    """Whatever the adapters declare, each once. None of them imports its framework for that."""
    found: dict[tuple[Any, ...], Side] = {}
    for name in catalogue.names():
        adapter = catalogue.found(name)()
        for cell, how in adapter.conventions.items():
            how = replace(how, layers=min(how.layers, 3), past_end={}, states=("hidden", "cell"))
            key = (cell, repr(how), getattr(type(adapter), "offers", None))
            known = found.get(key, Side(cell, (), how, adapter.offers))
            found[key] = known._replace(names=(*known.names, name))
    return list(found.values())


SIDES = declared()
SOURCES = [pytest.param(side, id=f"{side.names[0]}-{side.cell}") for side in SIDES]


def networks(side: Side) -> list[Network]:
    """Every kind of network that a side offers, alone or with whatever it has beyond the cards."""
    kinds = side.conventions.networks(side.cell)
    for extra in side.conventions.extras:
        kinds += side.conventions.networks(side.cell, extra)
    return [each for each in kinds if side.offers(each) is None]


def sized(network: Network, inputs: int, units: int, layers: int) -> Network:
    projection = min(network.projection, 1) * max(1, units - 1)
    layers = min(network.layers, layers)
    return replace(network, inputs=inputs, units=units, layers=layers, projection=projection)


@st.composite
def drawn(draw: st.DrawFn, side: Side, least: int = 1) -> Held:
    """What a layer of a side may hold; some of its biases are zeros, as when it is made."""
    kind = draw(st.sampled_from(networks(side)))
    inputs, units = draw(st.integers(least, 3)), draw(st.integers(least, 4))
    network = sized(kind, inputs, units, draw(st.integers(1, 2)))
    dtype = draw(st.sampled_from(sorted(PRECISIONS)))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    grid = draw(st.sampled_from([0, 16]))  # sums of sixteenths are exact in every dtype
    zero = draw(st.sets(st.sampled_from(["input_bias", "recurrent_bias"])))
    rounded = PRECISIONS[dtype].round

    def numbers(at: Place, shape: tuple[int, ...]) -> Array:
        if at.part in zero:
            return np.zeros(shape)
        array = random.uniform(-1, 1, shape)
        return np.rint(array * grid) / grid if grid else rounded(array)

    held = Held(network, {at: numbers(at, shape) for at, shape in network.places()}, dtype)
    return there(held, side.conventions)[0]


def there(held: Held, how: Conventions) -> tuple[Held, list[Packed]]:
    """Laid out by conventions in numbers of the dtype, and taken from there again."""
    rounded = PRECISIONS[held.dtype].round
    weights: dict[Place, Array] = {}
    arrays = []
    for layer, direction in product(range(held.network.layers), held.network.directions):
        packed = pack(held.network, held.weights, how, layer, direction)
        parts: dict[str, Any] = {
            name: None if array is None else rounded(array) for name, array in vars(packed).items()
        }
        arrays.append(Packed(**parts))
        weights |= unpack(held.network, arrays[-1], how, layer, direction)
    return Held(held.network, weights, held.dtype), arrays


def same_bits(one: Weights, other: Weights) -> bool:
    return one.keys() == other.keys() and all(
        one[at].tobytes() == other[at].tobytes() for at in one
    )


def bits(packed: list[Packed]) -> list[bytes | None]:
    return [None if a is None else a.tobytes() for each in packed for a in vars(each).values()]


def call(held: Held, seed: int = 3) -> Case:
    """A call in which every state is given, and no gate is saturated."""
    random, network = np.random.default_rng(seed), held.network
    case = Case(network, held.weights, random.uniform(-1, 1, (2, 2, network.inputs)))
    states = {name: random.uniform(-1, 1, case.shape_of(name)) for name in network.states}
    return case.with_states(**states)


def apart(one: Held, other: Held, dtype: str) -> float:
    """How far two networks are apart, at most, in what any two layers may be that are the same."""
    read, worst = Bounds.of(dtype), 0.0
    parts = [unroll(call(each), read).parts() for each in (one, other)]
    for a, b in zip(*(each.values() for each in parts), strict=True):
        a, b = a.settled(), b.settled()
        off, allowed = np.abs(a.value - b.value), a.error + b.error
        worst = max(worst, float(np.max(off / np.where(off == 0.0, 1.0, allowed))))
    return worst


def kept(held: Held, found: Held) -> bool:
    """Whether every number still stands alone: a single bias on either side, or where it was."""
    for at, array in held.weights.items():
        if not at.part.endswith("_bias") or not np.any(array):
            continue
        other = at._replace(part="recurrent_bias" if at.part == "input_bias" else "input_bias")
        lone = other not in held.weights
        places = [at, other] if lone else [at]
        if not any(
            place in found.weights and found.weights[place].tobytes() == array.tobytes()
            for place in places
        ):
            return False
    return True


@pytest.mark.parametrize("source", SOURCES)
def test_there_and_back_is_the_same(source: Side) -> None:
    pairs: set[str] = set()

    @SEARCH
    @given(drawn(source))
    def carried(held: Held) -> None:
        for target in (side for side in SIDES if side.cell == source.cell):
            try:
                found, _ = fitted(held, target.conventions, target.offers)
            except Uncarried:
                continue
            pairs.add(target.names[0])
            assert target.offers(found.network) is None
            again, _ = there(found, target.conventions)
            assert same_bits(again.weights, found.weights), "what was fitted can be held exactly"
            if kept(held, found):
                own = replace(source.conventions, biases=(held.network.biases,))
                back, _ = fitted(found, own, source.offers)
                assert same_bits(back.weights, held.weights), target.names
                assert bits(there(back, own)[1]) == bits(there(held, own)[1]), target.names
            if not same_bits(found.weights, held.weights):
                assert apart(held, found, held.dtype) <= 1.0, target.names

    carried()
    assert source.names[0] in pairs


def without_biases(held: Held, biases: str) -> Iterator[Held]:
    """The weights with other biases, as one who does not look would copy them: a bias that there
    is no place for is added to the other, or forgotten.
    """
    network = replace(held.network, biases=biases)
    for adds in (True, False):
        weights = {}
        for at, shape in network.places():
            weights[at] = held.weights.get(at, np.zeros(shape))
            other = {"input_bias": "recurrent_bias", "recurrent_bias": "input_bias"}.get(at.part)
            lost = at._replace(part=other or "")
            if adds and lost in held.weights and not network.biased(at.block, lost.part[:-5]):
                weights[at] = weights[at] + held.weights[lost]
        yield Held(network, weights, held.dtype)


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_refused_would_be_another_function(source: Side) -> None:
    compared = 0

    @SHORT
    @given(drawn(source, least=2))
    def refused(held: Held) -> None:
        nonlocal compared
        for target in (side for side in SIDES if side.cell == source.cell):
            how, network = target.conventions, held.network
            try:
                fitted(held, how, target.offers)
                continue
            except Uncarried:
                pass
            if (
                network.direction not in how.directions
                or network.layers > how.layers
                or set(network.extras) - set(how.extras)
            ):
                continue  # there is nothing that the weights could be copied to
            for biases, reset, activation in product(how.biases, how.resets, how.activations):
                wanted = replace(network, biases=biases, reset=reset, activation=activation)
                if target.offers(wanted) is not None:
                    continue
                for copied in without_biases(held, biases):
                    assert apart(held, copied._replace(network=wanted), "float64") > 1.0
                    compared += 1

    refused()
    assert compared or source.cell == "lstm"  # of which every form is offered by every side


# ---- what is done, in words


def numbered(network: Network, dtype: str = "float32") -> Held:
    """Numbers that are all different, small and exact in every dtype."""
    weights = {}
    for n, (at, shape) in enumerate(network.places()):
        weights[at] = (n + np.arange(float(np.prod(shape))).reshape(shape)) / 16
    return Held(network, weights, dtype)


KERAS = Conventions(("input", "forget", "candidate", "output"), "in,out", ("none", "input"))
OFFSET = replace(KERAS, biases=("input",), forget_offset=1.0)
AFTER = Conventions(BLOCKS["gru"], biases=("none", "input"))


def test_nothing_is_done_where_nothing_must_be() -> None:
    held = numbered(Network("lstm", 3, 2, biases="input"))
    found, done = fitted(held, KERAS)
    assert done == []
    assert found.network == held.network
    assert same_bits(found.weights, held.weights)


def test_two_biases_become_one() -> None:
    held = numbered(Network("lstm", 3, 2))
    found, done = fitted(held, KERAS)
    assert done == ["forget, input, candidate, output: the two biases are added into one"]
    at = Place(0, "forward", "output", "input_bias")
    one, other = held.weights[at], held.weights[at._replace(part="recurrent_bias")]
    assert np.array_equal(found.weights[at], one + other)


def test_a_sum_that_is_rounded_says_how_far() -> None:
    network = Network("rnn", 1, 1)
    at = Place(0, "forward", "hidden", "input_bias")
    numbers = {
        at: np.array([1.0]),
        at._replace(part="recurrent_bias"): np.array([2.0**-24 + 2.0**-40]),
    }
    held = Held(network, {**numbered(network).weights, **numbers}, "float32")
    _, done = fitted(held, Conventions(("hidden",), biases=("input",)))
    assert done == [
        "hidden: the two biases are added into one",
        "1 array rounded to float32, by at most 5.96e-08 (at 0.forward.hidden.input_bias)",
    ]


def test_what_float64_itself_loses_counts() -> None:
    network = Network("rnn", 1, 1)
    held = numbered(network, "float64")
    at = Place(0, "forward", "hidden", "input_bias")
    held.weights[at][:] = 1.0
    held.weights[at._replace(part="recurrent_bias")][:] = 2.0**-60
    _, done = fitted(held, Conventions(("hidden",), biases=("input",)))
    assert done[1] == (
        "1 array rounded to float64, by at most 8.67e-19 (at 0.forward.hidden.input_bias)"
    )


def test_a_sum_beyond_the_range_is_refused() -> None:
    held = numbered(Network("rnn", 1, 1), "float16")
    for at, array in held.weights.items():
        if at.part.endswith("bias"):
            array[:] = 40000.0
    with pytest.raises(Uncarried, match=r"input_bias holds 80000, which is beyond float16"):
        fitted(held, Conventions(("hidden",), biases=("input",)))


def test_zeros_are_put_and_left_out() -> None:
    bare = numbered(Network("lstm", 3, 2, biases="none"))
    blocks = "forget, input, candidate, output"
    found, done = fitted(bare, replace(KERAS, biases=("input",)))
    assert done == [f"{blocks}: a bias of zeros is put where there was none"]
    back, done = fitted(found, replace(KERAS, biases=("none",)))
    assert done == [f"{blocks}: a bias of zeros is left out"]
    assert same_bits(back.weights, bare.weights)


def test_a_lone_bias_goes_to_the_other_side() -> None:
    held = numbered(Network("lstm", 3, 2, biases="recurrent"))
    found, done = fitted(held, KERAS)
    assert found.network.biases == "input"
    assert len(done) == 1
    assert done[0].startswith("forget, input, candidate, output: the bias goes to the other side")


def test_what_keeps_most_is_chosen() -> None:
    """Zeros are added rather than biases made one, whatever the order in which they are offered."""
    held = numbered(Network("gru", 3, 2, biases="candidate"))
    for biases in (("input", "both"), ("both", "input")):
        found, _ = fitted(held, replace(AFTER, biases=biases))
        assert found.network.biases == "both"


def test_the_candidates_two_biases_stay_two() -> None:
    held = numbered(Network("gru", 3, 2))
    with pytest.raises(Uncarried, match=r"^0\.forward\.candidate\.recurrent_bias is not zero, and"):
        fitted(held, AFTER)
    held.weights[Place(0, "forward", "candidate", "recurrent_bias")][:] = 0.0
    found, done = fitted(held, AFTER)
    assert found.network.biases == "input"
    assert done == [
        "reset, update: the two biases are added into one",
        "candidate: a bias of zeros is left out",
    ]


def test_a_bias_that_has_no_place_is_refused() -> None:
    held = numbered(Network("lstm", 3, 2, biases="input"))
    with pytest.raises(Uncarried, match="is not zero, and there is no bias to carry it to"):
        fitted(held, replace(KERAS, biases=("none",)))


def test_an_offset_is_taken_out() -> None:
    held = numbered(Network("lstm", 3, 2, biases="input"))
    found, done = fitted(held, OFFSET)
    assert done == ["forget: the target adds 1 itself, which is taken out of the bias"]
    assert same_bits(found.weights, held.weights)


def test_an_offset_that_leaves_a_rounded_bias_says_so() -> None:
    held = numbered(Network("lstm", 1, 1, biases="input"))
    held.weights[Place(0, "forward", "forget", "input_bias")][:] = 2.0**-30
    _, done = fitted(held, OFFSET)
    assert done[1] == (
        "1 array rounded to float32, by at most 9.31e-10 (at 0.forward.forget.input_bias)"
    )


def test_an_offset_makes_a_bias_or_is_refused() -> None:
    bare = numbered(Network("lstm", 3, 2, biases="none"))
    found, _ = fitted(bare, replace(OFFSET, biases=("none", "input")))
    assert found.network.biases == "input"
    with pytest.raises(Uncarried, match=r"adds 1\.0 to the forget gate, and there is no bias"):
        fitted(bare, replace(OFFSET, biases=("none",)))


@pytest.mark.parametrize(
    ("network", "how", "reason"),
    [
        (Network("gru", 2, 2), replace(AFTER, resets=("before",)), "no reset 'after', only before"),
        (Network("rnn", 2, 2, activation="relu"), Conventions(("hidden",)), "no activation 'relu'"),
        (Network("lstm", 2, 2, direction="both"), KERAS, "no direction 'both', only forward"),
        (Network("lstm", 2, 2, layers=2), KERAS, "no 2 layers, at most 1"),
        (Network("lstm", 2, 2, peepholes=True), KERAS, "no peepholes"),
        (Network("lstm", 2, 2, projection=1), KERAS, "no projected hidden state"),
    ],
)
def test_what_the_target_has_not_is_refused(
    network: Network, how: Conventions, reason: str
) -> None:
    with pytest.raises(Uncarried, match=reason) as error:
        fitted(numbered(network), how)
    assert str(error.value).startswith(f"{network} cannot be carried: it offers ")


# ---- layers and dtypes


@pytest.mark.parametrize("biases", BIASES)
@pytest.mark.parametrize("direction", ["backward", "both"])
def test_a_stack_is_split_and_stacked_again(biases: str, direction: str) -> None:
    held = numbered(Network("gru", 3, 2, 3, direction, biases))
    parts = split(held)
    assert [part.network.inputs for part in parts] == [3, *[held.network.width(1)] * 2]
    for part in parts:
        assert {at: w.shape for at, w in part.weights.items()} == dict(part.network.places())
    whole = stacked(parts)
    assert (whole.network, whole.dtype) == (held.network, held.dtype)
    assert same_bits(whole.weights, held.weights)
    assert same_bits(stacked([stacked(parts[:2]), parts[2]]).weights, held.weights)


def test_what_is_no_stack_says_which_layer() -> None:
    first, second = numbered(Network("gru", 3, 2)), numbered(Network("gru", 3, 4))
    with pytest.raises(Uncarried, match="layer 1 is no part of one stack: it is GRU, 3 inputs, 4"):
        stacked([first, second])


def test_other_numbers_of_a_dtype() -> None:
    held = numbered(Network("rnn", 1, 1), "float64")
    found, done = cast(held, "bfloat16")
    assert (found.dtype, done) == ("bfloat16", [])
    at = Place(0, "forward", "hidden", "input")
    held.weights[at][:] = 1.0 + 2.0**-20
    found, done = cast(held, "bfloat16")
    assert found.weights[at] == 1.0
    assert done == ["1 array rounded to bfloat16, by at most 9.54e-07 (at 0.forward.hidden.input)"]
    held.weights[at][:] = 1e300
    with pytest.raises(Uncarried, match=r"hidden.input holds 1e\+300, which is beyond bfloat16"):
        cast(held, "bfloat16")


def test_infinity_and_nan_are_carried_as_they_are() -> None:
    held = numbered(Network("rnn", 1, 2))
    at = Place(0, "forward", "hidden", "input_bias")
    held.weights[at][:] = [np.inf, np.nan]
    found, _ = fitted(held, Conventions(("hidden",), biases=("input",)))
    assert np.array_equal(found.weights[at], [np.inf, np.nan], equal_nan=True)
