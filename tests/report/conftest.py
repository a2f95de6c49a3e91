"""A browser for the pages: one for all tests of a worker, since a start takes seconds."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        program = None
    if program is None:
        reason = "no Chromium in PATH, or no playwright: apt-get install chromium; pip install playwright"
        if os.environ.get("HYBAND_TEST_BROWSER") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def opened(browser: Any, path: Path, scheme: str = "light", width: int = 1300, address: str = "", **options: Any) -> Any:
    """The page in a browser without network, all charts drawn; ``troubles`` has what was said or asked for."""
    page = browser.new_context(color_scheme=scheme, offline=True, viewport={"width": width, "height": 900}, **options).new_page()
    page.troubles = []
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("console", lambda message: page.troubles.append(message.text))
    page.on("request", lambda request: page.troubles.append(request.url) if not request.url.startswith(("file:", "blob:", "data:")) else None)
    page.goto(path.as_uri() + address)
    drawn(page)
    return page


def drawn(page: Any) -> None:
    """Wait until every chart is there."""
    page.wait_for_selector("html[data-drawn=yes]", state="attached", timeout=120_000)
