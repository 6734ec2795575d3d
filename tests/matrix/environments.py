"""Which environment of tox.ini runs which adapter, and how: as tox.ini itself says."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from configparser import ConfigParser
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen, run
from typing import NamedTuple

from rnnspec.commands.runs import run as command

ROOT = Path(__file__).parents[2]


class Run(NamedTuple):
    """One implementation, the environment that it is run in, and the words that run it."""

    environment: str
    name: str
    """The adapter; of a process that speaks the protocol, the environment."""
    words: tuple[str, ...]


class Tox:
    """The tox that is installed here."""

    def __init__(self, program: str) -> None:
        self.program = program

    def runs(self) -> list[Run]:
        """Every adapter that an environment runs. Raises ValueError where tox.ini can't be read."""
        asked = [self.program, "config", "-e", "ALL", "-k", "commands"]
        told = run(asked, cwd=ROOT, stdout=PIPE, stderr=STDOUT, text=True, check=False)
        if told.returncode:
            raise ValueError(f"{shlex.join(asked)} failed: {told.stdout.strip()}")
        return runs_of(told.stdout)

    def start(self, environment: str, words: Sequence[str], log: Path) -> Popen[bytes]:
        """Run this in an environment, instead of its commands, and keep what is printed."""
        # what prepares it, such as npm, is done as ever: 'tox exec' would leave it out
        instead = f"testenv:{environment}.commands={shlex.join(words)}"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            return Popen(
                [self.program, "run", "-e", environment, "-x", instead],
                cwd=ROOT,
                stdout=file,
                stderr=STDOUT,
            )


def runs_of(config: str) -> list[Run]:
    """What ``tox config`` tells: of two environments that run one adapter, the first."""
    parser = ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.read_string(config)
    found: dict[str, Run] = {}
    for section in parser.sections():
        environment = section.removeprefix("testenv:")
        for line in parser[section].get("commands", "").splitlines():
            words = shlex.split(line.removeprefix("- "))
            if words[:2] == ["rnnspec", "run"]:
                for each in _split(environment, words):
                    found.setdefault(each.name, each)
    return list(found.values())


def _split(environment: str, words: Sequence[str]) -> list[Run]:
    """A run for each adapter of a command."""
    asked = command.make_context("run", list(words[2:])).params
    adapters, commands = asked["adapters"], asked["commands"]
    if commands and (adapters or len(commands) > 1):
        raise ValueError(f"{environment}: give what --command starts a line of its own")
    if commands:
        return [Run(environment, environment, tuple(words))]
    return [
        Run(environment, own, tuple(word for word in words if word == own or word not in adapters))
        for own in adapters
    ]
