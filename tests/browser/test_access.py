"""Pages for those who read otherwise: contrast, and what a checker of accessibility finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnspec.parts import Part
from tests.browser.test_pages import PAGES, SCHEMES, SEVERAL, SINGLE

Opened = Callable[..., Any]
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"

CONTRAST = """() => {
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => {
    const [r, g, b] = rgba(colour).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (rgba(colour)[3] === 255) return colour;
    }
    return "white";
  };
  const found = {};
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (element.matches("script, style, option")) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const name = `${element.tagName} ${element.className} ${element.dataset.v ?? ""}`;
    found[name] = Math.min(found[name] ?? 99, ratio);
  }
  return found;
}"""


@PAGES
@SCHEMES
@pytest.mark.parametrize("address", ["", "#open=mixed%2Fgru.step"])
def test_text_stands_out(parts: list[Part], scheme: str, address: str, opened: Opened) -> None:
    page = opened(parts, address, color_scheme=scheme)
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (dark == "rgb(23, 24, 27)") is (scheme == "dark")
    ratios = page.evaluate(CONTRAST)
    assert len(ratios) > 20
    assert {name: ratio for name, ratio in ratios.items() if ratio < 4.5} == {}


def test_a_verdict_is_told_in_words_and_in_a_table(opened: Opened) -> None:
    page = opened(SEVERAL)
    table = page.get_by_role("table", name="Claims by implementations")
    assert table.get_by_role("columnheader", name="mixed").is_visible()
    assert table.get_by_role("rowheader", name="gru.step").is_visible()
    assert table.get_by_role("button", name="violated", exact=True).count() == 1
    assert table.get_by_role("button", name="adapter broken", exact=True).count() == 1
    assert page.get_by_role("status").first.inner_text().startswith("57 of 57")
    assert page.get_by_role("group", name="Verdict").is_visible()


def test_what_has_the_focus_can_be_seen(opened: Opened) -> None:
    page = opened(SINGLE)
    for _ in range(12):
        page.keyboard.press("Tab")
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 1, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not there: npm ci in tests/browser")
@PAGES
@pytest.mark.parametrize(
    ("address", "scheme"),
    [("#verdict=violated&card=7", "light"), ("#open=mixed%2Fgru.step", "dark")],
    ids=["table", "dialog"],
)
def test_axe_finds_nothing(parts: list[Part], address: str, scheme: str, opened: Opened) -> None:
    page = opened(parts, address, color_scheme=scheme)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    tags = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
    found = page.evaluate(f"axe.run({{ runOnly: {tags} }})")
    assert len(found["passes"]) > 20
    assert [
        (each["id"], each["help"], [node["html"][:120] for node in each["nodes"]][:3])
        for each in found["violations"]
    ] == []
