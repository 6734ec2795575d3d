"""A layer in a process of its own, in any language: the protocol of ``docs/protocol.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from rnnspec.adapters.process_peer import Peer
from rnnspec.adapters.script_ import Shown, element
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.declaration import PROTOCOL, Declaration, decode_declaration
from rnnspec.reference.encoding import decode_array, encode_array, encode_number, get
from rnnspec.reference.implementation import Implementation, Lost, Refused
from rnnspec.reference.messages import decode_answer, decode_gradients, encode_call
from rnnspec.reference.network import STATES, Network
from rnnspec.reference.operations import Array

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Failed(Exception):
    """A process says that it failed."""


class Line:
    """The line to a process: one that was lost is followed by another when it is needed."""

    def __init__(self, command: Sequence[str], timeout: float) -> None:
        self.command, self.timeout = command, timeout
        self.peer: Peer | None = None
        self.declared: Declaration | None = None

    def ask(self, do: str, **fields: Any) -> dict[str, Any]:
        """An answer. Raises Refused and Failed where it says so, Lost where there is none."""
        peer = self.peer or self._started()
        self.peer = None
        answer = peer.ask(do, self.timeout, **fields)
        self.peer = peer
        for field, error in (("refused", Refused), ("error", Failed)):
            if field in answer:
                raise error(get(answer, field, str, "the answer"))
        return answer

    def _started(self) -> Peer:
        peer = Peer(self.command, ONE_THREAD)
        hello = peer.ask("hello", self.timeout, protocol=PROTOCOL, rnnspec=version("rnnspec"))
        if "error" in hello:
            raise Lost(get(hello, "error", str, "hello"))
        declared = decode_declaration(hello)
        if self.declared not in (None, declared):
            raise Lost("the process that was started anew declares something else")
        self.declared = declared
        return peer

    def hello(self) -> Declaration:
        """What it declares. Raises Lost or Malformed."""
        if self.declared is None:
            self.peer = self._started()
        assert self.declared is not None
        return self.declared


class ProcessLayer(Implementation):
    """What such a process offers. Raises Lost or Malformed where it does not say that."""

    def __init__(self, command: Sequence[str], timeout: float) -> None:
        self.line = Line(command, timeout)
        declared = self.line.hello()
        self.name, self.can = declared.name, declared.can
        self.levels, self.conventions = declared.levels, declared.conventions
        self.ways, self.palette = declared.ways, declared.palette
        self.told = declared.versions
        self.reasons: dict[Network, str | None] = {}

    def versions(self) -> Mapping[str, str]:
        """Those that it declares."""
        return self.told

    def offers(self, network: Network) -> str | None:
        """What its conventions say; then what it says itself, where it does."""
        reason = self.conventions[network.cell].refuses(network)
        if reason is not None or "offers" not in self.can:
            return reason
        if network not in self.reasons:
            answer = self.line.ask("offers", network=network.as_dict())
            self.reasons[network] = get(answer, "reason", (str, type(None)), "the answer")
        return self.reasons[network]

    def run(self, case: Case) -> Answer:
        """Ask it."""
        return decode_answer(self.line.ask("run", **self._call(case)))

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        """Ask it, where it can say."""
        if "gradients" not in self.can:
            return None
        given = {name: encode_array(each) for name, each in cotangents.items()}
        answer = self.line.ask("gradients", **self._call(case), cotangents=given)
        if answer.get("none") is True:
            return None
        return decode_gradients(answer, case, self.conventions[case.network.cell])

    def count(self, network: Network) -> int | None:
        """Ask it, where it can say."""
        if "count" not in self.can:
            return None
        answer = self.line.ask("count", network=network.as_dict())
        count: int | None = get(answer, "count", (int, type(None)), "the answer")
        return count

    def written(
        self,
        about: Sequence[str],
        case: Case,
        cotangents: Mapping[str, Array] | None,
        shown: Shown | None,
    ) -> str | None:
        """Ask it, where it can say."""
        if "script" not in self.can:
            return None
        fields: dict[str, Any] = {"about": list(about)}
        if cotangents is not None:
            fields["cotangents"] = {name: encode_array(each) for name, each in cotangents.items()}
        if shown is not None:
            fields["shown"] = self._shown(case, shown, back=cotangents is not None)
        answer = self.line.ask("script", **self._call(case), **fields)
        code: str | None = get(answer, "code", (str, type(None)), "the answer")
        return code

    def _shown(self, case: Case, shown: Shown, *, back: bool) -> dict[str, Any]:
        """The element by the path of its array in the answer to *run* or *gradients*."""
        path: list[str | int] = [shown.part] if shown.part in ("outputs", "inputs") else []
        index, expected, against = shown.index, shown.expected, None
        if shown.part in STATES["lstm"]:
            path = ["states", shown.part]
        if shown.part.startswith("initial "):
            path = ["initial", shown.part.removeprefix("initial ")]
        if isinstance(expected, Case):
            against, expected = self._call(expected), 0.0
        if back and not path:
            found = element(self._leaves, case, shown.part, index)
            assert found is not None  # every place is packed
            name, index, sign = found
            half, part = name.split()
            path, expected = ["packed", int(half), part], sign * expected
        return {
            "of": path,
            "index": list(index),
            "expected": None if against else encode_number(expected),
            "against": against,
            "bound": encode_number(shown.bound),
        }

    def _leaves(self, case: Case) -> dict[str, Array]:
        """What is packed of the weights, by the half and the name there."""
        return {
            f"{k} {name}": decode_array(half[name], name)
            for k, half in enumerate(self._call(case)["packed"])
            for name in half.keys() - {"layer", "direction"}
            if half[name] is not None
        }

    def _call(self, case: Case) -> dict[str, Any]:
        return encode_call(case, self.conventions[case.network.cell])
