"""What a usual test is made of: a case, what was stored of its answer, and a tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.operations import Array

REFERENCE = ReferenceLayer()
TOLERANCES = {
    "float64": (1e-7, 1e-7),
    "float32": (1.3e-6, 1e-5),
    "float16": (1e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
}
"""The defaults of ``torch.testing.assert_close``, by dtype: rtol and atol.
https://docs.pytorch.org/docs/stable/testing.html"""


@dataclass(frozen=True, eq=False)
class Example:
    """A case, and the parts of its answer that are compared."""

    case: Case
    expected: Mapping[str, Array]
    rtol: float
    atol: float

    @classmethod
    def of(cls, case: Case) -> Example:
        """What the reference answers, rounded to the dtype; at PyTorch's tolerance."""
        return cls(case, REFERENCE.run(case).parts(), *TOLERANCES[case.dtype])

    def fails(self, layer: Implementation) -> bool:
        """Whether the layer gives something else back, or raises an error."""
        try:
            parts = layer.run(self.case.copied()).parts()
        except Exception:
            return True
        return not all(
            name in parts
            and parts[name].shape == wanted.shape
            and np.allclose(parts[name], wanted, self.rtol, self.atol)
            for name, wanted in self.expected.items()
        )
