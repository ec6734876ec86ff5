"""A real server and a real browser, for the tests that need them."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    TimeoutError,
    ViewportSize,
    expect,
    sync_playwright,
)

collect_ignore = [
    "endless_app.py"
]  # an app of its own: imported here, it would change the product for other tests
ROOT = Path(__file__).parents[2]
DEBIAN_BROWSER = Path("/usr/bin/chromium")
PATIENCE = 90  # seconds for what an idle machine shows in one or two: a claim is not about speed
TRIES = 6  # of a click on something that the page may be drawing anew
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A walk gets two more chances: on a shared machine a browser may be slow, and a real fault fails thrice."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.flaky(reruns=2))


def environment(warehouse: Path) -> dict[str, str]:
    """This process's environment, with another warehouse and its own store."""
    kept = {name: value for name, value in os.environ.items() if name != "CLIENTELE_STORE"}
    return kept | {"CLIENTELE_WAREHOUSE": str(warehouse), "PYTHONUNBUFFERED": "1"}


class Server:
    """`streamlit run app.py` on a port of its own, and what it printed. app : another one instead."""

    def __init__(self, warehouse: Path, log: Path, *flags: str, app: str = "app.py") -> None:
        command = [sys.executable, "-m", "streamlit", "run", app, "--server.port", "0", *flags]
        self._log = log
        with log.open("w") as out:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment(warehouse), stdout=out, stderr=subprocess.STDOUT
            )
        self.port = int(self._wait_for(r"URL: http://[^:\s]+:(\d+)"))
        self.url = f"http://localhost:{self.port}"
        self._wait_until_healthy()

    @property
    def process(self) -> int:
        return self._process.pid

    @property
    def printed(self) -> str:
        return self._log.read_text()

    def links(self) -> list[str]:
        """The owner's links that were printed so far."""
        return re.findall(r"http://\S+\?token=\S+", self.printed)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)

    def _wait_for(self, pattern: str) -> str:
        for _ in range(PATIENCE * 20):
            if found := re.search(pattern, self.printed):
                return found[1]
            assert self._process.poll() is None, self.printed
            time.sleep(0.05)
        raise AssertionError(self.printed)

    def _wait_until_healthy(self) -> None:
        for _ in range(PATIENCE * 20):
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/_stcore/health").status_code == 200:
                    return
            except httpx.TransportError:
                assert self._process.poll() is None, self.printed
            time.sleep(0.05)
        raise AssertionError(self.printed)


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start servers that stop when the tests end: `start_server(warehouse, *flags)`."""
    started: list[Server] = []

    def start(warehouse: Path, *flags: str, app: str = "app.py") -> Server:
        started.append(Server(warehouse, tmp_path_factory.mktemp("server") / "log.txt", *flags, app=app))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def demo_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo bank, built once."""
    warehouse = tmp_path_factory.mktemp("demo") / "warehouse"
    command = [sys.executable, "-m", "analytics", "demo", "--customers", "2000"]
    command += ["--transactions-per-customer", "60", "--warehouse", str(warehouse)]
    subprocess.run(command, cwd=ROOT, env=environment(warehouse), check=True, capture_output=True)
    return warehouse


@pytest.fixture(scope="session")
def app_server(start_server: Callable[..., Server], demo_warehouse: Path) -> Server:
    """The app over the demo bank."""
    return start_server(demo_warehouse)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium where it is installed, else Playwright's own."""
    debian = str(DEBIAN_BROWSER) if DEBIAN_BROWSER.exists() else None
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=debian, headless=True, args=BROWSER_FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh tab without cookies."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    yield context.new_page()
    context.close()


