"""Waived claims are still run: while they fail they are waived, and no longer than that."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.implementation import Implementation, Refused
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.spec.claims import CLAIMS
from rnnspec.waivers import Waiver
from tests.face.smoke import in_smoke

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Known = Callable[[Implementation], None]

LINK = "https://example.org/issues/7"
REASON = "the step is halved"
ONLY = ("--profile", "quick", "--only", "gru.step", "--json", "run.jsonl")


class Odd(ReferenceLayer):
    """Every GRU that a claim runs is off by half; its runs are counted."""

    name = "odd"

    def __init__(self) -> None:
        self.runs: list[str] = []  # shared with its copies

    def versions(self) -> dict[str, str]:
        return {"odd": "2.1+cpu"}

    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        if case.network.cell != "gru" or case.aim or in_smoke(case):
            return answer
        self.runs.append(case.dtype)
        return self.off(answer)

    def off(self, answer: Answer) -> Answer:
        return replace(answer, outputs=answer.outputs / 2)


class Right(Odd):
    def off(self, answer: Answer) -> Answer:
        return answer


class Refusing(Odd):
    def off(self, answer: Answer) -> Answer:
        raise Refused("not today")


class Crashing(Odd):
    def off(self, answer: Answer) -> Answer:
        raise RuntimeError("not today")


def waive(folder: Path, versions: str = ">=2,<3", **fields: str) -> str:
    """The name of a file with one waiver, of ``gru.step`` for the adapter ``odd``."""
    given = {"claim": "gru.step", "adapter": "odd", "reason": REASON, "link": LINK, **fields}
    lines = [f"{name} = {json.dumps(value)}" for name, value in given.items()]
    text = "\n".join(["[[waiver]]", *lines, f"versions = {{ odd = '{versions}' }}"])
    (folder / "known.toml").write_text(text, encoding="utf-8")
    return "known.toml"


def line(folder: Path, label: str = "gru.step") -> dict[str, Any]:
    lines = map(json.loads, (folder / "run.jsonl").read_text(encoding="utf-8").splitlines())
    (found,) = (each for each in lines if each.get("claim") == label)
    assert isinstance(found, dict)
    return found


def kept(folder: Path) -> list[Path]:
    return list((folder / ".rnnspec").iterdir()) if (folder / ".rnnspec").exists() else []


@pytest.fixture(name="counterexample")
def _counterexample(rnnspec: Program, known: Known, tmp_path: Path) -> str:
    """The name of a counterexample of ``gru.step`` on ``odd``."""
    known(Odd())
    assert rnnspec("run", "odd", *ONLY).returncode == 1
    (path,) = kept(tmp_path)
    return path.rename(tmp_path / "counter.json").name


@pytest.mark.parametrize(
    ("layer", "seen"), [(Odd, "violated"), (Refusing, "refused"), (Crashing, "error")]
)
def test_what_fails_is_waived_with_its_new_counterexample(
    layer: type[Odd], seen: str, rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    known(layer())
    ran = rnnspec("run", "odd", *ONLY, "--waivers", waive(tmp_path))
    assert ran.returncode == 0, ran.stdout
    assert f"\n{len(CLAIMS)} claims: 1 waived, {len(CLAIMS) - 1} not run; " in ran.stdout
    assert "\nwaived: gru.step (card 7)\n" in ran.stdout
    found = line(tmp_path)
    assert found["verdict"] == "waived"
    assert found["reason"].startswith(f"{REASON} ({LINK}); a counterexample was found: {seen}: ")
    assert found["reason"] in " ".join(ran.stdout.split())
    assert found["waiver"] == {
        "reason": REASON,
        "link": LINK,
        "reproducer": None,
        "counterexample": None,
    }
    (path,) = kept(tmp_path)
    assert found["counterexample"] == json.loads(path.read_text(encoding="utf-8"))
    assert f"  rnnspec replay .rnnspec/{path.name}" in ran.stdout.splitlines()


@pytest.mark.parametrize("layer", [Odd, Refusing, Crashing])
def test_where_its_counterexample_still_fails_nothing_is_searched(
    layer: type[Odd], counterexample: str, rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    odd = layer()
    known(odd)
    ran = rnnspec("run", "odd", *ONLY, "--waivers", waive(tmp_path, counterexample=counterexample))
    assert ran.returncode == 0, ran.stdout
    assert len(odd.runs) == 1
    found = line(tmp_path)
    told = f"{REASON} ({LINK}); its counterexample still fails: "
    assert found["reason"].startswith(told)
    assert f"gru.step: waived: {found['reason']}" in " ".join(ran.stdout.split())
    assert (found["verdict"], found["examples"], found["counterexample"]) == ("waived", 1, None)
    assert found["waiver"]["counterexample"] == counterexample
    assert kept(tmp_path) == []


def test_where_its_counterexample_passes_the_claim_is_searched(
    counterexample: str, rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    case = json.loads((tmp_path / counterexample).read_text(encoding="utf-8"))["case"]

    class Other(Odd):
        """Right about the case that is known, and wrong about others."""

        def run(self, asked: Case) -> Answer:
            rows = len(case["inputs"]["numbers"])
            return (
                ReferenceLayer.run(self, asked)
                if asked.inputs.size == rows
                else Odd.run(self, asked)
            )

    known(Other())
    ran = rnnspec("run", "odd", *ONLY, "--waivers", waive(tmp_path, counterexample=counterexample))
    assert ran.returncode == 0, ran.stdout
    told = f"{REASON} ({LINK}); its counterexample passes now, another was found: violated: "
    assert line(tmp_path)["reason"].startswith(told)
    assert len(kept(tmp_path)) == 1


@pytest.mark.parametrize("stored", [True, False])
def test_a_waiver_of_what_holds_is_stale_and_fails(
    stored: bool, counterexample: str, rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    known(Right())
    fields = {"counterexample": counterexample} if stored else {}
    ran = rnnspec("run", "odd", *ONLY, "--waivers", waive(tmp_path, **fields))
    assert ran.returncode == 1
    reason = f"the claim holds now, take waiver 1 out: {REASON} ({LINK})"
    assert f"gru.step: stale waiver: {reason}" in " ".join(ran.stdout.split())
    found = line(tmp_path)
    assert (found["verdict"], found["reason"]) == ("stale waiver", reason)
    assert found["waiver"]["link"] == LINK


@pytest.mark.parametrize(
    ("versions", "why"),
    [("<2", "odd is 2.1+cpu, not <2"), ("==2.0.*", "odd is 2.1+cpu, not ==2.0.*")],
)
def test_a_waiver_for_other_versions_is_not_applied_and_that_is_said(
    versions: str, why: str, rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    known(Odd())
    ran = rnnspec("run", "odd", *ONLY, "--waivers", waive(tmp_path, versions))
    assert ran.returncode == 1
    assert f"\nwaiver 1 (gru.step) is not applied: {why}\n" in ran.stdout
    assert (line(tmp_path)["verdict"], line(tmp_path)["waiver"]) == ("violated", None)


def test_a_waiver_for_another_adapter_or_claim_changes_nothing(
    rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    known(Odd())
    for fields in ({"adapter": "reference"}, {"claim": "rnn.step"}):
        ran = rnnspec("run", "odd", *ONLY, "--waivers", waive(tmp_path, **fields))
        assert ran.returncode == 1
        assert "not applied" not in ran.stdout
        assert line(tmp_path)["verdict"] == "violated"


@pytest.mark.parametrize(
    ("versions", "why"),
    [
        ({"odd": "2.4rc1"}, ""),
        ({"ODD": "2.0"}, ""),
        ({"other": "2.0"}, "the version of odd is not known"),
        ({"unknown": "OSError"}, "the version of odd is not known"),
        ({"odd": "master"}, "odd master is no version that could be compared with >=2"),
    ],
)
def test_versions_are_compared_as_versions(versions: dict[str, str], why: str) -> None:
    from packaging.specifiers import SpecifierSet

    from rnnspec.waivers import applying

    waiver = Waiver("waiver 1", "gru.step", "odd", {"odd": SpecifierSet(">=2")}, REASON, LINK)
    applied, notes = applying([waiver], Odd(), versions)
    assert list(applied) == ([] if why else ["gru.step"])
    told = {"gru.step": f"waiver 1 (gru.step) is not applied: {why}"} if why else {}
    assert notes == told


def test_the_accuracy_is_measured_where_its_violation_is_waived(
    rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    """Else everything that rests on a poor sigmoid would be violated, too."""

    class Poor(ReferenceLayer):
        name = "odd"

        def versions(self) -> dict[str, str]:
            return {"odd": "2.1"}

        def run(self, case: Case) -> Answer:
            answer = super().run(case)
            if case.network.cell != "gru" or case.dtype != "float64":
                return answer
            return replace(answer, outputs=answer.outputs + 2.0**-40)

    known(Poor())
    arguments = ("--profile", "quick", "--only", "layer.accuracy", "--json", "run.jsonl")
    assert rnnspec("run", "odd", *arguments).returncode == 1
    (path,) = kept(tmp_path)
    fields = {"claim": "layer.accuracy", "counterexample": f".rnnspec/{path.name}"}
    ran = rnnspec("run", "odd", *arguments, "--waivers", waive(tmp_path, **fields))
    assert ran.returncode == 0, ran.stdout
    rnnspec("run", "odd", *ONLY, "--waivers", waive(tmp_path, **fields))
    assert line(tmp_path)["measured"] == ["float64"]
