"""What a reader does with a page: filters, opens and copies, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from rnnspec.parts import Part
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Outcome, Verdict
from tests.face.reports import part, two
from tests.face.test_html import HOSTILE, hostile

Opened = Callable[..., Any]
SINGLE, SEVERAL = [part("mixed")], two()
PAGES = pytest.mark.parametrize("parts", [SINGLE, SEVERAL], ids=["one", "several"])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


def shown(page: Any) -> list[str]:
    """The claims whose rows are shown."""
    found: list[str] = page.eval_on_selector_all(
        "#matrix tr[data-claim]",
        "rows => rows.filter(row => row.offsetParent).map(row => row.dataset.claim)",
    )
    return found


def cell(page: Any, label: str, number: int = 1) -> Any:
    """The verdict on a claim, which opens what is told of it."""
    return page.locator(f"#matrix tr[data-claim='{label}'] td[data-i='{number}'] a")


def focused(page: Any) -> str:
    """Where the focus is: a claim's verdict."""
    label: str = page.evaluate(
        "document.activeElement.closest('#matrix tr[data-claim]')?.dataset.claim ?? "
        "document.activeElement.id"
    )
    return label


# ---- filters


def test_claims_are_filtered_by_what_they_are(opened: Opened) -> None:
    page = opened(SEVERAL)
    tried = [label for label, claim in CLAIMS.items() if claim.kind != "finding"]
    assert shown(page) == tried
    assert page.inner_text("#shown") == "57 of 57 claims, 2 of 2 implementations shown."
    page.select_option("select[name=card]", "5")
    assert shown(page) == [label for label in tried if CLAIMS[label].card == 5]
    page.select_option("select[name=kind]", "count")
    assert shown(page) == []
    assert page.inner_text("#shown").endswith("shown: nothing is so.")
    page.select_option("select[name=card]", "")
    assert shown(page) == [label for label in tried if CLAIMS[label].kind == "count"]
    page.get_by_role("button", name="Show all").click()
    page.wait_for_function("!location.hash")
    assert shown(page) == tried


def test_verdicts_and_implementations_are_filtered(opened: Opened) -> None:
    page = opened(SEVERAL)
    page.get_by_role("checkbox", name="violated").check()
    assert shown(page) == ["gru.step"]
    assert page.inner_text("#shown") == "1 of 57 claims, 1 of 2 implementations shown."
    assert page.locator("th[data-i='2']").is_hidden()
    assert page.locator("article.cell:visible").count() == 1
    page.get_by_role("checkbox", name="error").check()
    assert shown(page) == ["lstm.gated", "gru.step"]
    page.get_by_role("button", name="Show all").click()
    page.locator("#adapters summary").click()
    page.get_by_role("checkbox", name="right").check()
    assert page.inner_text("#adapters summary") == "Implementations: 1 of 2"
    assert page.locator("th[data-i='1']").is_hidden()
    assert page.locator("article.cell:visible").count() == 0
    assert page.locator("#i1").is_hidden()


def test_the_address_keeps_what_is_filtered_and_opened(opened: Opened) -> None:
    page = opened(SEVERAL)
    page.get_by_role("checkbox", name="violated").check()
    page.select_option("select[name=kind]", "law")
    cell(page, "gru.step").click()
    address = page.evaluate("location.hash")
    assert address == "#verdict=violated&kind=law&open=mixed%2Fgru.step"
    again = opened(SEVERAL, address)
    assert shown(again) == ["gru.step"]
    assert again.locator("#dialog").is_visible()
    again.keyboard.press("Escape")
    again.wait_for_function("location.hash === '#verdict=violated&kind=law'")


@pytest.mark.parametrize(
    "address", ["#card=99&verdict=x&on=y&open=z", "#%%%", "#told", "#=&kind=law&&open=/"]
)
def test_an_address_that_means_nothing_shows_everything(address: str, opened: Opened) -> None:
    page = opened(SEVERAL, address)
    count = 57 if "law" not in address else sum(c.kind == "law" for c in CLAIMS.values())
    assert len(shown(page)) == count
    assert not page.locator("#dialog").is_visible()


