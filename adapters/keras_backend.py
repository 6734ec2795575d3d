"""What is below Keras: its tensors, how it calls a stack, and how it goes back.

A stack is a function ``stack(inputs, states, mask, weights)`` with ``values``, what its variables
hold. Given no weights it uses its variables; else these in their place.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy.typing as npt

from rnnspec.reference.operations import Array
from rnnspec.reference.precision import RELATIVE, Level

Nested = Any
"""Tensors in lists in lists; None where there is nothing."""


class Backend(ABC):
    """What all have in common. A call is a stack's result; so is what comes back."""

    package: str
    levels: Mapping[str, Level] = dict.fromkeys(("float32", "float16", "bfloat16"), RELATIVE)
    """The dtypes that it computes in. Keras's own promotion takes float64 for float32, in products
    on PyTorch and in tanh on JAX, and says nothing: so only TensorFlow has float64."""
    palette: Sequence[Mapping[str, int]] = ()
    """The sizes to keep to, where a call of others makes it trace or compile."""
    ways: Mapping[str, str] = {}
    """The ways to call a stack, beside its ordinary one."""
    differentiates = True
    """Whether there is a way back."""

    @cached_property
    def module(self) -> Any:
        """The framework itself: Keras has imported it before."""
        return import_module(self.package)

    @property
    def version(self) -> str:
        """The framework's own."""
        return str(self.module.__version__)

    def session(self) -> AbstractContextManager[object]:
        """What holds while claims are judged."""
        return nullcontext()

    @abstractmethod
    def tensor(self, values: npt.NDArray[Any], dtype: str) -> Any:
        """A tensor of a dtype (or ``bool``); the values are exact in it."""

    @abstractmethod
    def array(self, tensor: Any) -> Array:
        """A tensor's values as float64, exactly."""

    @abstractmethod
    def call(self, stack: Any, way: str, weights: Nested, *arguments: Nested) -> Nested:
        """The stack's result for inputs, states and mask, with these weights."""

    @abstractmethod
    def back(
        self, stack: Any, way: str, cotangents: Nested, weights: Nested, *arguments: Nested
    ) -> tuple[Nested, Nested, Any, Nested]:
        """The result; and gradients with respect to the weights, the inputs and the states."""

    def map(self, function: Callable[..., Any], *nested: Nested) -> Nested:
        """A function of every tensor, in the same lists; of None, None."""
        if nested[0] is None:
            return None
        if isinstance(nested[0], Sequence):
            return [self.map(function, *each) for each in zip(*nested, strict=True)]
        return function(*nested)

    def flat(self, nested: Nested) -> list[Any]:
        """Every tensor, in order."""
        found: list[Any] = []
        self.map(found.append, nested)
        return found

    def like(self, nested: Nested, tensors: list[Any]) -> Nested:
        """Tensors in such lists as others stand in."""
        following = iter(tensors)
        return self.map(lambda _: next(following), nested)

    def assign(self, stack: Any, weights: Nested) -> None:
        """Let a stack's variables hold these weights, and nothing of an earlier call."""
        stack.reset()
        self.map(lambda variable, value: variable.assign(value), stack.variables, weights)
