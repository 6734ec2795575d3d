"""What is said of a case that cannot be read, and up to which limits one can be."""

from __future__ import annotations

from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec.reference import encoding
from rnnspec.reference.case import Case
from rnnspec.reference.encoding import (
    Malformed,
    bytes_of,
    decode_array,
    decode_case,
    encode_array,
    encode_case,
    read_object,
    text_of,
)
from rnnspec.reference.network import EXTRAS, Network

Data = dict[str, Any]


def small() -> Data:
    network = Network("rnn", 1, 1, biases="none")
    weights = {place: np.ones(shape) for place, shape in network.places()}
    return encode_case(Case(network, weights, np.ones((2, 1, 1))))


def changed(*path: str, to: Any) -> Data:
    data = small()
    *above, last = path
    reduce(getitem, above, data)[last] = to
    return data


AT = "0.forward.hidden.input"
ARRAY = "must be an object with a shape and numbers"
NUMBER = "must be a number that float64 holds, or 'nan', 'inf', '-inf'"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ([], "case must be an object"),
        (changed("more", to=1), "case has a field 'more' that no case has"),
        (changed("weights", to=[]), "case.weights must be an object"),
        (changed("weights", "here", to=encode_array(np.ones(1))),
         "case.weights.here: a place is named layer.direction.block.part"),
        (changed("weights", f"{AT}.more", to=encode_array(np.ones((1, 1)))),
         f"case.weights.{AT}.more: a place is named layer.direction.block.part"),
        (changed("weights", "00.forward.hidden.input", to=encode_array(np.ones((1, 1)))),
         "case.weights.00.forward.hidden.input: a place is named layer.direction.block.part"),
        (changed("weights", "1.forward.hidden.input", to=encode_array(np.ones((1, 1)))),
         "case.weights has something at 1.forward.hidden.input, where RNN, 1 input, 1 unit, tanh, "
         "forward, no bias has nothing"),
        (changed("weights", AT, to=1.0), f"case.weights.{AT} {ARRAY}"),
        (changed("weights", AT, "shape", to=[1]),
         f"case.weights.{AT} has shape (1,): it must be (1, 1)"),
        (changed("inputs", to=None), f"case.inputs {ARRAY}"),
        (changed("inputs", "shape", to=[2, 1]),
         "case.inputs has shape (2, 1): it must be (T, B, I)"),
        (changed("inputs", "shape", to=[3, 1, 1]),
         "case.inputs.numbers has 2 elements where the shape has 3"),
        (changed("inputs", "numbers", to=[1, "one"]), f"case.inputs.numbers[1] {NUMBER}"),
        (changed("inputs", "numbers", to=[10**400, 1]), f"case.inputs.numbers[0] {NUMBER}"),
        (changed("inputs", "numbers", to=[1, True]), f"case.inputs.numbers[1] {NUMBER}"),
        (changed("inputs", "shape", to=[2.0, 1, 1]),
         "case.inputs.shape must hold at most 8 whole numbers from 0 to 4194304"),
        (changed("inputs", "shape", to=[-2, -1, 1]),
         "case.inputs.shape must hold at most 8 whole numbers from 0 to 4194304"),
        (changed("states", "cell", to=encode_array(np.ones((1, 1, 1)))),
         "case.states has 'cell', which a rnn has not"),
        (changed("lengths", to=[1.0]), "case.lengths must hold whole numbers from 0 on"),
        (changed("lengths", to=[3]), "case.lengths must lie between 0 and the 2 steps"),
        (changed("lengths", to="all"), "case.lengths must be an array or null"),
        (changed("aim", "gate", to=[]), "case.aim must hold strings or whole numbers"),
        (changed("aim", "gate", to=True), "case.aim must hold strings or whole numbers"),
        (changed("dtype", to=64), "case.dtype must be a string"),
        (changed("dtype", to="double"),
         "case.dtype is 'double': use one of float64, float32, float16, bfloat16"),
        (changed("network", "more", to=1), "case.network has a field 'more' that no network has"),
        (changed("network", "units", to=None),
         "case.network.units must be a string or a whole number"),
    ],
)  # fmt: skip
def test_a_complaint_names_the_place_and_what_belongs_there(data: Any, told: str) -> None:
    with pytest.raises(Malformed) as complaint:
        decode_case(data)
    assert str(complaint.value) == told


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (changed("weights", "1023.forward.hidden.input", to=encode_array(np.ones((1, 1)))),
         "case.weights has something at 1023.forward.hidden.input"),
        (changed("weights", "1024.forward.hidden.input", to=encode_array(np.ones((1, 1)))),
         "case.weights.1024.forward.hidden.input: a place is named"),
        (changed("lengths", to=[2**31 - 1]), "case.lengths must lie between 0 and the 2 steps"),
        (changed("lengths", to=[2**31]), "case.lengths must hold whole numbers from 0 on"),
        (changed("lengths", to=[2**31 + 1]), "case.lengths must hold whole numbers from 0 on"),
        (changed("lengths", to=[-1]), "case.lengths must hold whole numbers from 0 on"),
    ],
)  # fmt: skip
def test_numbers_are_read_up_to_their_limits(data: Any, told: str) -> None:
    with pytest.raises(Malformed, match=f"^{told}"):
        decode_case(data)