def test_going_back_in_the_address_is_followed(opened: Opened) -> None:
    page = opened(SINGLE, "#card=5")
    page.evaluate("location.hash = '#card=2&open=mixed%2Flstm.gated'")
    page.wait_for_selector("#dialog[open]")
    page.evaluate("location.hash = '#card=5'")
    page.wait_for_selector("#dialog:not([open])", state="attached")
    assert {CLAIMS[label].card for label in shown(page)} == {5}


# ---- what is told of a verdict


@PAGES
def test_a_click_opens_the_counterexample(parts: list[Part], opened: Opened) -> None:
    page = opened(parts)
    cell(page, "gru.step").click()
    dialog = page.get_by_role("dialog", name="gru.step on mixed: violated")
    assert dialog.is_visible()
    text = dialog.inner_text()
    for wanted in (
        "As arrays",
        "observed",
        "expected",
        "bound",
        "import json",
        "Seen from outside",
    ):
        assert wanted in text
    dialog.get_by_role("button", name="Close").click()
    assert not dialog.is_visible()
    assert focused(page) == "gru.step"


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_opens_it_and_escape_gives_the_focus_back(key: str, opened: Opened) -> None:
    page = opened(SEVERAL)
    cell(page, "lstm.units").focus()
    page.keyboard.press(key)
    assert page.get_by_role("dialog", name="lstm.units on mixed: refused").is_visible()
    assert focused(page) == "dialog-title"
    page.keyboard.press("Escape")
    assert not page.locator("#dialog").is_visible()
    assert focused(page) == "lstm.units"


def test_what_holds_shows_its_numbers(opened: Opened) -> None:
    page = opened(SEVERAL)
    cell(page, "rnn.step").click()
    text = page.locator("#dialog").inner_text()
    for wanted in ("examples\n24", "informative\n20 of", "of bound\n0.25", "gate reset 20"):
        assert wanted in text
    assert CLAIMS["rnn.step"].statement in text


def test_a_link_in_it_leads_to_the_page_behind(opened: Opened) -> None:
    page = opened(SEVERAL)
    cell(page, "gru.step").click()
    page.locator("#dialog").evaluate(
        "dialog => { const a = document.createElement('a'); a.href = '#told'; a.textContent = 'to';"
        "dialog.append(a); a.click(); }"
    )
    assert not page.locator("#dialog").is_visible()
    assert page.evaluate("location.hash") == "#told"


def test_the_tabulator_passes_through_the_table_in_one_step_and_arrows_go_on(
    opened: Opened,
) -> None:
    page = opened(SEVERAL)
    first = cell(page, "rnn.step")
    first.focus()
    reached = page.locator("#matrix td a[tabindex='0']")
    assert reached.count() == 1
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.closest('td').dataset.i") == "2"
    page.keyboard.press("ArrowDown")
    assert focused(page) == "gru.step"  # of the second, the claims between were not reached
    page.keyboard.press("Home")
    assert page.evaluate("document.activeElement.closest('td').dataset.i") == "1"
    page.keyboard.press("ArrowUp")
    assert focused(page) == "lstm.units"
    assert reached.count() == 1


def test_the_first_step_skips_to_the_claims(opened: Opened) -> None:
    page = opened(SINGLE)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the claims"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert focused(page) == "main"


# ---- copying


def copied(page: Any) -> str:
    """Copy the script that tries the claim again."""
    cell(page, "gru.step").click()
    script = page.locator("#dialog .paste.ours")
    script.get_by_role("button", name="Copy").click()
    page.wait_for_function("document.querySelector('#copied').textContent")
    assert script.get_by_role("button").inner_text() == "Copied"
    assert page.inner_text("#copied") == "The script is copied."
    text: str = script.locator("pre").inner_text()
    return text


