"""Make the pictures of docs/screenshots anew: `make screenshots`, over the demo bank of CLIENTELE_WAREHOUSE.

Each page at 1440 and 390 pixels, in the light; Segments also in the dark and in Chinese. Pages that a relationship
manager has not are shown to a persona who has; the customer is of the relationship manager's book.
"""

import os
import tempfile
from pathlib import Path
from types import MappingProxyType

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.conftest import BROWSER_FLAGS, DEBIAN_BROWSER, ROOT, Server

PAGES = MappingProxyType(
    {
        "overview": "",
        "customers": "customers",
        "segments": "segments",
        "compare": "compare",
        "value": "value",
        "profit": "profit",
        "lifetime": "lifetime",
        "movement": "movement",
        "needs": "needs",
        "campaigns": "campaigns",
        "customer": "customer?on_customer=C0000029",
        "glossary": "glossary",
    }
)
OTHERS = (
    ("volumes", "Volumes", "Back-office"),
    ("team", "Team", "Branch manager"),
    ("review", "Review", "Branch manager"),
    ("rates", "Rates", "Data steward"),
    ("data", "Data", "Data steward"),
    ("access", "Access", "Data steward"),
    ("audit", "Audit", "Auditor"),
)
PICTURES = ROOT / "docs" / "screenshots"
TALLEST = 2600


def picture(
    browser: Browser,
    url: str,
    width: int,
    path: Path,
    theme: str = "light",
    persona: str = "",
    turn_to: str = "",
) -> None:
    """The whole page, as tall as it is."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=theme)
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("h1", timeout=60_000)
    if persona:
        page.get_by_role("combobox", name="You are", exact=True).click()
        page.get_by_role("option", name=persona).first.click()
        page.wait_for_timeout(2000)
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=turn_to, exact=True).click()
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(4000)
    page.wait_for_function("() => !document.querySelector('[data-testid=stProgress]')", timeout=60_000)
    tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": max(900, min(tall + 16, TALLEST))})
    page.wait_for_timeout(1500)
    page.screenshot(path=path)
    context.close()


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    warehouse = Path(os.environ.get("CLIENTELE_WAREHOUSE", "data/warehouse"))
    with tempfile.TemporaryDirectory() as folder:
        taken(Server(warehouse, Path(folder) / "server.log"))


def taken(server: Server) -> None:
    executable = str(DEBIAN_BROWSER) if DEBIAN_BROWSER.exists() else None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=BROWSER_FLAGS)
        for name, path in PAGES.items():
            for width, ending in ((1440, ""), (390, "-phone")):
                picture(browser, f"{server.url}/{path}", width, PICTURES / f"{name}{ending}.png")
        for name, title, persona in OTHERS:
            for width, ending in ((1440, ""), (390, "-phone")):
                picture(
                    browser,
                    server.url,
                    width,
                    PICTURES / f"{name}{ending}.png",
                    persona=persona,
                    turn_to=title,
                )
        picture(browser, f"{server.url}/segments", 1440, PICTURES / "segments-dark.png", "dark")
        picture(browser, f"{server.url}/segments?lang=zh_CN", 1440, PICTURES / "segments-chinese.png")
        browser.close()
    server.stop()


if __name__ == "__main__":
    main()
