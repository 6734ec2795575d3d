"""Cases as JSON: exactly there and back, and nothing that is read is taken on trust."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import cycle
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnspec.reference.case import Case
from rnnspec.reference.conventions import ON
from rnnspec.reference.encoding import (
    Malformed,
    decode_case,
    decode_number,
    encode_case,
    encode_number,
    read_object,
)
from rnnspec.reference.network import (
    ACTIVATIONS,
    BIASES,
    BLOCKS,
    DIRECTIONS,
    EXTRAS,
    RESETS,
    Network,
)
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS

Path = tuple[str | int, ...]

steady = settings(
    max_examples=100,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    options: dict[str, Iterable[str]] = {
        "direction": DIRECTIONS,
        "biases": BIASES,
        "activation": ACTIVATIONS,
        "reset": RESETS,
        "cell": BLOCKS,
    }
    chosen: dict[str, Any] = {
        name: draw(st.sampled_from(sorted(each))) for name, each in options.items()
    }
    for name in ("inputs", "units", "layers"):
        chosen[name] = draw(st.integers(1, 2))
    for name in EXTRAS if chosen["cell"] == "lstm" else ("clip",):
        if draw(st.integers(0, 3)) == 3:
            chosen[name] = ON[name]
    return Network(**chosen)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    network = draw(networks())
    dtype = draw(st.sampled_from(sorted(PRECISIONS)))
    steps, rows = draw(st.integers(0, 2)), draw(st.integers(0, 2))
    tiny = 2.0 ** (PRECISIONS[dtype].emin - PRECISIONS[dtype].digits + 1)  # the least subnormal
    odd = st.sampled_from([0.0, -0.0, np.nan, np.inf, -np.inf, tiny, -3 * tiny])
    drawn = draw(st.lists(odd | st.floats(), min_size=1, max_size=9))
    numbers = cycle(PRECISIONS[dtype].round(np.array(drawn)).tolist())

    def array(shape: tuple[int, ...]) -> Array:
        return np.fromiter(numbers, np.float64, int(np.prod(shape))).reshape(shape)

    state = (network.layers * len(network.directions), rows)
    lengths = st.lists(st.integers(0, steps), min_size=rows, max_size=rows)
    names = st.sampled_from(["gate", "unit"])
    return Case(
        network,
        {place: array(shape) for place, shape in network.places()},
        array((steps, rows, network.inputs)),
        {n: array((*state, network.size(n))) for n in network.states if draw(st.booleans())},
        draw(st.none() | lengths.map(lambda found: np.array(found, dtype=np.int64))),
        dtype,
        draw(st.dictionaries(names, st.text(max_size=3) | st.integers(-3, 3), max_size=2)),
    )


def same(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> bool:
    """The same numbers to the last bit, the sign of zero included; a NaN is a NaN."""
    alike = np.array_equal(one, other, equal_nan=True)
    signs = np.signbit(one) == np.signbit(other)
    return alike and bool(np.all(signs | np.isnan(one))) and one.dtype == other.dtype


def arrays(case: Case) -> dict[Any, npt.NDArray[Any]]:
    parts: dict[Any, npt.NDArray[Any]] = {"inputs": case.inputs, **case.states, **case.weights}
    return parts if case.lengths is None else {**parts, "lengths": case.lengths}


@steady
@given(cases())
def test_a_case_goes_there_and_back_exactly(case: Case) -> None:
    text = json.dumps(encode_case(case), allow_nan=False)
    found = decode_case(read_object(text))
    assert (found.network, found.dtype, found.aim) == (case.network, case.dtype, case.aim)
    assert arrays(found).keys() == arrays(case).keys()
    for name, array in arrays(case).items():
        assert same(arrays(found)[name], array), name


@steady
@given(st.floats())
def test_a_number_goes_there_and_back_exactly(number: float) -> None:
    text = json.dumps(encode_number(number), allow_nan=False)
    assert same(np.array(decode_number(json.loads(text), "it")), np.array(number))


# ---- damage


def paths(data: Any, above: Path = ()) -> Iterator[Path]:
    """Every path to a field or an element, all the way down."""
    names = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for name in names:
        yield (*above, name)
        yield from paths(data[name], (*above, name))


def holder(data: Any, path: Path) -> Any:
    for name in path[:-1]:
        data = data[name]
    return data


def optional(path: Path) -> bool:
    """Whether a case is whole without this: an initial state, or something aimed at."""
    return len(path) == 2 and path[0] in ("states", "aim")


@steady
@given(cases(), st.data())
def test_a_case_with_a_field_missing_is_malformed(case: Case, data: st.DataObject) -> None:
    damaged = encode_case(case)
    part = data.draw(st.sampled_from(sorted(damaged)))
    below = [path for path in paths(damaged) if path[0] == part and not optional(path)]
    path = data.draw(st.sampled_from(below))
    del holder(damaged, path)[path[-1]]
    with pytest.raises(Malformed):
        decode_case(damaged)


VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 0.5, -0.0, 10**400, 2**31, float("inf"), float("nan")),
    *("", "nan", "inf", "x", "relu", "before", "lstm", "both", "float16", "\ud800"),
    *([], [1], [0, 0, 0], [1, 1, 1], [None], {}, {"a": 1}, {"shape": [0], "numbers": []}),
)


def canonical(data: Any) -> Any:
    """Data with all numbers as floats, and nothing else changed."""
    if isinstance(data, dict):
        return {name: canonical(value) for name, value in data.items()}
    if isinstance(data, list):
        return [canonical(value) for value in data]
    return float(data) if type(data) is int else data


@steady
@given(cases(), st.data())
def test_a_case_with_a_field_replaced_is_malformed_or_read_as_it_stands(
    case: Case, data: st.DataObject
) -> None:
    damaged = encode_case(case)
    path = data.draw(st.sampled_from(list(paths(damaged))))
    holder(damaged, path)[path[-1]] = copy.deepcopy(data.draw(st.sampled_from(VALUES)))
    try:
        read = decode_case(copy.deepcopy(damaged))
    except Malformed:
        return
    assert canonical(encode_case(read)) == canonical(damaged)


@steady
@given(cases(), st.data())
def test_a_text_that_is_cut_short_is_malformed(case: Case, data: st.DataObject) -> None:
    text = json.dumps(encode_case(case))
    with pytest.raises(Malformed, match=r"^it is not JSON: "):
        read_object(text[: data.draw(st.integers(0, len(text) - 1))])


@steady
@given(cases(), st.data())
def test_a_text_with_a_wrong_character_is_malformed_or_another_case(
    case: Case, data: st.DataObject
) -> None:
    text = json.dumps(encode_case(case))
    at = data.draw(st.integers(0, len(text) - 1))
    wrong = data.draw(st.sampled_from('{}[]",:.-+eE0129 \\\n\0\ud800NI'))
    try:
        read = decode_case(read_object(text[:at] + wrong + text[at + 1 :]))
    except Malformed:
        return
    assert isinstance(read, Case)


@steady
@given(st.text(alphabet='[]{}",:0123456789.eE-+ntrufalsNIiy \\', max_size=40))
def test_any_text_is_an_object_or_malformed(text: str) -> None:
    with suppress(Malformed):
        assert isinstance(read_object(text), dict)
