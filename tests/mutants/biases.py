"""Biases that are not used, used twice, or in another's place."""

from __future__ import annotations

import numpy as np

from tests.mutants.weights import bias, unused, weights

unused(
    "bias.none",
    "biases are accepted and ignored",
    lambda case, at: bias(at),
    report="patrick-kidger/equinox#215",
)
unused("bias.no-input", "the input's bias is ignored", lambda case, at: at.part == "input_bias")
unused(
    "bias.no-recurrent", "the past's bias is ignored", lambda case, at: at.part == "recurrent_bias"
)
unused(
    "bias.one-of-two",
    "of two biases, the second is ignored",
    lambda case, at: at.part == "recurrent_bias" and case.network.biases == "both",
)
unused(
    "bias.candidate",
    "the candidate has no bias",
    lambda case, at: bias(at) and at.block == "candidate",
)
unused(
    "bias.upper-layers",
    "biases of layers above the first are ignored",
    lambda case, at: bias(at) and at.layer > 0,
)
unused(
    "bias.backward",
    "biases of the second direction are ignored",
    lambda case, at: bias(at) and case.network.direction == "both" and at.direction == "backward",
)
weights(
    "bias.twice",
    "biases are added twice",
    lambda case, at, w: 2 * w if bias(at) else w,
    report="lisa-lab/DeepLearningTutorials#81",
)
weights("bias.negative", "biases are taken away", lambda case, at, w: -w if bias(at) else w)
weights(
    "bias.reversed",
    "biases stand in the opposite order of units",
    lambda case, at, w: w[::-1] if bias(at) else w,
)
weights(
    "bias.of-unit-0",
    "every unit has the bias of the first",
    lambda case, at, w: np.full_like(w, w[0]) if bias(at) else w,
)
weights(
    "bias.of-output-gate",
    "the forget and the input gate have the bias of the output gate",
    lambda case, at, w: (
        case.weights[at._replace(block="output")]
        if bias(at) and at.block in ("forget", "input")
        else w
    ),
    report="ddbourgin/numpy-ml#42",
)
unused(
    "bias.candidate-recurrent",
    "the candidate has no recurrent bias",
    lambda case, at: at.part == "recurrent_bias" and at.block == "candidate",
    report="google/flax#5594",
)
