"""An adapter in a process of its own: ``python -m rnnspec.serve ADAPTER`` answers the requests of
``docs/protocol.md``. What ``rnnspec run --isolate`` starts.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, TextIO

from rnnspec import catalogue
from rnnspec.reference.declaration import encode_declaration
from rnnspec.reference.encoding import (
    Malformed,
    decode_array,
    decode_case,
    decode_network,
    get,
    read_object,
)
from rnnspec.reference.implementation import Implementation, Refused
from rnnspec.reference.messages import encode_answer, encode_gradients
from rnnspec.runner import versions_of
from rnnspec.spec.trial import told

Request = Mapping[str, Any]


class Served:
    """An implementation, as a peer."""

    def __init__(self, implementation: Implementation) -> None:
        self.implementation = implementation
        self.answers: dict[str, Callable[[Request], dict[str, Any]]] = {
            "hello": lambda request: encode_declaration(
                implementation, versions_of(implementation)
            ),
            "offers": self._offers,
            "run": self._run,
            "gradients": self._gradients,
            "count": self._count,
            "bye": lambda request: {},
        }

    def answer(self, line: str) -> dict[str, Any]:
        """The answer to a request."""
        request: Request = {}
        try:
            request = read_object(line)
            do = get(request, "do", str, "the request")
            if do not in self.answers:
                raise Malformed(
                    f"the request is to do {do!r}: use one of {', '.join(self.answers)}"
                )
            found = self.answers[do](request)
        except (Refused, NotImplementedError) as no:
            found = {"refused": told(no)}
        except (Exception, SystemExit) as error:
            found = {"error": told(error)}
        return {"id": request.get("id"), **found}

    def _offers(self, request: Request) -> dict[str, Any]:
        return {"reason": self.implementation.offers(decode_network(request["network"]))}

    def _run(self, request: Request) -> dict[str, Any]:
        return encode_answer(self.implementation.run(decode_case(request["case"])))

    def _gradients(self, request: Request) -> dict[str, Any]:
        cotangents = {
            name: decode_array(array, f"cotangents.{name}")
            for name, array in get(request, "cotangents", dict, "the request").items()
        }
        found = self.implementation.gradients(decode_case(request["case"]), cotangents)
        return {"none": True} if found is None else encode_gradients(found)

    def _count(self, request: Request) -> dict[str, Any]:
        return {"count": self.implementation.count(decode_network(request["network"]))}


def serve(name: str, asked: TextIO, answered: TextIO) -> None:
    """Answer until the requests end. An adapter that cannot be used says so to every one."""
    with ExitStack() as session:
        try:
            implementation = catalogue.load(name)
            session.enter_context(implementation.session())
            peer: Callable[[str], dict[str, Any]] = Served(implementation).answer
        except (Exception, SystemExit) as error:
            why = str(error) if isinstance(error, catalogue.Unusable) else told(error)
            peer = lambda line: {"id": read_object(line).get("id"), "error": why}  # noqa: E731
        for line in asked:
            answered.write(json.dumps(peer(line), allow_nan=False) + "\n")
            answered.flush()


def main() -> None:
    """Standard output is for answers alone: what a framework prints there goes to the errors."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.argv[1], sys.stdin, answers)


if __name__ == "__main__":
    main()
