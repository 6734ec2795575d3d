"""A counterexample as a Python script: with this package, or with the framework alone."""

from __future__ import annotations

import ast
import json
import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnspec.adapters.script_ import Scripted, ScriptedBack, ScriptedCount, Shown, Writing, gradient
from rnnspec.console import packages
from rnnspec.reference.case import Case
from rnnspec.reference.declaration import encode_level
from rnnspec.reference.encoding import encode_case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.operations import Array
from rnnspec.reference.unroll import count
from rnnspec.replay import decoded, decoded_comparison, lacks
from rnnspec.source import Source
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.claims.layer_gradients import gradients, trained
from rnnspec.spec.claims.layer_rows import repeatable
from rnnspec.spec.trial import Comparison, WrongAnswer, parts_of, printable

WIDTH = 98
BACK = (gradients.id, trained.id)
"""The claims that go back."""
WRONG = f"{WrongAnswer.__name__}: "
"""What the reason begins with where there was an answer, and it is none."""

WITH_US = """\
import json

from rnnspec.replay import decoded, replay
from rnnspec.source import Source

data = decoded(json.loads({data!r}))
outcome = replay(data, {source}.load())
print(outcome.verdict, outcome.reason)
if (off := outcome.comparison) is not None:
    print(off.what, list(off.worst))
    for name in ("observed", "expected", "bound"):
        print(name, float(getattr(off, name)[off.worst]))
"""


class Unsaid(Exception):
    """Why a counterexample is not said in a framework's own words, in a sentence."""


def with_us(data: Mapping[str, Any], source: Source) -> str:
    """A script that tries the claim again on an adapter, or on what a command starts; data as
    ``replay.read`` gives it.
    """
    named = repr(source.adapter) if source.adapter else f"command={source.command!r}"
    level = data["level"]
    held = {
        **{name: data[name] for name in ("format", "version", "claim", "adapter")},
        "level": level and encode_level(level),
        "case": encode_case(data["case"]),
    }
    text = json.dumps(held, allow_nan=False)
    return f"{_header(data)}{WITH_US.format(data=text, source=f'Source({named})')}"


def alone(
    data: Mapping[str, Any], comparison: Comparison | None, implementation: Implementation
) -> str:
    """A script of the framework that shows what was wrong. Raises Unsaid."""
    label, shown = data["claim"], None
    call, cotangents = data["call"] or data["case"], data["cotangents"]
    if comparison is None:
        if data["call"] is None and label in BACK:
            raise Unsaid("an older file does not say what the backward pass began with")
    elif not comparison.part:
        return f"{_header(data)}{_counted(comparison, implementation)}"
    elif label == repeatable.id:
        raise Unsaid(f"{label} compares a call with the same one after others: one is not enough")
    else:
        call, cotangents = comparison.case, comparison.cotangents
        expected = comparison.against or float(comparison.expected[comparison.worst])
        bound = float(comparison.bound[comparison.worst])
        shown = Shown(comparison.part, comparison.index, expected, bound)
    if isinstance(implementation, Writing):
        if (lack := lacks(implementation, call)) is not None:
            raise Unsaid(lack)
        code = implementation.written(_about(data), call, cotangents, shown)
        if code is None:
            raise _unwritten(implementation, call)
        return f"{code.rstrip()}\n"
    reason = str(data.get("reason", ""))
    return f"{_header(data)}{_said(implementation, call, cotangents, shown, reason)}"


def _said(
    implementation: Implementation,
    call: Case,
    cotangents: Mapping[str, Array] | None,
    shown: Shown | None,
    reason: str,
) -> str:
    """A call, and what is to be shown of it; all, where what came back is no answer."""
    code = _called(implementation, call, cotangents)
    if shown is None:
        if reason.startswith(WRONG) and cotangents is None:
            code += _shown(code, call)
        elif reason.startswith(WRONG):
            code += _leaves(implementation, call, reason)
        return code
    element = _element(shown, call, cotangents, implementation)
    code += f"observed = {element}\n"
    if isinstance(shown.expected, Case):
        again = _after(code, _called(implementation, shown.expected))
        code += f"\n# the call that must give the same there\n{again}expected = {element}\n"
    else:
        code += f"expected = {_number(shown.expected)}\n"
    allowed = f"give or take {shown.bound!r}" if shown.bound else "to the last bit"
    return (
        f'{code}print("{element} is", float(observed))\n'
        f'print("it must be", float(expected), "{allowed}")\n'
    )


def _unwritten(implementation: Implementation, case: Case) -> Unsaid:
    return Unsaid(f"the adapter {implementation.name!r} writes no script of this call: {case}")


def _element(
    shown: Shown,
    case: Case,
    cotangents: Mapping[str, Array] | None,
    implementation: Implementation,
) -> str:
    """The element that is furthest off, in the words of the script."""
    part, index = shown.part, shown.index
    if cotangents is None:
        return f"{part}[{', '.join(map(str, index))}]"
    assert isinstance(implementation, ScriptedBack)  # it has written of the call
    element = gradient(implementation, case, part, index)
    if element is None:
        raise Unsaid(f"the adapter {implementation.name!r} has no gradient of {part} of its own")
    return element


