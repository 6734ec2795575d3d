"""A report as JUnit XML, for those who show the results of tests: a suite an adapter, a test case a
claim. All that a report tells is printable, and XML allows every character that is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from rnnspec.parts import Part, missing
from rnnspec.report import Line
from rnnspec.runner import exit_status
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Verdict

KNOWN = ("profile", "seed", "strict", "rnnspec", "python", "platform", "hypothesis", "numpy")
"""What a suite's properties have of the header, beside the versions under test."""
COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}
"""What may stand in a test case, and the attribute that counts it."""


def junit(parts: Sequence[Part]) -> str:
    """The document. An adapter that was to be run, and has not been begun, has an empty suite."""
    root = Element("testsuites", name="rnnspec")
    suites = [_suite(part) for part in parts]
    root.extend(suites)
    for name in missing(parts):
        suite = SubElement(root, "testsuite", _counts(f"rnnspec.{name}", []))
        _properties(suite, {"complete": "false"})
    for name in ("tests", *COUNTED.values()):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.set("time", f"{sum(part.seconds for part in parts):.3f}")
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _suite(part: Part) -> Element:
    header = part.header
    suite = Element("testsuite", _counts(f"rnnspec.{part.adapter}", part.claims, header["strict"]))
    suite.set("time", f"{part.seconds:.3f}")
    started = datetime.fromisoformat(header["started"]).replace(tzinfo=None)
    suite.set("timestamp", started.isoformat(timespec="seconds"))
    _properties(
        suite,
        {
            "complete": _word(part.complete),
            **{f"versions.{name}": number for name, number in header["versions"].items()},
            **{name: _word(header[name]) for name in KNOWN},
        },
    )
    for line in part.claims:
        suite.append(_case(line, part))
    return suite


def _counts(name: str, lines: Sequence[Line], strict: bool = False) -> dict[str, str]:
    kinds = Counter(_kind(line, strict) for line in lines)
    counts = {attribute: str(kinds[kind]) for kind, attribute in COUNTED.items()}
    return {"name": name, "tests": str(len(lines)), **counts}


def _kind(line: Line, strict: bool) -> str | None:
    """What stands in a test case: nothing where the claim holds."""
    verdict = Verdict(line["verdict"])
    status = exit_status([verdict], strict=strict)
    if status:
        return "failure" if status == 1 else "error"
    return None if verdict is Verdict.HOLDS else "skipped"


def _case(line: Line, part: Part) -> Element:
    case = Element("testcase", classname=f"rnnspec.{part.adapter}", name=line["claim"])
    case.set("time", f"{line['seconds']:.3f}")
    card = CLAIMS[line["claim"]].under
    _properties(case, {"claim": line["claim"], "card": card, "kind": line["kind"]})
    kind = _kind(line, part.header["strict"])
    if kind == "skipped":
        SubElement(case, kind, message=f"{line['verdict']}: {line['reason']}")
    elif kind:
        told = SubElement(case, kind, type=line["verdict"], message=line["reason"])
        told.text = part.explained(line)
    return case


def _properties(parent: Element, values: Mapping[str, str]) -> None:
    properties = SubElement(parent, "properties")
    for name, value in values.items():
        SubElement(properties, "property", name=name, value=value)


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
