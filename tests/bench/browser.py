"""The browser's share: from a click to the repainted chart, in Chromium, beside a rerun of an empty Streamlit page.

    python -m tests.bench.browser data/bench-1000000      a bank's folder, which is only read
    python -m tests.bench.browser data/bench-1000000 --runs 9

The page's own clock is read: from the pointer on the control until two frames after the last change of the chart.
Ours and the empty page in turn, each with a server and a tab of its own, so that what else the machine does falls
on both. The median of the runs counts, of questions asked for the first time and of those asked before.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from analytics.warehouse.versions import current_manifest
from pages._ui.choices import STARTING
from tests.bench.report import kept, machine
from tests.bench.report import table as lined
from tests.bench.users import served
from tests.e2e.conftest import BROWSER_FLAGS, DEBIAN_BROWSER, Server, Visit

RUNS, MOST_FIRST = 5, 4.0  # bar: a first screen's times the empty page's
WHO = "the head-office analyst"  # of tests/bench/analyst_app.py
VALUES = (
    "Money in",
    "Revenue",
    "Card spending",
    "Fees",
    "Average balance",
)  # any but the first shown, profit
COUNTS = re.compile("^Number of (segments|tiers)")
# How a chart is told to be another: by what it writes and by its lines. Two frames after the last such change it
# is on the screen. The clock starts with the pointer, or with the page itself where `begun` is 0.
CLOCK = """
const drawn = places => {
    const found = places.map(place => document.querySelector(place));
    return found.every(one => one?.textContent) && found.map(one => one.textContent
        + [...one.querySelectorAll('path')].map(path => path.getAttribute('d')).join()).join('|');
};
window.clock = {arm(places, begun = null) {
    const before = drawn(places);
    let last = before, changes = 0;
    addEventListener('pointerdown', event => begun ??= event.timeStamp, {capture: true});
    addEventListener('keydown', event => begun ??= event.timeStamp, {capture: true});
    this.done = new Promise((resolve, reject) => {
        const watch = new MutationObserver(() => {
            const now = drawn(places);
            if (begun === null || !now || now === last) return;
            last = now;
            const change = ++changes;
            requestAnimationFrame(() => requestAnimationFrame(() => {
                if (change !== changes || now === before) return;
                watch.disconnect();
                resolve(performance.now() - begun);
            }));
        });
        const all = {subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['d', 'data-stale']};
        watch.observe(document, all);
        setTimeout(() => reject(new Error('nothing was repainted')), 90000);
    });
}};
"""
Step = Callable[["Timed", int], None]


class Timed(Visit):
    """A tab that tells how long a click took to show. chart : what is looked at."""

    def __init__(self, browser: Browser, server: Server, *chart: str) -> None:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        context.add_init_script(CLOCK)
        super().__init__(context.new_page(), server)
        self.chart = chart

    def arm(self) -> None:
        """The next press starts the clock."""
        self.tab.evaluate("places => { clock.arm(places) }", self.chart)

    def read(self) -> float:
        """Milliseconds until the chart was another."""
        milliseconds = float(self.tab.evaluate("clock.done"))
        self.settle()
        return milliseconds

    def first_screen(self) -> float:
        """Milliseconds from asking for the first page until its sentence and its chart are there; once a tab."""
        self.tab.context.add_init_script(f"clock.arm({json.dumps(self.chart)}, 0)")
        self.tab.goto(self.server.url, wait_until="commit")
        return self.read()


@dataclass(frozen=True)
class Change:
    """A change of a chart.

    path : where it is there to be made, with `{run}` for one that needs a new address to be a new question.
    there : makes it, with the clock armed at its last press. back : takes it back. runs : new questions there are.
    """

    name: str
    bar: float
    path: str
    chart: str
    there: Step
    back: Step
    runs: int = 1_000


@dataclass
class Times:
    """Milliseconds of ours and of the empty page."""

    name: str
    bar: float
    ours: list[float] = field(default_factory=list)
    empty: list[float] = field(default_factory=list)

    @property
    def row(self) -> tuple[str, ...]:
        ours, empty = median(self.ours), median(self.empty)
        ratio = ours / empty
        return (
            self.name, f"{len(self.ours)}", f"{ours:,.0f}", f"{empty:,.0f}", f"{ratio:.1f}", f"{self.bar:.0f}",
            kept(ratio, self.bar),
        )  # fmt: skip


def _measured_in(me: Timed, value: str) -> None:
    box = me.tab.get_by_role("combobox", name="Value measured in", exact=True)
    box.click()
    box.fill(value)
    option = me.tab.get_by_role("option", name=value, exact=True)
    option.wait_for()
    me.arm()
    option.click()


def _curve(me: Timed, name: str) -> None:
    me.arm()
    me.tab.get_by_role("radio", name=name).or_(me.tab.get_by_role("button", name=name)).first.click()


def _counted(me: Timed, key: str) -> None:
    """One more or less, which a small bank shows at once; a large one waits for a press of its own."""
    if not me.tab.get_by_role("slider", name=COUNTS).is_visible():
        me.press(re.compile("^How: "))
    me.arm()
    me.tab.get_by_role("slider", name=COUNTS).press(key)
    me.settle()
    again = me.tab.get_by_role("button", name="Run again")
    if again.is_visible():
        me.tab.keyboard.press("Escape")
        me.settle()
        me.arm()
        again.click()


def _of_segments(method: str) -> str:
    return f"/segments?method={method}&seed={{run}}&indicators={','.join(STARTING)}"


def _other_value(name: str, path: str, chart: str) -> Change:
    return Change(
        name, 3.0, f"{path}?value=profit_12m", chart,
        lambda me, run: _measured_in(me, VALUES[run]), lambda me, _run: _measured_in(me, "Profit"), len(VALUES),
    )  # fmt: skip


def _one_more(name: str, bar: float, path: str) -> Change:
    return Change(
        name, bar, path, "segment_pairs",
        lambda me, _run: _counted(me, "ArrowRight"), lambda me, _run: _counted(me, "ArrowLeft"),
    )  # fmt: skip


CHANGES = (
    _other_value("Overview, another value", "/", "whale"),
    _other_value("Value, another value", "/value", "value_curve"),
    Change(
        "Value, the curve on gains", 3.0, "/value?value=profit_12m", "value_curve",
        lambda me, _run: _curve(me, "On gains"), lambda me, _run: _curve(me, "Whale curve"), 0,
    ),
    _one_more("Segments, five value tiers for four", 3.0, _of_segments("value_tiers") + "&set_tiers=4"),
    _one_more("Segments, k-means of five for four", 6.0, _of_segments("kmeans") + "&set_segments=4"),
)  # fmt: skip


def _svg(chart: str) -> str:
    return f".st-key-{chart}:not([data-stale=true]) .main-svg"


def changed(browser: Browser, ours: Server, empty: Server, change: Change, runs: int) -> Iterator[Times]:
    """A change asked anew, then the last of them to and fro, each in turn with the empty page."""
    me, other = Timed(browser, ours, _svg(change.chart)), Timed(browser, empty, "h1")
    other.open()

    def both(times: Times, run: int) -> None:
        change.there(me, run)
        times.ours.append(me.read())
        other.arm()
        other.tab.get_by_role("button", name="Press").click()
        times.empty.append(other.read())

    asked = Times(f"{change.name}: asked for the first time", change.bar)
    for run in range(min(runs, change.runs)):
        me.open(change.path.format(run=run))
        both(asked, run)
    if asked.ours:
        yield asked
    else:
        me.open(change.path)
        change.there(me, 0)
        me.read()
    known = Times(f"{change.name}: asked before", change.bar)
    for _ in range(runs):
        change.back(me, 0)
        me.read()
        both(known, max(0, len(asked.ours) - 1))
    yield known
    me.tab.context.close()
    other.tab.context.close()


def first_screens(browser: Browser, ours: Server, empty: Server, runs: int) -> Iterator[Times]:
    """First screens of new tabs: of servers that nobody has asked anything yet, and then of those that know."""
    new = Times("first screen of a server just started", MOST_FIRST)
    cold = Times("first screen of a new session", MOST_FIRST)
    for run in range(1 + runs):
        times = cold if run else new
        for server, kept_in, places in (
            (ours, times.ours, ("h1", _svg("whale"))),
            (empty, times.empty, ("h1",)),
        ):
            tab = Timed(browser, server, *places)
            kept_in.append(tab.first_screen())
            tab.tab.context.close()
    yield from (new, cold)


@contextmanager
def _empty_page(place: Path) -> Iterator[Server]:
    server = Server(place, place / "empty.txt", app="tests/bench/empty_page.py")
    try:
        yield server
    finally:
        server.stop()


def measure(folder: Path, runs: int = RUNS) -> str:
    """The table, for a bank's folder."""
    executable = str(DEBIAN_BROWSER) if DEBIAN_BROWSER.exists() else None
    with (
        tempfile.TemporaryDirectory() as place,
        served(folder, Path(place), app="tests/bench/analyst_app.py") as ours,
        _empty_page(Path(place)) as empty,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=executable, headless=True, args=BROWSER_FLAGS)
        times = [*first_screens(browser, ours, empty, runs)]
        for change in CHANGES:
            print(f"  {change.name} …", flush=True)
            times += changed(browser, ours, empty, change, runs)
        browser.close()
    return table(times, current_manifest(folder).customers)


def table(times: list[Times], customers: int) -> str:
    """Ours beside the empty page, and whether the bar was kept."""
    what = f"{WHO}'s browser, {customers:,} customers"
    header = (what, "runs", "ours, ms", "empty page, ms", "ratio", "bar", "kept")
    return lined(header, [one.row for one in times])


def main() -> None:
    """Measure as asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=RUNS)
    asked = parser.parse_args()
    print(f"{machine()}\n\n{measure(asked.folder, asked.runs)}")


if __name__ == "__main__":
    main()
