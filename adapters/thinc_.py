"""Thinc: ``thinc.layers.LSTM``, of ``NumpyOps``."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np

from rnnspec.adapters.thinc_rows import Floats, alike, filled, floats, lengths_of
from rnnspec.adapters.thinc_script import counting, script
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.conventions import Conventions, Packed, pack, unpack
from rnnspec.reference.implementation import Implementation, Refused
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import RELATIVE, Level

TRAINING, LISTED, RAGGED, DROPOUT = "in training", "list of rows", "ragged", "with dropout"


class ThincLayer(Implementation):
    """The layer, which gives outputs alone: the final states are what its operation holds.

    The initial state is a parameter of the model, the same for all rows. Rows that begin otherwise
    are calls of their own.
    """

    name = "thinc"
    requires = "thinc"
    extra = "thinc"
    levels: Mapping[str, Level] = {"float32": RELATIVE}
    conventions: Mapping[str, Conventions] = {
        "lstm": Conventions(
            ("forget", "input", "output", "candidate"),
            biases=("both",),
            directions=("forward", "both"),
            layers=3,
            # what is called H0 there is where the cell state begins
            states=("cell", "hidden"),
            past_end={"forward": "zero", "both": "zero"},
        )
    }
    ways: Mapping[str, str] = {
        TRAINING: "path",
        LISTED: "layout",
        RAGGED: "layout",
        DROPOUT: "inference",
    }

    @cached_property
    def thinc(self) -> Any:
        """The framework, imported when it is first needed."""
        import thinc.api

        return thinc.api

    def versions(self) -> dict[str, str]:
        """Thinc's own, and that of what multiplies."""
        return {name: version(name) for name in ("thinc", "blis")}

    def session(self) -> AbstractContextManager[object]:
        """On the CPU, without what a platform may have of its own."""
        context: AbstractContextManager[object] = self.thinc.use_ops("numpy")
        return context

    def run(self, case: Case) -> Answer:
        """All rows in one call where they begin alike; else each in its own."""
        answers = [self._run(one) for one, _ in alike(case)]
        parts = [answer.parts() for answer in answers]
        joined = {name: np.concatenate([part[name] for part in parts], 1) for name in parts[0]}
        return Answer(joined.pop("outputs"), joined)

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        """What the layer's own backward pass gives. It has none from the final states; the initial
        ones get no gradient, so they stay where they are: 0.
        """
        if cotangents.keys() != {"outputs"}:
            raise Refused("the layer gives outputs alone, and goes back from nothing else")
        inputs: list[Array] = []
        weights = {at: np.zeros(shape) for at, shape in case.network.places()}
        for one, rows in alike(case):
            seed = cotangents["outputs"][:, rows]
            model, given = self.loaded(one), self.padded(one, one.inputs)
            _, back = model(given, is_train=True)
            inputs.append(self.unpadded(one, back(self.padded(one, seed))))
            found = self._unpacked(case.network, model.get_grad("LSTM"))
            weights = {at: weights[at] + g for at, g in found.items()}
        states = {name: np.zeros(case.state_shape) for name in case.states}
        return Gradients(self.run(case), np.concatenate(inputs, 1), states, weights)

    def count(self, network: Network) -> int | None:
        """The elements of the weights; the initial state, HC0, is a parameter there, too."""
        return int(self.built(network).get_param("LSTM").size)

    def script(self, case: Case, cotangents: Mapping[str, Array] | None = None) -> str | None:
        """The case as code of Thinc alone, where all rows are of one length and begin alike."""
        if case.way or case.lengths is not None or not case.steps or len(alike(case)) > 1:
            return None
        if cotangents is not None and cotangents.keys() != {"outputs"}:
            return None
        model = self.loaded(case)
        return script(case, model.get_param("LSTM"), model.get_param("HC0"), cotangents)

    def counting(self, network: Network) -> str | None:
        """The elements of the weights, as in ``count``."""
        return counting(network)

    def leaves(self, case: Case) -> dict[str, Array]:
        """What a script goes back to. The initial state is one for all rows."""
        once = {name: np.sum(state, axis=1, keepdims=True) for name, state in case.states.items()}
        model = self.loaded(case.changed(inputs=case.inputs[:, :1], states=once))
        rows = {f"d_rows[{b}]": case.inputs[:, b] for b in range(case.rows)}
        weights, begin = (model.get_param(name).astype(float) for name in ("LSTM", "HC0"))
        return {**rows, "d_begin": begin, "d_weights": weights}

    def built(self, network: Network, dropout: float = 0.0) -> Any:
        """A layer of a network's sizes."""
        directions = len(network.directions)
        options = {"bi": directions == 2, "depth": network.layers, "dropout": dropout}
        return self.thinc.LSTM(network.units * directions, network.inputs, **options).initialize()

    def loaded(self, case: Case) -> Any:
        """A layer with a case's weights, and the initial state of its first row."""
        how = self.conventions["lstm"]
        model = self.built(case.network, 0.5 if case.way == DROPOUT else 0.0)
        flat: list[Any] = []
        for layer in range(case.network.layers):
            for direction in case.network.directions:
                held = pack(case.network, case.weights, how, layer, direction)
                flat += [held.input, held.input_bias, held.recurrent, held.recurrent_bias]
        model.set_param("LSTM", floats(np.concatenate([np.ravel(part) for part in flat])))
        if case.rows:
            begin = np.stack([case.state(name)[:, 0] for name in how.states])
            model.set_param("HC0", floats(begin.reshape(model.get_param("HC0").shape)))
        return model

    def padded(self, case: Case, values: Array) -> Any:
        """Rows, cut to their lengths, as Thinc pads them: the longest first."""
        rows = [floats(values[:n, b]) for b, n in enumerate(lengths_of(case))]
        return self.thinc.get_current_ops().list2padded(rows)

    def unpadded(self, case: Case, padded: Any) -> Array:
        """The inverse, with 0 past the end of a row."""
        return filled(case, self.thinc.get_current_ops().padded2list(padded))

    def _run(self, case: Case) -> Answer:
        model = self.loaded(case)
        if case.way in (LISTED, RAGGED):
            rows = [floats(case.inputs[:n, b]) for b, n in enumerate(lengths_of(case))]
            layer = self.thinc.with_padded(model)
            if case.way == LISTED:
                return Answer(filled(case, layer.predict(rows)), {})
            lengths = np.array(lengths_of(case), np.int32)
            found = layer.predict(self.thinc.Ragged(np.concatenate(rows), lengths)).data
            return Answer(filled(case, np.split(found, np.cumsum(lengths)[:-1])), {})
        given = self.padded(case, case.inputs)
        if case.way == TRAINING:
            return Answer(self.unpadded(case, model(given, is_train=True)[0]), {})
        outputs = self.unpadded(case, model.predict(given))
        return Answer(outputs, {} if case.way else self._finals(case, model, given))

    def _finals(self, case: Case, model: Any, given: Any) -> dict[str, Array]:
        """The states after a row's last step, out of those of all steps that the operation keeps:
        of the step itself, and of the rows that have it, the longest first.
        """
        steps = np.concatenate([given.data[t, :n] for t, n in enumerate(given.size_at_t)])
        weights, (one, two) = model.get_param("LSTM"), model.get_param("HC0")
        _, (hidden, _, cell, _) = model.ops.lstm_forward_training(
            weights, one, two, steps, given.size_at_t
        )
        begins = [0, *np.cumsum(given.size_at_t)]
        finals = {name: case.state(name).copy() for name in case.network.states}
        for k, (row, length) in enumerate(zip(given.indices, given.lengths, strict=True)):
            for direction in range(len(case.network.directions)) if length else ():
                at = begins[0 if direction else length - 1] + k
                where = slice(direction, None, len(case.network.directions))
                finals["hidden"][where, row] = hidden[:, direction, at]
                finals["cell"][where, row] = cell[:, direction, at]
        return finals

    def _unpacked(self, network: Network, flat: Floats) -> dict[Place, Array]:
        """A gradient of the flat weights, by our places."""
        gates, rest = 4 * network.units, flat.astype(np.float64)
        found: dict[Place, Array] = {}

        def taken(*shape: int) -> Array:
            nonlocal rest
            part, rest = np.split(rest, [int(np.prod(shape))])
            return part.reshape(shape)

        for layer in range(network.layers):
            for direction in network.directions:
                own, own_bias = taken(gates, network.width(layer)), taken(gates)
                past, past_bias = taken(gates, network.units), taken(gates)
                packed = Packed(own, past, own_bias, past_bias)
                found |= unpack(network, packed, self.conventions["lstm"], layer, direction)
        return found