def _leaves(implementation: Implementation, case: Case, reason: str) -> str:
    """The gradient that a reason names, printed, in the framework's own array; or all."""
    assert isinstance(implementation, ScriptedBack)
    names = list(implementation.leaves(case))
    for part, shape in parts_of(case, {}).items():
        if f"the gradient of {part} " in reason and 0 not in shape:
            element = gradient(implementation, case, part, (0,) * len(shape))
            names = names if element is None else [element.rpartition("[")[0]]
    return "".join(f'print("{name} is", {name})\n' for name in names)


def _counted(comparison: Comparison, implementation: Implementation) -> str:
    """The first of the networks whose parameters are not as many as the equations need."""
    wrong = [(each, found) for each, found in comparison.counted if found != count(each)]
    if not wrong:
        raise Unsaid(
            f"it is about {printable(comparison.what)}, which is no number of an answer, and no "
            "script is written of anything else"
        )
    network, _ = wrong[0]
    code = implementation.counting(network) if isinstance(implementation, ScriptedCount) else None
    if code is None:
        raise Unsaid(f"the adapter {implementation.name!r} writes no script of how it counts")
    return (
        f"{code.rstrip()}\nobserved = count\nexpected = {count(network)}\n"
        'print("the parameters are", observed)\nprint("they must be", expected)\n'
    )


def _number(number: float) -> str:
    return repr(float(number)) if np.isfinite(number) else f'float("{float(number)}")'


def sayable(data: Mapping[str, Any], implementation: Implementation) -> bool:
    """Whether there is a script of the framework, data as ``replay.encode`` gives it."""
    if not isinstance(implementation, Scripted | Writing):
        return False
    try:
        known = decoded(data)
        alone(known, decoded_comparison(known["comparison"]), implementation)
    except Exception:  # an adapter's own mistake, too, is no reason to stop a run
        return False
    return True


def _header(data: Mapping[str, Any]) -> str:
    """The same, as comments."""
    return "".join(f"# {line}\n" for line in _about(data))


def _about(data: Mapping[str, Any]) -> list[str]:
    """What the claim asks, and who did otherwise: lines."""
    claim, versions = CLAIMS[data["claim"]], data.get("versions")
    by = packages(versions) if isinstance(versions, dict) and versions else data["adapter"]
    lines = [
        printable(f"{claim.id}: {data.get('verdict', 'tried')}, {by}", WIDTH),
        *textwrap.wrap(claim.statement, WIDTH, max_lines=2, placeholder=" ..."),
    ]
    if data.get("comparison") is None and data.get("reason"):
        lines.append(printable(str(data["reason"]).removeprefix(WRONG), WIDTH))
    return lines


def _called(
    implementation: Implementation, case: Case, cotangents: Mapping[str, Array] | None = None
) -> str:
    """The framework's code of one call, or of one that goes back."""
    if not isinstance(implementation, Scripted):
        raise Unsaid(f"the adapter {implementation.name!r} writes no scripts of its framework")
    if (lack := lacks(implementation, case)) is not None:
        raise Unsaid(lack)
    if cotangents is None:
        code = implementation.script(case)
    elif isinstance(implementation, ScriptedBack):
        code = implementation.script(case, cotangents)
    else:
        raise Unsaid(f"the adapter {implementation.name!r} writes no scripts of gradients")
    if code is None:
        raise _unwritten(implementation, case)
    return f"{code.rstrip()}\n"


def _shown(code: str, case: Case) -> str:
    """All parts of an answer, printed: what is wrong is that one is missing, or no number."""
    bound = set().union(*map(_bound, ast.parse(code).body))
    parts = [part for part in ("outputs", *case.network.states) if part in bound]
    return "".join(f'print("{part}", {part}.shape, {part}.tolist())\n' for part in parts)


def _after(first: str, second: str) -> str:
    """What of a second script is left to run after a first: not what they begin with alike, as far
    as the first has not bound its names anew since; nor an import.
    """
    done, left = ast.parse(first).body, ast.parse(second).body
    known = [ast.dump(each) for each in done]
    alike = 0
    for one, other in zip(known, map(ast.dump, left), strict=False):
        if one != other:
            break
        alike += 1
    anew = set().union(*map(_bound, done[alike:]))
    alike = next((k for k, each in enumerate(left[:alike]) if _bound(each) & anew), alike)
    lines = second.splitlines(keepends=True)
    again = ""
    for each in left[alike:]:
        if not (isinstance(each, ast.Import | ast.ImportFrom) and ast.dump(each) in known):
            start = min(n.lineno for n in (each, *getattr(each, "decorator_list", ())))
            again += "".join(lines[start - 1 : each.end_lineno])
    return again


def _bound(statement: ast.stmt) -> set[str]:
    """The names that a statement may bind."""
    names = {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return names | ({statement.name} if isinstance(statement, ast.FunctionDef) else set())
