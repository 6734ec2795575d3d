"""A process that answers requests, one line each: started, asked, watched and ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any

from rnnspec.reference.encoding import LARGEST_TEXT, Malformed, read_object
from rnnspec.reference.implementation import Lost

BYE = {"id": -1, "do": "bye"}
FAREWELL = 2.0
"""Seconds in which a process that was told so may end by itself."""
LAST_WORDS = 2000
"""So many bytes of the standard error are looked at."""
QUOTED = 80
"""So many bytes of what is no answer are shown."""


class Peer:
    """One process. Raises Lost where it cannot be started."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.asked = 0
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.errors,
                env={**os.environ, **environment},
                start_new_session=True,  # Ctrl-C is for us, and what it starts is ended with it
            )
        except (OSError, ValueError) as error:
            self.errors.close()
            reason = getattr(error, "strerror", None) or error
            raise Lost(f"{command[0]} cannot be started: {reason}") from None
        self.requests: SimpleQueue[bytes | None] = SimpleQueue()
        self.answers: SimpleQueue[bytes] = SimpleQueue()
        # it may read nothing, or never answer: that must hold nobody up but a thread of its own
        given = (self.process, self.requests, self.answers)
        Thread(target=_speak, args=given, daemon=True).start()
        self.dismiss = weakref.finalize(self, _dismiss, self.process, self.requests, self.errors)

    def ask(self, do: str, timeout: float, **fields: Any) -> dict[str, Any]:
        """The answer to a request, within so many seconds. Raises Lost, and then it is stopped."""
        number, self.asked = self.asked, self.asked + 1
        self.requests.put(_line({"id": number, "do": do, **fields}))
        try:
            return self._answer(number, timeout)
        except Lost as lost:
            words = self._last_words()
            self._stop()
            raise Lost(f"{lost}{words}") from None
        except BaseException:  # interrupted: what it answers later is for nobody
            self._stop()
            raise

    def _answer(self, number: int, timeout: float) -> dict[str, Any]:
        try:
            line = self.answers.get(timeout=timeout)
        except Empty:
            raise Lost(f"it gave no answer within {timeout:g} s") from None
        if not line.endswith(b"\n"):
            if len(line) > LARGEST_TEXT:
                raise Lost(f"its answer is longer than {LARGEST_TEXT} bytes")
            raise Lost(f"it ended {'within' if line else 'without'} an answer{self._how()}")
        return parsed(line, number)

    def _how(self) -> str:
        """How the process ended, if it did."""
        with suppress(subprocess.TimeoutExpired):
            status = self.process.wait(FAREWELL)
            if status < 0:
                return f" (signal {signal.Signals(-status).name})"
            return f" (status {status})"
        return ""

    def _last_words(self) -> str:
        """The last line on the standard error that names an error, or else the last there is."""
        self.errors.seek(max(0, self.errors.seek(0, os.SEEK_END) - LAST_WORDS))
        said = self.errors.read().decode(errors="replace").splitlines()
        # below its error, a runtime may print where it was, or what version it has
        named = [line for line in said if ": " in line and not line[0].isspace()]
        last = next((line.strip() for line in reversed(named or said) if line.strip()), "")
        return f"; its last words: {last}" if last else ""

    def _stop(self) -> None:
        self.dismiss.detach()
        _stop(self.process, self.errors)


def parsed(line: bytes, number: int) -> dict[str, Any]:
    """The answer to a request of that number. Raises Lost where a line is none."""
    try:
        answer = read_object(line.decode())
        if type(answer.get("id")) is not int or answer["id"] != number:
            raise Malformed(f"its id is {answer.get('id')!r}, and {number} was asked")
    except (UnicodeDecodeError, Malformed) as error:
        why = error if isinstance(error, Malformed) else "it is not text in UTF-8"
        raise Lost(f"{line[:QUOTED].decode(errors='replace')!r} is no answer: {why}") from None
    return answer


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, allow_nan=False).encode() + b"\n"


def _speak(
    process: subprocess.Popen[bytes],
    requests: SimpleQueue[bytes | None],
    answers: SimpleQueue[bytes],
) -> None:
    """Write each request and read a line; what ends without one is an empty line.

    A line is read only when it was asked for: what is written without end stays in the pipe.
    """
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(OSError, ValueError), process.stdin as asked, process.stdout as answered:
        while (request := requests.get()) is not None:
            asked.write(request)
            asked.flush()
            answers.put(answered.readline(LARGEST_TEXT + 1))
    answers.put(b"")


def _dismiss(
    process: subprocess.Popen[bytes], requests: SimpleQueue[bytes | None], errors: IO[bytes]
) -> None:
    """Say bye; what has not ended after a moment is stopped."""
    requests.put(_line(BYE))
    requests.put(None)
    with suppress(subprocess.TimeoutExpired):
        process.wait(FAREWELL)
    _stop(process, errors)


def _stop(process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
    """End a process, and all that it has started."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
    errors.close()
