"""Poor functions, and numbers that are changed on their way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import expit

from rnnspec.reference.operations import Array
from tests.mutants.formats import given_back, rounded_to
from tests.mutants.mutant import mutant

given_back(
    "numerics.small-flushed",
    "outputs below 1e-3 are flushed to zero",
    lambda case, a: np.where(np.abs(a) < 1e-3, 0, a),
)
given_back("numerics.noise", "every number is off by 1e-3 of itself", lambda case, a: a * 1.001)
given_back("numerics.nan-is-zero", "NaN comes back as 0", lambda case, a: np.nan_to_num(a))
given_back(
    "numerics.clipped",
    "outputs and states are clipped at 0.999",
    lambda case, a: np.clip(a, -0.999, 0.999),
)


def sigmoid(name: str, what: str, function: Callable[[Array], Any], report: str = "") -> None:
    """Another sigmoid."""
    mutant(name, what, report, sigmoid=lambda self, x: self.round(function(x)))


def tanh(name: str, what: str, function: Callable[[Array], Any], report: str = "") -> None:
    """Another tanh."""
    mutant(name, what, report, tanh=lambda self, x: self.round(function(x)))


sigmoid(
    "numerics.sigmoid-hard",
    "the sigmoid is clip(x / 6 + 1/2)",
    lambda x: np.clip(x / 6 + 0.5, 0, 1),
)
sigmoid(
    "numerics.sigmoid-hard-5",
    "the sigmoid is clip(0.2 x + 1/2)",
    lambda x: np.clip(0.2 * x + 0.5, 0, 1),
)
sigmoid(
    "numerics.sigmoid-table",
    "the sigmoid is from a table of 1024 numbers",
    lambda x: expit(np.rint(np.clip(x, -8, 8) * 64) / 64),
)
sigmoid(
    "numerics.sigmoid-saturates",
    "the sigmoid is 0 below -8 and 1 above 8",
    lambda x: np.where(np.abs(x) > 8, np.where(x > 0, 1.0, 0.0), expit(x)),
)
sigmoid(
    "numerics.sigmoid-overflows",
    "exp(x) / (1 + exp(x)) is NaN from 88.7 on",
    lambda x: np.where(x > 88.7, np.nan, expit(x)),
    report="ARM-software/ComputeLibrary#779",
)
sigmoid("numerics.sigmoid-steeper", "the sigmoid is 0.1 % too steep", lambda x: expit(1.001 * x))
tanh(
    "numerics.tanh-rational",
    "tanh is x (27 + x^2) / (27 + 9 x^2), clipped",
    lambda x: np.clip(x * (27 + x * x) / (27 + 9 * x * x), -1, 1),
)
tanh(
    "numerics.tanh-series",
    "tanh is x - x^3 / 3 up to 1/2",
    lambda x: np.where(np.abs(x) < 0.5, x - x**3 / 3, np.tanh(x)),
)
tanh(
    "numerics.tanh-saturates",
    "tanh is 1 from 3 on",
    lambda x: np.where(np.abs(x) > 3, np.sign(x), np.tanh(x)),
)
tanh(
    "numerics.tanh-overflows",
    "(e^x - e^-x) / (e^x + e^-x) is NaN from 88.7 on",
    lambda x: np.where(np.abs(x) > 88.7, np.nan, np.tanh(x)),
)
tanh(
    "numerics.tanh-coarse",
    "tanh has 10 binary digits",
    rounded_to(10),
    report="tensorflow/tflite-micro#1148",
)
tanh(
    "numerics.tanh-cancels",
    "tanh is 1 - 2 / (exp(2x) + 1), which loses small numbers",
    lambda x: np.asarray(1 - 2 / (np.exp(2 * x) + 1)).astype(np.float32),
)
