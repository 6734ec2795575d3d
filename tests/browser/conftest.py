"""Pages in a real browser: a Chromium that is installed here, spoken to by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from rnnspec.html.page import page as rendered
from rnnspec.parts import Part

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
Opened = Callable[..., Any]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The browser; it is never downloaded."""
    why = "playwright is not installed: pip install --group browser"
    sync_api = pytest.importorskip("playwright.sync_api", reason=why)
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        pytest.skip("there is no Chromium here")
    with sync_api.sync_playwright() as started:
        running = started.chromium.launch(executable_path=found, args=OPTIONS)
        yield running
        running.close()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Opened]:
    """``opened(parts, "#card=5", color_scheme="dark")``: the page of a report, in a browser.

    Nothing may be told on its console, and nothing may be asked for but the page itself.
    """
    contexts: list[Any] = []
    told: list[str] = []

    def open_(parts: Sequence[Part], hash: str = "", before: str = "", **options: Any) -> Any:
        file = tmp_path / "page.html"
        file.write_text(rendered(parts), encoding="utf-8")
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda request: told.append(request.url))
        page.add_init_script(before) if before else None
        page.goto(f"{file.as_uri()}{hash}")
        assert {each.partition("#")[0] for each in told} == {file.as_uri()}
        return page

    yield open_
    for context in contexts:
        context.close()
    assert {each.partition("#")[0] for each in told} <= {(tmp_path / "page.html").as_uri()}