def test_a_number_may_have_400_digits() -> None:
    assert read_object('{"a": ' + "9" * 400 + "}") == {"a": 10**400 - 1}
    with pytest.raises(Malformed, match=r"^it is not JSON: a number in it is too long$"):
        read_object('{"a": ' + "9" * 401 + "}")


@pytest.mark.parametrize("option", sorted(Network.__dataclass_fields__.keys() - EXTRAS.keys()))
def test_no_option_of_a_network_is_guessed(option: str) -> None:
    data = small()
    del data["network"][option]
    with pytest.raises(Malformed) as complaint:
        decode_case(data)
    assert str(complaint.value) == f"case.network has no {option!r}"


@pytest.mark.parametrize("numbers", [[0.1, 0.3], [0.3, 0.1]], ids=["above", "below"])
def test_a_number_must_be_one_of_the_dtype(numbers: list[float]) -> None:
    """float16 has neither: one is rounded down, the other up. The first is told."""
    data = changed("dtype", to="float16")
    data["inputs"]["numbers"] = numbers
    with pytest.raises(Malformed) as complaint:
        decode_case(data)
    assert str(complaint.value) == f"case.inputs holds {numbers[0]}, which is no float16"


def test_of_two_fields_that_are_too_many_the_first_by_name_is_told() -> None:
    data = small()
    for place, kind in ((data, "case"), (data["network"], "network")):
        place |= {"more": 1, "another": 1}
        with pytest.raises(Malformed, match=f"has a field 'another' that no {kind} has"):
            decode_case(data)
        del place["more"], place["another"]


# ---- limits


def test_a_text_that_is_too_long_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "LARGEST_TEXT", 10)
    assert read_object('{"a": 123}') == {"a": 123}
    with pytest.raises(Malformed, match=r"^it is longer than 10 bytes$"):
        read_object('{"a": 1234}')


def test_a_text_may_have_64_mebibytes() -> None:
    longest = '{"a": "' + "x" * (64 * 2**20 - 9) + '"}'
    assert read_object(longest).keys() == {"a"}
    with pytest.raises(Malformed, match=r"^it is longer than 67108864 bytes$"):
        read_object(longest + " ")


def test_a_file_that_is_too_long_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "LARGEST_TEXT", 10)
    (tmp_path / "it").write_bytes(b"\xff" * 10)
    assert bytes_of(tmp_path / "it") == b"\xff" * 10
    (tmp_path / "it").write_bytes(b"\xff" * 11)
    with pytest.raises(Malformed, match=r"^it is longer than 10 bytes$"):
        bytes_of(tmp_path / "it")
    with pytest.raises(FileNotFoundError):
        bytes_of(tmp_path / "none")


def test_a_text_is_in_utf_8() -> None:
    marked = "caf\u00e9".encode("utf-8-sig")
    assert text_of(marked, "utf-8-sig") == "caf\u00e9"
    assert text_of(marked) == "\ufeffcaf\u00e9"
    with pytest.raises(Malformed, match=r"^it is not text in UTF-8$"):
        text_of(b"caf\xe9")


def test_an_array_that_is_too_large_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "LARGEST_ARRAY", 4)
    assert decode_array({"shape": [2, 2], "numbers": [1, 2, 3, 4]}, "it").shape == (2, 2)
    assert decode_array({"shape": [4], "numbers": [1, 2, 3, 4]}, "it").shape == (4,)
    with pytest.raises(Malformed, match=r"^it has 6 elements: at most 4 are read$"):
        decode_array({"shape": [2, 3], "numbers": [1] * 6}, "it")
    with pytest.raises(Malformed, match=r"^it.shape must hold .* from 0 to 4$"):
        decode_array({"shape": [5, 0], "numbers": []}, "it")


def test_a_shape_may_have_8_axes() -> None:
    assert decode_array({"shape": [1] * 8, "numbers": [1.0]}, "it").shape == (1,) * 8


@pytest.mark.parametrize("shape", [[2**22] * 8, [1] * 9, [2**63], [-1, -1]])
def test_a_shape_cannot_be_more_than_its_numbers(shape: list[int]) -> None:
    with pytest.raises(Malformed, match=r"^it\."):
        decode_array({"shape": shape, "numbers": [1.0]}, "it")


@pytest.mark.parametrize("text", ["[" * 10**5, '{"a":' * 10**5, "-" * 10**5, "9" * 10**5])
def test_a_text_that_is_too_deep_or_long_a_number_is_malformed(text: str) -> None:
    with pytest.raises(Malformed, match=r"^it is not JSON: "):
        read_object(text)


def test_a_name_that_stands_twice_is_malformed() -> None:
    with pytest.raises(Malformed, match="a name stands twice in one object"):
        read_object('{"dtype": "float64", "dtype": "float32"}')
