"""The five pages over the whole bank in one process: how many points its charts get, how much memory it takes,
and what a rerun that changes one widget asks the warehouse."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import plotly.graph_objects as go
import pyarrow as pa
from streamlit.testing.v1 import AppTest

from analytics.access.personas import PERSONAS
from analytics.warehouse.engine import Warehouse
from pages._ui import layout
from tests.screens.session import busy, opened, turn_to

MANAGER, ANALYST = PERSONAS[0].email, PERSONAS[2].email
PAGES = ("overview", "customers", "segments", "value", "glossary")
FIGURES = ("customer_now", "customer_month")  # the tables that figures are read from
PATIENCE = 600  # reruns


@dataclass
class Watched:
    """points : of the largest chart so far. asked : queries that read figures, and others (rights, branches)."""

    points: int = 0
    asked: Counter[str] = field(default_factory=Counter)


@contextmanager
def watching() -> Iterator[Watched]:
    """See every query that reaches a warehouse, and every chart that reaches a page."""
    seen, query, draw = Watched(), Warehouse.query, layout.st.plotly_chart

    def watched_query(self: Warehouse, sql: str, params: list[Any] | None = None) -> pa.Table:
        seen.asked["figures" if any(table in sql for table in FIGURES) else "rights"] += 1
        return query(self, sql, params)

    def watched_chart(figure: go.Figure, **options: Any) -> Any:
        seen.points = max(seen.points, points(figure))
        return draw(figure, **options)

    with (
        patch.object(Warehouse, "query", watched_query),
        patch.object(layout.st, "plotly_chart", watched_chart),
    ):
        yield seen


def points(figure: go.Figure) -> int:
    """How many marks a figure sends to the browser."""
    total = 0
    for trace in figure.data:
        cells = getattr(trace, "z", None)
        x, y = getattr(trace, "x", None), getattr(trace, "y", None)
        total += (
            sum(map(len, cells)) if cells is not None else max(len(() if v is None else v) for v in (x, y))
        )
    return total


def settled(at: AppTest) -> AppTest:
    """The session once the page has its answers. Raises what the page raised."""
    for _ in range(PATIENCE):
        if at.exception:
            raise AssertionError([error.value for error in at.exception])
        if not busy(at):
            return at
        at.run()
    raise AssertionError("still computing")


# What is changed, on which page, how, and how many queries for figures its answer needs.
CHANGES: dict[str, tuple[str, Callable[[AppTest], Any], int]] = {
    "another curve on Value": ("value", lambda at: at.button_group(key="curve").set_value("lorenz"), 0),
    "another segment listed: its customers' names": (
        "segments",
        lambda at: at.selectbox(key="shown_segment_number").select(1),
        1,
    ),
    "another value on Overview: now, a month before, by month, names": (
        "overview",
        lambda at: at.selectbox(key="value").select("credit_amount_12m"),
        4,
    ),
}


def _asked_by(seen: Watched, persona: str) -> dict[str, dict[str, int]]:
    """What the warehouse is asked for by each change, from a page that stands still."""
    found = {}
    for name, (page, change, needed) in CHANGES.items():
        at = settled(opened(page, persona=persona))
        settled(at.run())
        seen.asked.clear()
        change(at)
        settled(at.run())
        found[name] = {"figures": seen.asked["figures"], "needed": needed}
    return found


def walk() -> dict[str, Any]:
    """All pages as head-office analyst, then single changes as relationship manager."""
    with watching() as seen:
        at = settled(opened(persona=ANALYST))
        for page in PAGES:
            settled(turn_to(at, page))
        largest = seen.points
        return {"points": largest, "asked": _asked_by(seen, MANAGER)}
