"""A report as JUnit XML: what stands where, and that nothing which is told breaks it."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from rnnspec.console import explain
from rnnspec.junit import junit
from rnnspec.parts import Part
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Outcome, Verdict
from rnnspec.spec.trial import told
from tests.face.reports import outcomes, part, two


def parsed(parts: list[Part]) -> Element:
    return ElementTree.fromstring(junit(parts))


def properties(element: Element) -> dict[str, str]:
    return {each.attrib["name"]: each.attrib["value"] for each in element.findall("properties/*")}


def case(label: str, *, strict: bool = False) -> Element:
    """The test case of a claim, in a report of all verdicts."""
    (found,) = parsed([part("mixed", strict=strict)]).findall(
        f"testsuite/testcase[@name='{label}']"
    )
    return found


def inside(label: str, *, strict: bool = False) -> Element:
    """What stands in the test case, beside its properties."""
    _, found = case(label, strict=strict)
    return found


def test_a_suite_is_an_adapter_and_says_what_was_run() -> None:
    root = parsed(two())
    assert root.tag == "testsuites"
    assert [suite.attrib["name"] for suite in root] == ["rnnspec.mixed", "rnnspec.right"]
    said = properties(root[0])
    assert said["complete"] == "true"
    assert said["versions.numpy"] == "2.4.6"
    assert (said["profile"], said["seed"], said["strict"]) == ("quick", "0", "false")
    assert {"rnnspec", "python", "platform", "hypothesis", "numpy"} <= said.keys()
    started = two()[0].header["started"]
    assert f"{root[0].attrib['timestamp']}+00:00" == started
    assert root[0].attrib["time"] == "1.500"


@pytest.mark.parametrize("strict", [False, True])
def test_the_counts_add_up(strict: bool) -> None:
    suite = parsed([part("mixed", strict=strict)])[0]
    counts = {name: int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped")}
    failures = 3 + strict
    assert counts == {"tests": 10, "failures": failures, "errors": 2, "skipped": 7 - failures}
    for tag, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert len(suite.findall(f"testcase/{tag}")) == counts[name]


def test_a_test_case_is_a_claim() -> None:
    found = case("rnn.step")
    assert found.attrib == {"classname": "rnnspec.mixed", "name": "rnn.step", "time": "0.500"}
    assert properties(found) == {"claim": "rnn.step", "card": "1", "kind": "law"}
    assert len(found) == 1, "a claim that holds has nothing else in it"
    assert properties(case("layer.empty"))["card"] == "all"


@pytest.mark.parametrize(
    ("label", "tag", "verdict"),
    [
        ("gru.step", "failure", "violated"),
        ("lstm.units", "failure", "refused"),
        ("lstm.counts", "failure", "stale waiver"),
        ("lstm.gated", "error", "error"),
        ("layer.nan", "error", "adapter broken"),
    ],
)
def test_what_failed_has_what_is_printed_of_it(label: str, tag: str, verdict: str) -> None:
    (outcome,) = (each for each in outcomes() if each.claim.id == label)
    found = inside(label)
    assert (found.tag, found.attrib["type"]) == (tag, verdict)
    assert found.attrib["message"] == outcome.reason
    assert found.text == explain(outcome)
    assert CLAIMS[label].statement in " ".join((found.text or "").split())


@pytest.mark.parametrize("label", ["deep.stacked", "bi.overfits", "layer.paths", "layer.empty"])
def test_what_was_not_judged_is_skipped_with_its_reason(label: str) -> None:
    (outcome,) = (each for each in outcomes() if each.claim.id == label)
    found = inside(label)
    assert found.tag == "skipped"
    assert found.attrib == {"message": f"{outcome.verdict}: {outcome.reason}"}


def test_an_inconclusive_claim_fails_where_the_run_was_strict() -> None:
    assert inside("layer.empty", strict=True).tag == "failure"
    assert inside("layer.paths", strict=True).tag == "skipped"


def test_a_run_that_is_not_complete_says_so() -> None:
    first, second = two()
    assert [properties(suite)["complete"] for suite in parsed([first])] == ["true", "false"]
    empty = parsed([first])[1]
    assert (empty.attrib["name"], empty.attrib["tests"]) == ("rnnspec.right", "0")
    second.footer = None
    assert [properties(suite)["complete"] for suite in parsed([first, second])] == ["true", "false"]
    assert len(parsed([first, second])[1].findall("testcase")) == 2


EVERYTHING = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA1), 0xD800, 0xFFFE, 0xFFFF, 0x1F600]))


@pytest.mark.parametrize("text", [EVERYTHING, "]]> <b> & \" ' </failure> &#0; <!--"])
def test_what_xml_does_not_allow_does_not_break_it(text: str) -> None:
    reason = f"it offers no {text}"
    error = Outcome(CLAIMS["rnn.step"], Verdict.ERROR, told(RuntimeError(text)))
    refused = Outcome(CLAIMS["gru.step"], Verdict.REFUSED, reason)
    offered = Outcome(CLAIMS["lstm.units"], Verdict.NOT_APPLICABLE, reason)
    root = parsed([part("odd", [error, refused, offered])])
    (failure,) = root.iter("failure")
    (skipped,) = root.iter("skipped")
    assert "\N{GRINNING FACE}" in failure.attrib["message"] or text != EVERYTHING
    assert failure.attrib["message"].isprintable()
    assert f"not applicable: {failure.attrib['message']}" == skipped.attrib["message"]
    assert all(row.isprintable() for row in (failure.text or "").split("\n"))
