"""Weights that are not used, or in another's place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from tests.mutants.flow import told

Change = Callable[[Case, Place, Array], Array]


def weights(name: str, what: str, change: Change, report: str = "") -> None:
    """Every array of weights becomes another: a function of case, place and array."""
    told(name, what, lambda case: case.with_weights(lambda at, w: change(case, at, w)), report)


def unused(name: str, what: str, where: Callable[[Case, Place], bool], report: str = "") -> None:
    """What stands in some places is 0 for the layer."""
    weights(name, what, lambda case, at, w: 0 * w if where(case, at) else w, report)


def bias(at: Place) -> bool:
    """Whether a place is that of a bias."""
    return at.part.endswith("bias")


unused(
    "weights.no-recurrent-above",
    "upper layers have no past",
    lambda case, at: at.part == "recurrent" and at.layer > 0,
)
weights(
    "weights.last-input",
    "from 5 features on, the last one is ignored",
    lambda case, at, w: (
        np.where(np.arange(w.shape[1]) < w.shape[1] - 1, w, 0)
        if at.part == "input" and w.shape[1] > 4
        else w
    ),
)
weights(
    "weights.recurrent-transposed",
    "the recurrent matrix is transposed",
    lambda case, at, w: w.T if at.part == "recurrent" else w,
    report="keras-team/keras#8720",
)
weights(
    "weights.input-transposed-if-square",
    "a square input matrix is taken for one of Keras",
    lambda case, at, w: w.T if at.part == "input" and w.shape[0] == w.shape[1] else w,
)
weights(
    "weights.recurrent-is-diagonal",
    "units do not read one another",
    lambda case, at, w: np.diag(np.diag(w)) if at.part == "recurrent" else w,
)
weights(
    "weights.first-layer-everywhere",
    "all layers share the recurrent weights of the first",
    lambda case, at, w: case.weights[at._replace(layer=0)] if at.part != "input" else w,
    report="martin-gorner/tensorflow-rnn-shakespeare#27",
)
weights(
    "weights.layers-share-from-second",
    "the third layer has the weights of the second",
    lambda case, at, w: case.weights[at._replace(layer=min(at.layer, 1))],
)
weights(
    "weights.directions-share",
    "both directions have the weights of the first",
    lambda case, at, w: case.weights[at._replace(direction=case.network.directions[0])],
    report="HKUST-KnowComp/R-Net#13",
)
weights(
    "weights.directions-exchanged",
    "each direction has the weights of the other",
    lambda case, at, w: case.weights.get(
        at._replace(direction={"forward": "backward", "backward": "forward"}[at.direction]), w
    ),
)
weights(
    "weights.columns-reversed",
    "features are read in the opposite order",
    lambda case, at, w: w[:, ::-1] if at.part == "input" and at.layer == 0 else w,
)
weights(
    "weights.bfloat16",
    "weights are stored in bfloat16",
    lambda case, at, w: np.ldexp(np.rint(np.ldexp(np.frexp(w)[0], 8)), np.frexp(w)[1] - 8),
)
weights(
    "weights.int8",
    "weights are stored in 8 bits",
    lambda case, at, w: np.rint(w / m * 127) * m / 127 if (m := np.abs(w).max()) > 0 else w,
)
weights("weights.clipped", "weights are clipped at 4", lambda case, at, w: np.clip(w, -4, 4))
weights(
    "weights.small-are-zero",
    "weights below 1e-3 are pruned",
    lambda case, at, w: np.where(np.abs(w) < 1e-3, 0, w),
)
weights(
    "weights.last-unit-unread",
    "above 16 units, the last one's past is not read",
    lambda case, at, w: (
        np.where(np.arange(w.shape[1]) < 16, w, 0)
        if at.part == "recurrent" and w.shape[1] > 16
        else w
    ),
)
weights(
    "weights.directions-share-inputs",
    "both directions have the input weights of the first",
    lambda case, at, w: (
        case.weights[at._replace(direction=case.network.directions[0])] if at.part == "input" else w
    ),
    report="mravanelli/pytorch-kaldi#240",
)
