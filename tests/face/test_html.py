"""Reports as pages for a browser: what is in them, and that nothing in a report is obeyed."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from rnnspec import catalogue
from rnnspec.html import cells
from rnnspec.html.counterexample import Scripts
from rnnspec.html.kept import Kept
from rnnspec.html.page import page
from rnnspec.html.text import SIGNS
from rnnspec.matrix import Matrix
from rnnspec.matrix_markdown import SIGNS as LETTERS
from rnnspec.parts import Part
from rnnspec.reference.case import Case
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.report import footer_of
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Outcome, Verdict
from rnnspec.usage import Usage
from tests.face.reports import WAIVER, failing, part, text_of, two, violated
from tests.face.test_markdown import NASTY

Program = Callable[..., CompletedProcess[str]]
Sentence = Callable[[CompletedProcess[str]], str]
VOID = ("meta", "input")


class Read(HTMLParser):
    """A page as a browser reads it, as far as that is needed here."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.inside: dict[str, str] = {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("style", "script"):
            self.inside[self.open[-1]] = self.inside.get(self.open[-1], "") + data
        else:
            self.text += data

    def attributes(self, name: str) -> list[str]:
        """All values of an attribute."""
        return [value for _, found in self.tags if (value := found.get(name)) is not None]


def test_it_tells_what_was_run_and_what_was_found() -> None:
    read = Read(page(two()))
    for label, claim in CLAIMS.items():
        assert claim.statement in read.text
        assert f"claim.{label}" in read.attributes("id")
        assert all(line in read.text for line in (*claim.literature, claim.seen))
        assert all(erratum.stops in read.text for erratum in claim.errata)
    header = two()[0].header
    for name in ("rnnspec", "python", "platform", "hypothesis", "numpy", "profile"):
        assert header[name] in read.text
    assert "2026-11-24 09:00 UTC" in read.text
    assert violated().explanation in read.text
    assert "the step is halved" in read.text
    assert "https://example.org/issues/7" in read.attributes("href")
    assert read.text.count("time: 0.9 times as long") == 2  # in a list, and with its claim


def test_links_lead_to_a_place_in_it_and_every_place_is_one() -> None:
    for parts in (two(), two()[:1]):
        read = Read(page(parts))
        places = read.attributes("id")
        assert [name for name, many in Counter(places).items() if many > 1] == []
        inner = {each[1:] for each in read.attributes("href") if each.startswith("#")}
        assert inner - {*places} == set()


def test_a_verdict_leads_to_what_is_told_of_it() -> None:
    text = page(two())
    for line in two()[0].claims:
        if line["kind"] != "finding":
            assert f'<a href="#c1.{line["claim"]}">' in text
    assert '<td data-i="2" data-v="not-run">' in text  # it is not reached, and leads nowhere
    (told,) = re.findall(r'<article class="cell" id="c1.gru.step".*?</article>', text, re.DOTALL)
    for wanted in (
        "As arrays",
        "observed",
        "As a script that tries the claim again",
        "Every number",
    ):
        assert wanted in told
    assert "There is none of the framework alone: no adapter that is known here is named" in told
    assert "No adapter of rnnspec is named &#x27;mixed&#x27;" in told


def test_signs_are_those_of_the_other_page_where_they_are_letters() -> None:
    assert SIGNS.keys() == {*Verdict}
    assert len({*SIGNS.values()}) == len(SIGNS)
    for verdict, sign in SIGNS.items():
        assert not sign.isalpha() or LETTERS[verdict].strip("*") == sign