def test_a_script_is_copied_whole(opened: Opened) -> None:
    page = opened(SINGLE, permissions=["clipboard-read", "clipboard-write"])
    script = copied(page)
    assert page.evaluate("navigator.clipboard.readText()") == script
    compile(script, "script", "exec")


REFUSING = "navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))"


def test_it_is_copied_in_another_way_where_that_is_not_allowed(opened: Opened) -> None:
    page = opened(SINGLE, before=REFUSING, permissions=["clipboard-read", "clipboard-write"])
    script = copied(page)
    assert page.evaluate("navigator.clipboard.readText()") == script
    assert page.locator("textarea").count() == 0


# ---- other readers


@PAGES
def test_all_of_it_is_read_without_a_script(parts: list[Part], opened: Opened) -> None:
    page = opened(parts, java_script_enabled=False)
    assert page.locator("#filter").is_hidden()
    assert page.locator("#hint").is_hidden()
    assert page.get_by_role("button", name="Copy").count() == 0
    cell(page, "gru.step").click()
    assert page.url.endswith("#c1.gru.step")
    article = page.locator("[id='c1.gru.step']")
    assert article.is_visible()
    assert "observed" in article.inner_text()
    assert page.locator("article.claim:visible").count() == len(CLAIMS)


@PAGES
@pytest.mark.parametrize("address", ["", "#verdict=violated&verdict=holds", "#open=mixed/gru.step"])
def test_a_phone_scrolls_in_one_direction(parts: list[Part], address: str, opened: Opened) -> None:
    page = opened(parts, address, viewport={"width": 360, "height": 740}, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    box = page.locator("#dialog" if "open" in address else "#frame").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


def many() -> list[Part]:
    """Thirty implementations."""
    names = [f"implementation-{k}" for k in range(30)]
    claims = [claim for claim in CLAIMS.values() if claim.kind != "finding"]
    one = part(names[0], [Outcome(claim, Verdict.HOLDS) for claim in claims], adapters=names)
    parts = [deepcopy(one) for _ in names]
    for name, each in zip(names, parts, strict=True):
        each.header["adapter"] = name
    return parts


def test_a_large_table_scrolls_in_its_frame_and_keeps_its_names(opened: Opened) -> None:
    page = opened(many(), viewport={"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.evaluate("document.querySelector('#frame').scrollTo(400, 600)")
    frame = page.locator("#frame").bounding_box()
    row = page.locator("#matrix tr[data-claim='gru.step'] th").bounding_box()
    head = page.locator("#matrix thead th[data-i='15']").bounding_box()
    assert row["x"] == pytest.approx(frame["x"], abs=2)
    assert head["y"] == pytest.approx(frame["y"], abs=2)


@PAGES
def test_it_prints_without_what_only_a_screen_can_do(parts: list[Part], opened: Opened) -> None:
    page = opened(parts, "#open=mixed%2Fgru.step")
    assert page.pdf(format="A4").startswith(b"%PDF-")
    page.emulate_media(media="print")
    for only in ("#filter", "#dialog", "nav", ".copy >> nth=0", ".skip"):
        assert page.locator(only).is_hidden()
    frame = "(f => f.scrollHeight - f.clientHeight)(document.querySelector('#frame'))"
    assert page.evaluate(frame) <= 1
    assert page.locator("[id='c1.gru.step']").is_visible()


def test_nothing_in_a_report_runs(opened: Opened) -> None:
    text = " ".join(HOSTILE)
    page = opened([hostile(text)], before="window.alert = () => { throw new Error('it ran') }")
    cell(page, "gru.step").click()
    assert page.locator("#dialog").is_visible()
    assert page.title() == f"odd {text}: rnnspec".replace("  ", " ")
    for element in page.locator("#dialog *").all()[:40]:
        element.dispatch_event("mouseover")