class Visit:
    """One tab over one server: what it asked for, what it complained about, and what to do on a page."""

    def __init__(self, tab: Page, server: Server) -> None:
        self.tab, self.server = tab, server
        tab.set_default_timeout(PATIENCE * 1000)
        self.asked: list[str] = []
        self.complaints: list[str] = []
        tab.on("request", lambda request: self.asked.append(request.url))
        tab.on("console", self._listen)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str = "/") -> None:
        self.tab.goto(path if path.startswith("http") else self.server.url + path)
        self.settle()

    def settle(self) -> None:
        """Wait until the page says nothing more: twice, because a click is heard a moment later."""
        for _ in range(2):
            self.tab.wait_for_timeout(150)
            self.tab.wait_for_function(_IS_STILL)

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for what an action leads to; fails when it never comes."""
        for _ in range(PATIENCE * 10):
            if holds():
                return
            self.tab.wait_for_timeout(100)
        assert holds(), (self.tab.url, self.headline)

    def turn_to(self, page: str) -> None:
        """Follow the navigation, opening it where it is folded away."""
        link = self.tab.get_by_test_id("stSidebarNav").get_by_role("link", name=page, exact=True)
        if not link.is_visible() or self._is_folded():
            self.tab.get_by_role("button", name="Expand sidebar").click()
        link.click()
        self.settle()

    def become(self, persona: str, page: str) -> None:
        """Look through somebody else's eyes at a page of theirs; a sidebar that was folded away is so again."""
        folded = self._is_folded()
        if folded:
            self.tab.get_by_role("button", name="Expand sidebar").click()
        self.choose("You are", persona)
        self.turn_to(page)
        if folded and not self._is_folded():
            self.tab.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()

    def choose(self, control: str, option: str | re.Pattern[str]) -> None:
        """Pick from a list of choices; again where the page was drawn anew meanwhile, which closes the list."""
        box = self.tab.get_by_role("combobox", name=control, exact=True)
        wanted = option if isinstance(option, re.Pattern) else re.compile(re.escape(option), re.IGNORECASE)
        trouble: Exception | None = None
        for attempt in range(1, TRIES + 1):
            box.click()
            if isinstance(option, str):  # long lists draw only what is in view
                if attempt > 1:  # what an attempt before left there would be no news, and open no list
                    box.fill(option[:-1])
                box.fill(option)
            try:
                self.tab.get_by_role("option", name=option).first.click(timeout=3_000 * attempt)
                self.settle()
                expect(box).to_have_value(wanted, timeout=3_000 * attempt)
                return
            except (TimeoutError, AssertionError) as missed:
                trouble = missed
            self.settle()
        raise AssertionError(f"{control} never became {option}: it says {box.input_value()!r}") from trouble

    def press(self, name: str | re.Pattern[str]) -> None:
        self.tab.get_by_role("button", name=name).click()
        self.settle()

    def click_row(self, table: str, row: int) -> None:
        """Click where a table's rows are chosen; 0 is the first. Again where the page moved under the click."""
        grid = self.tab.locator(f"[class*=st-key-{table}] canvas").first
        chosen = grid.locator(f"tr[aria-rowindex='{row + 2}'][aria-selected=true]")
        for attempt in range(1, TRIES + 1):
            grid.scroll_into_view_if_needed()
            place = grid.bounding_box()
            assert place
            self.tab.mouse.click(place["x"] + 15, place["y"] + 52 + 35 * row)
            for _ in range(10 * attempt):
                if chosen.count() or not grid.count():  # some rows lead to another page
                    self.settle()
                    return
                self.tab.wait_for_timeout(100)
            self.settle()
        raise AssertionError(f"row {row} of {table} was never chosen")

    @property
    def headline(self) -> str:
        return self.tab.locator("h1").inner_text().replace("\u00a0", " ")

    @property
    def quiet_line(self) -> str:
        return self.tab.get_by_test_id("stCaptionContainer").first.inner_text()

    def strangers(self) -> list[str]:
        """What was asked of anybody but this server."""
        local = (self.server.url, self.server.url.replace("http", "ws"), "data:", "blob:")
        return [url for url in self.asked if not url.startswith(local)]

    def _is_folded(self) -> bool:
        return self.tab.get_by_role("button", name="Expand sidebar").is_visible()

    def _listen(self, message: ConsoleMessage) -> None:
        # On a deep link the front end also asks for its own health below that path, and takes the 404 well.
        probing = re.search(r"/\w+/_stcore/(health|host-config)$", message.location.get("url", ""))
        if message.type == "error" and not probing:
            self.complaints.append(f"{message.text} {message.location.get('url')}")


_IS_STILL = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    return app && document.querySelector('h1, [data-testid=stAlert]')
        && app.dataset.testScriptState == 'notRunning'
        && app.dataset.testConnectionState == 'CONNECTED'
        && !document.querySelector('[data-testid=stSpinner], .st-key-busy');
}"""


@pytest.fixture
def visit(browser: Browser, app_server: Server) -> Iterator[Callable[..., Visit]]:
    """Open tabs of strangers to each other; at the end nobody complained and nothing left this machine."""
    visits: list[Visit] = []

    def opened(width: int = 1440, height: int = 900, server: Server = app_server, **options: Any) -> Visit:
        viewport = ViewportSize(width=width, height=height)
        context = browser.new_context(viewport=viewport, locale="en-GB", **options)
        visits.append(Visit(context.new_page(), server))
        return visits[-1]

    yield opened
    for one in visits:
        one.tab.context.close()
        assert not one.complaints
        assert not one.strangers()
