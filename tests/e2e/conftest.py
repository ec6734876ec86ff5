"""A real server and a real browser, for the tests that need them."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
DEBIAN_BROWSER = Path("/usr/bin/chromium")
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker runs all of these: the bank is built and the browser started once."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.xdist_group("e2e"))


def environment(warehouse: Path) -> dict[str, str]:
    """This process's environment, with another warehouse and its own store."""
    kept = {name: value for name, value in os.environ.items() if name != "CLIENTELE_STORE"}
    return kept | {"CLIENTELE_WAREHOUSE": str(warehouse), "PYTHONUNBUFFERED": "1"}


class Server:
    """`streamlit run app.py` on a port of its own, and what it printed."""

    def __init__(self, warehouse: Path, log: Path, *flags: str) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", "0", *flags]
        self._log = log
        with log.open("w") as out:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment(warehouse), stdout=out, stderr=subprocess.STDOUT
            )
        self.port = int(self._wait_for(r"URL: http://[^:\s]+:(\d+)"))
        self.url = f"http://localhost:{self.port}"
        self._wait_until_healthy()

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
        for _ in range(600):
            if found := re.search(pattern, self.printed):
                return found[1]
            assert self._process.poll() is None, self.printed
            time.sleep(0.05)
        raise AssertionError(self.printed)

    def _wait_until_healthy(self) -> None:
        for _ in range(600):
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

    def start(warehouse: Path, *flags: str) -> Server:
        started.append(Server(warehouse, tmp_path_factory.mktemp("server") / "log.txt", *flags))
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
