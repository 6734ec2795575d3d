"""PyTorch, below Keras."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnspec.adapters.keras_backend import Backend, Nested
from rnnspec.reference.operations import Array


class Torch(Backend):
    """Eager: a call is a call."""

    package = "torch"
    ways: Mapping[str, str] = {"stateless": "path"}

    @contextmanager
    def session(self) -> Iterator[None]:
        """One thread, on two cores two of them make tiny calls far slower; and no gradients."""
        threads = self.module.get_num_threads()
        self.module.set_num_threads(1)
        try:
            with self.module.no_grad():
                yield
        finally:
            self.module.set_num_threads(threads)

    def tensor(self, values: npt.NDArray[Any], dtype: str) -> Any:
        """By way of float64, which holds every number of every dtype."""
        return self.module.tensor(values).to(getattr(self.module, dtype))

    def array(self, tensor: Any) -> Array:
        """By way of float64: NumPy has no bfloat16 of its own."""
        return np.asarray(tensor.detach().double().cpu().numpy(), dtype=np.float64)

    def call(self, stack: Any, way: str, weights: Nested, *arguments: Nested) -> Nested:
        """With the weights in its variables, or passed along."""
        if way == "stateless":
            return stack(*arguments, weights)
        self.assign(stack, weights)
        return stack(*arguments, None)

    def back(
        self, stack: Any, way: str, cotangents: Nested, weights: Nested, *arguments: Nested
    ) -> tuple[Nested, Nested, Any, Nested]:
        """With ``torch.autograd``, from leaves of our own; the weights are the variables'."""
        inputs, states, mask = arguments
        with self.module.enable_grad():
            inputs, states = self.map(lambda t: t.requires_grad_(), [inputs, states])
            if way == "stateless":
                weights = self.map(lambda t: t.requires_grad_(), weights)
                result = stack(inputs, states, mask, weights)
            else:
                self.assign(stack, weights)
                weights = stack.values
                result = stack(inputs, states, mask, None)
        sources = [weights, inputs, states]
        found = self.module.autograd.grad(
            self.flat(result),
            self.flat(sources),
            self.flat(cotangents),
            allow_unused=True,
            materialize_grads=True,
        )
        return result, *self.like(sources, found)