def test_nothing_comes_from_elsewhere_and_nothing_else_may_run() -> None:
    text = page(two())
    read = Read(text)
    assert {tag for tag, _ in read.tags} & {"link", "img", "iframe", "object", "base"} == set()
    assert read.attributes("src") == read.attributes("style") == []
    assert [name for _, found in read.tags for name in found if name.startswith("on")] == []
    (policy,) = (each for each in read.attributes("content") if "default-src" in each)
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        digest = b64encode(sha256(read.inside[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not re.search(r"url\(|@import|fetch\(|XMLHttp|innerHTML|eval\(", text)
    assert "unsafe" not in policy


# ---- what a report says is shown, and not obeyed

HOSTILE = (
    NASTY,
    "\"><script>alert(1)</script><a href='javascript:alert(1)'>",
    "' onmouseover='alert(1)",
    "</pre></article></main></script><img src=x onerror=alert(1)>",
    "<!-- ",
    "&lt;b&gt; $title $$ ${style}",
)


def hostile(text: str) -> Part:
    """A report that says this wherever it can say something."""
    given = [
        failing("lstm.units", Verdict.REFUSED, text),
        Outcome(CLAIMS["rnn.step"], Verdict.NOT_APPLICABLE, text),
        failing("layer.paths", Verdict.WAIVED, text),
        deepcopy(violated()),
    ]
    given[0].notes = {"note": text}
    given[3].explanation = given[3].reason = text
    given[3].dtypes, given[3].aims, given[3].examples = {text: 3}, {text: 3}, 3
    made = part(f"odd {text}", given, adapters=(f"odd {text}",))
    made.claims[2]["waiver"] = dict.fromkeys(WAIVER, text)
    for name in ("rnnspec", "python", "platform", "hypothesis", "numpy"):
        made.header[name] = text
    made.header |= {"versions": {text: text}, "only": [text]}
    made.header["levels"] = {text: text, "float64": text}
    for line in made.claims:
        line["measured"] = [text]
        if line["counterexample"] is not None:
            line["counterexample"] |= {"reason": text, "versions": {text: text}}
            if line["counterexample"]["comparison"]:
                line["counterexample"]["comparison"]["what"] = text
    return made


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_told_is_shown_and_not_obeyed(text: str, tmp_path: Path) -> None:
    made = hostile(text)
    (tmp_path / "run.jsonl").write_bytes(text_of([made]))
    read, plain = Read(page([made])), Read(page([hostile("plain")]))
    assert [tag for tag, _ in read.tags] == [tag for tag, _ in plain.tags]
    assert [[*found] for _, found in read.tags] == [[*found] for _, found in plain.tags]
    assert read.text.count(text) > 30
    assert read.inside == plain.inside
    assert not any(each.lower().startswith("javascript") for each in read.attributes("href"))


def test_only_an_adapter_that_is_known_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "loud.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    odd = part("loud:It", [violated()], adapters=("loud:It",))
    assert "no adapter that is known here is named 'loud:It'" in Read(page([odd])).text
    plain = part("reference", [violated()])
    assert "the adapter 'reference' writes no scripts of its" in Read(page([plain])).text
    assert not Scripts("loud:It").known
    assert Scripts("reference").known


class Stumbling(ReferenceLayer):
    """An adapter that writes scripts, and makes a mistake in them."""

    def script(self, case: Case) -> str:
        raise KeyError("no such thing")


@pytest.mark.parametrize("broken", [True, False], ids=["loading", "writing"])
def test_a_mistake_of_an_adapter_does_not_cost_the_page(
    broken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(name: str) -> object:
        if broken:
            raise catalogue.Unusable("the adapter 'reference' cannot be loaded: no such thing")
        return Stumbling()

    monkeypatch.setattr(catalogue, "found", lambda name: Stumbling)
    monkeypatch.setattr(catalogue, "load", load)
    text = Read(page([part("reference", [violated()])])).text
    assert re.search("There is none of the framework alone: .*no such thing", text)


# ---- what waivers name


def waived(counterexample: str | None, reproducer: str | None) -> Part:
    made = part("it", [failing("layer.paths", Verdict.WAIVED, "halved")])
    made.claims[0]["waiver"] = WAIVER | {
        "link": None, "reproducer": reproducer, "counterexample": counterexample
    }  # fmt: skip
    made.claims[0]["counterexample"] = None
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of waivers, and something beside it that is none of a page's business."""
    folder = tmp_path / "waivers"
    folder.mkdir()
    data = part("it", [failing("layer.paths", Verdict.WAIVED, "")]).claims[0]["counterexample"]
    (folder / "it.json").write_text(json.dumps(data), encoding="utf-8")
    (folder / "it.py").write_text("print('here it is')\n", encoding="utf-8")
    (tmp_path / "secret.py").write_text("print('my secret')", encoding="utf-8")
    (folder / "link.py").symlink_to(tmp_path / "secret.py")
    return folder


def test_what_a_waiver_names_is_shown_from_its_folder(folder: Path) -> None:
    text = Read(page([waived("it.json", "it.py")], Kept(str(folder)))).text
    assert "The case:" in text
    assert "print('here it is')" in text
    without = Read(page([waived("it.json", "it.py")])).text
    assert "it.json" in without
    assert "The case:" not in without


def test_a_file_that_is_not_there_is_only_named(folder: Path) -> None:
    text = Read(page([waived("no.json", "no.py")], Kept(str(folder)))).text
    assert "no.py" in text
    assert "The reproducer" not in text


@pytest.mark.parametrize("name", ["../secret.py", "link.py", "it/../../secret.py", "."])
def test_nothing_is_read_outside_of_that_folder(name: str, folder: Path) -> None:
    absolute = str(folder.parent / "secret.py")
    for each in (name, absolute):
        assert "my secret" not in page([waived(None, each)], Kept(str(folder)))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "it is not JSON"),
        ("{}", "it does not say that its format is 'rnnspec.replay'"),
        ('{"claim": "rnn.step"}', "it is one of 'rnn.step', not of layer.paths"),
    ],
)
def test_a_bad_file_is_told_in_a_sentence(
    content: str, told: str, folder: Path, rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    (folder / "it.json").write_text(content)
    (tmp_path / "run.jsonl").write_bytes(text_of([waived("it.json", None)]))
    said = sentence(rnnspec("report", "run.jsonl", "-o", "it.html", "--waivers", "waivers"))
    assert "it.json" in said
    assert f"is no replay file: {told}" in said
    assert not (tmp_path / "it.html").exists()
    with pytest.raises(Usage):
        page([waived("it.json", None)], Kept(str(folder)))


# ---- how much


def test_a_page_of_many_counterexamples_stays_small_and_says_what_it_leaves_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = []
    for claim in list(CLAIMS.values())[:10]:
        given.append(deepcopy(violated()))
        given[-1].claim = claim
    names = [f"layer-{k}" for k in range(30)]
    one = part(names[0], given, adapters=names)
    parts = [deepcopy(one) for _ in names]
    for name, each in zip(names, parts, strict=True):
        each.header["adapter"] = name
        for line in each.claims:
            line["counterexample"]["adapter"] = name
    monkeypatch.setattr(cells, "LARGEST", 1_000_000)
    text = cells.cells(Matrix(parts), Kept(None))
    assert len(text.encode()) < 1_000_000
    assert text.count("There is no room here for more of it") >= 30
    assert "rnnspec reproduce REPORT.jsonl --claim rnn.step" in text


def test_what_matters_most_is_left_out_last(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = page(two())
    monkeypatch.setattr(cells, "LONGEST", (4000,))
    short = page(two())
    assert len(short) < len(whole)
    assert "As arrays" in short
    assert "Every number of it" not in short


def test_a_run_that_was_interrupted_says_so() -> None:
    made = part("it", [violated()], claims=60, adapters=("it", "other"))
    made.footer = footer_of(made.verdicts, 1.0, 130)
    text = Read(page([made])).text
    assert "This run is not complete: it was interrupted." in text
    assert "Of it 1 claim of 60 were reached." in text
    assert "Nothing is there of other." in text
    assert "not complete" not in Read(page(two())).text
