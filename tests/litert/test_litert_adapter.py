"""What is converted from Keras follows the equations, and the adapter changes nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec.adapters.keras_litert import CONSTANTS, UNDELEGATED, Converted, LiteRt
from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.unroll import unroll
from tests.scripts import script_of, shown_alone

Drawn = Callable[..., Case]
DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences"
KINDS = [
    Network("rnn", 3, 2, direction="both", biases="input", activation="relu"),
    Network("lstm", 3, 2, layers=2, biases="input"),
    Network("gru", 3, 2, direction="backward", biases="input", reset="before"),
]


def follows(adapter: LiteRt, case: Case) -> None:
    """The answer must be within the bounds of the equations."""
    answer = adapter.run(case).parts()
    anchors = {0: answer["outputs"]} if case.network.layers == 1 else None
    read = Bounds.of(case.dtype, adapter.levels[case.dtype])
    for name, bounded in unroll(case, read, anchors=anchors).parts().items():
        assert np.all(np.isfinite(bounded.error))
        off = np.abs(answer[name] - bounded.value)
        if name == "outputs" and case.lengths is not None:
            off[np.arange(case.steps)[:, None] >= case.lengths] = 0.0
        assert np.all(off <= bounded.error), (str(case), name)


@pytest.mark.parametrize("network", KINDS, ids=str)
@pytest.mark.parametrize("lengths", [False, True])
def test_it_follows_the_equations(
    adapter: LiteRt, drawn: Drawn, network: Network, lengths: bool
) -> None:
    follows(adapter, drawn(network, lengths=lengths))


@pytest.mark.parametrize("way", [CONSTANTS, UNDELEGATED, "unrolled"])
def test_every_way_to_a_model_does(adapter: LiteRt, drawn: Drawn, way: str) -> None:
    follows(adapter, drawn(KINDS[1], way=way))


@pytest.mark.parametrize(("way", "given", "kept"), [("", 4, True), (CONSTANTS, 2, False)])
def test_a_model_is_converted_once_unless_it_holds_the_weights(
    adapter: LiteRt,
    drawn: Drawn,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    given: int,
    kept: bool,
) -> None:
    made: list[bytes] = []
    converted = Converted.converted

    def seen(backend: Converted, *arguments: Any) -> tuple[bytes, Any]:
        found = converted(backend, *arguments)
        made.append(found[0])
        return found

    monkeypatch.setattr(Converted, "converted", seen)
    case = drawn(Network("rnn", 1, 3, biases="none"), way=way)
    for each in (case, case.with_weights(lambda _, w: w / 2)):
        follows(adapter, each)
    assert (made[0] is made[1]) == kept
    interpreter = adapter.backend.runtime.Interpreter(model_content=made[0])
    assert len(interpreter.get_input_details()) == given


def test_only_one_dtype_nothing_goes_back_and_nothing_is_counted(
    adapter: LiteRt, drawn: Drawn
) -> None:
    assert list(adapter.levels) == ["float32"]
    assert adapter.gradients(drawn(KINDS[0]), {}) is None
    assert adapter.count(KINDS[0]) is None


def test_it_says_what_is_under_test(adapter: LiteRt) -> None:
    assert adapter.name == "litert"
    assert list(adapter.versions()) == ["ai-edge-litert", "keras", "tensorflow"]


@pytest.mark.parametrize("network", KINDS, ids=str)
@pytest.mark.parametrize("way", ["", CONSTANTS, "unrolled"])
def test_a_script_answers_as_the_adapter_does(
    adapter: Any, drawn: Drawn, network: Network, way: str
) -> None:
    script_of(adapter, drawn(network, lengths=not way, way=way), off=8.0)
    script_of(adapter, drawn(network, way=way).changed(states={}), off=8.0)
    assert adapter.script(drawn(network, way="last output")) is None


def test_a_divergence_is_shown_by_the_frameworks_alone(adapter: Any) -> None:
    shown_alone(DIVERGENCES / "litert-layer.paths.json", adapter)
