"""Waiting, stopping, failing; and asking the warehouse no more than the answer needs."""

import json
import re
import time
from threading import Event

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analytics.alerts import report
from analytics.errors import NotEnoughData
from analytics.jobs import checkpoint
from analytics.overview import overview
from analytics.translation import use_language
from analytics.warehouse.engine import Warehouse
from pages._ui import cache
from tests.screens.session import (
    ANALYST,
    BRANCH_MANAGER,
    RM,
    address,
    busy,
    opened,
    segments_of,
    texts,
    turn_to,
    whole,
)

MOST_POINTS = 2_000
# Ten billion pairs: minutes, unless it is interrupted.
ENDLESS = (
    "SELECT sum(a.range * b.range) FROM range(100000) a, range(100000) b WHERE (a.range + b.range) % 7 <> 3"
)


@pytest.fixture
def cold():
    """No answer is known yet."""
    st.cache_resource.clear()


@pytest.fixture
def queries(monkeypatch):
    """The statements that reach the warehouse."""
    asked = []
    ask = Warehouse.query

    def counted(self, sql, params=None):
        asked.append(sql)
        return ask(self, sql, params)

    monkeypatch.setattr(Warehouse, "query", counted)
    return asked


@pytest.fixture
def slow(bank, monkeypatch):
    """The Overview's answer waits until it is let go, or stopped."""
    go_on = Event()

    def slow_overview(book, change):
        while not go_on.wait(0.02):
            checkpoint()
        return overview(book, change)

    slow_overview.__qualname__ = f"slow_overview_{time.monotonic_ns()}"
    monkeypatch.setattr("analytics.overview.overview", slow_overview)
    yield go_on
    go_on.set()


def of_figures(asked):
    """Without the lookups of who it is that every rerun makes anew."""
    return [sql for sql in asked if not re.search(r"FROM (grants|employees|branches)|branch_id FROM", sql)]


# --- waiting and stopping


def test_a_long_answer_shows_that_it_is_computed_and_how_to_stop(slow):
    at = opened(persona=RM)
    assert not at.exception
    assert busy(at)
    assert not at.metric
    assert at.sidebar.selectbox
    slow.set()
    assert whole(at.run()).metric


def test_a_stopped_answer_says_so_and_runs_again_when_asked(slow):
    at = opened(persona=RM)
    at.button(key="stop").click().run()
    assert "Stopped." in texts(at)
    assert not busy(at)
    slow.set()
    at.button(key="run_again").click().run()
    assert whole(at).metric


def test_the_other_pages_stay_open_while_one_computes(slow):
    at = opened(persona=RM)
    assert busy(at)
    assert whole(turn_to(at, "value")).metric


def test_a_page_of_many_answers_over_a_large_bank_comes_to_its_end(bank, monkeypatch):
    """Seven at once and a long one: none takes the place of another, so that each is computed once."""

    def page():
        import streamlit as st

        from pages._ui.cache import answer
        from pages._ui.screen import open_book
        from tests.screens.session import ANALYST
        from tests.screens.test_waiting import long

        book = open_book(ANALYST)
        st.title(str([answer(long, book, n) for n in range(8)]))

    monkeypatch.setattr(cache, "LARGE", 0)
    ASKED.clear()
    at = AppTest.from_function(page, default_timeout=60).run()
    assert busy(at)
    assert whole(at).title[0].value == str([*range(8)])
    assert sorted(ASKED) == [*range(8)]


ASKED = []


def long(_book, n):
    ASKED.append(n)
    time.sleep(2 if n == 7 else 0)
    return n


def test_one_person_who_stops_does_not_stop_the_answer_for_another_scope(slow):
    mine, theirs = opened(persona=RM), opened(persona=BRANCH_MANAGER)
    mine.button(key="stop").click().run()
    slow.set()
    assert whole(theirs.run()).metric


def test_who_shares_a_stopped_answer_gets_it_computed_anew(slow):
    one, other = opened(persona=RM), opened(persona=RM)
    one.button(key="stop").click().run()
    slow.set()
    assert whole(other.run()).metric
    assert "Stopped." not in texts(other)


def test_stopping_interrupts_the_query_that_runs(bank, monkeypatch):
    ended = Event()

    def endless(book, change):
        try:
            return book.warehouse.query(ENDLESS)
        finally:
            ended.set()

    monkeypatch.setattr("analytics.overview.overview", endless)
    at = opened(persona=RM)
    assert busy(at)
    assert not ended.is_set()
    at.button(key="stop").click().run()
    assert ended.wait(5)
    assert "Stopped." in texts(at)


# --- failing


def test_what_a_person_can_act_on_is_shown_with_what_to_try(bank, monkeypatch):
    def refuses(book, change):
        raise NotEnoughData("Too few customers.", "Widen the population.")

    monkeypatch.setattr("analytics.overview.overview", refuses)
    at = opened(persona=RM)
    assert not at.exception
    assert "**Too few customers.** Widen the population." in texts(at)
    assert whole(turn_to(at, "value")).title


def test_a_bug_is_shown_by_a_number_that_the_log_has_and_by_nothing_else(bank, monkeypatch, caplog):
    def breaks(book, change):
        raise ZeroDivisionError("secret of the machine")

    monkeypatch.setattr("analytics.overview.overview", breaks)
    at = opened(persona=RM)
    assert not at.exception
    said = at.error[0].value
    quoted = re.search(r"quote number ([0-9a-f]{8})", said)[1]
    assert quoted in caplog.text
    assert "secret of the machine" in caplog.text
    assert not any(word in texts(at) for word in ("secret", "ZeroDivision", "Traceback", "overview.py"))


def test_after_a_bug_the_same_question_is_asked_anew(bank, monkeypatch):
    broken = [True]

    def breaks_once(book, change):
        if broken.pop() if broken else False:
            raise ZeroDivisionError
        return overview(book, change)

    monkeypatch.setattr("analytics.overview.overview", breaks_once)
    at = opened(persona=RM)
    assert "not your fault" in texts(at)
    assert whole(at.run()).metric


def test_no_warehouse_any_more_is_told_not_traced(bank):
    at = whole(opened(persona=RM))
    (bank / "current").unlink()
    at.run()
    assert not at.exception
    assert not at.metric
    assert at.warning or at.error


# --- economy


def test_switching_the_curve_asks_the_warehouse_for_no_figure(bank, queries):
    at = whole(opened("value", persona=RM))
    for curve in ("lorenz", "pareto", "whale"):
        queries.clear()
        at.button_group(key="curve").set_value(curve).run()
        whole(at)
        names = [sql for sql in of_figures(queries) if "SELECT customer_id, name FROM customers" in sql]
        assert of_figures(queries) == names  # only the names beside the fifty best, which are never cached


@pytest.mark.parametrize("persona", [RM, ANALYST])
def test_another_value_on_the_overview_asks_four_times(bank, queries, persona):
    """Its change, its months, and the names of who moved and of what there is to look at."""
    at = whole(opened(persona=persona))
    queries.clear()
    at.selectbox(key="value").select("credit_amount_12m")
    assert "Money in" in texts(whole(at.run()))
    figures = [sql for sql in queries if "customer_now" in sql or "customer_month" in sql]
    assert len(figures) <= 4, figures


def test_what_there_is_to_look_at_is_put_in_order_once(bank, cold, monkeypatch):
    """Over a million customers it takes a third of a second, which every rerun would feel."""
    ordered, put = [], report._in_order

    def counted(*parts):
        ordered.append(1)
        return put(*parts)

    monkeypatch.setattr(report, "_in_order", counted)
    at = whole(opened(persona=RM))
    assert "to look at" in texts(at)
    whole(at.run())
    assert len(ordered) == 1


@pytest.mark.parametrize("page", ["overview", "customers", "segments", "value", "glossary"])
def test_coming_back_to_a_page_computes_nothing_again(bank, queries, page, monkeypatch):
    at = whole(opened(page, persona=RM))
    queries.clear()
    at.run()
    computed = [sql for sql in of_figures(queries) if "customer_month" in sql or "profit_12m" in sql]
    assert not computed


def test_choosing_a_segment_or_an_axis_does_not_run_the_recipe_again(bank, monkeypatch):
    at = whole(opened("segments", persona=RM))
    runs = []
    monkeypatch.setattr("analytics.segmentation.segment", lambda *_: runs.append(1))
    at.selectbox(key="shown_segment_number").set_value(1).run()
    at.session_state["pick_in_chart"] = True
    at.run()
    at.selectbox(key="scatter_x").set_value("tenure_years").run()
    whole(at)
    assert not runs


@pytest.mark.parametrize("page", ["overview", "customers", "segments", "value"])
def test_no_chart_gets_more_than_two_thousand_points(bank, page):
    at = whole(opened(page, persona=ANALYST))
    charts = at.get("plotly_chart")
    assert charts
    for chart in charts:
        assert points(json.loads(chart.proto.spec)) <= MOST_POINTS


def test_a_chart_behind_a_closed_panel_is_not_sent(bank):
    """Two thousand customers are four times as much as the rest of the page."""
    at = whole(opened("segments", persona=ANALYST))
    closed = len(at.get("plotly_chart"))
    at.session_state["pick_in_chart"] = True
    assert len(whole(at.run()).get("plotly_chart")) == closed + 1


def points(spec):
    """How many points a figure's traces hold together; a heat map's are its cells."""
    return sum(
        max((length(trace.get(axis)) for axis in ("x", "y", "z")), default=0) for trace in spec["data"]
    )


def length(values):
    if isinstance(values, dict):  # packed: base 64 of 8-byte floats, or of smaller numbers
        size = int(re.search(r"\d", values["dtype"])[0])
        return len(values["bdata"]) * 3 // 4 // size
    if values and isinstance(values[0], list):
        return sum(len(row) for row in values)
    return len(values or ())


# --- answers and scopes


def test_no_answer_of_one_scope_reaches_another_however_warm_the_cache(bank, cold):
    first = {person: look(person) for person in (ANALYST, BRANCH_MANAGER, RM)}
    again = {person: look(person) for person in (RM, ANALYST, BRANCH_MANAGER)}
    assert first == again
    assert len({seen["customers"] for seen in first.values()}) == 3


def look(person):
    at = whole(opened("segments", persona=person))
    book = at.session_state["book"]
    return {
        "customers": int(segments_of(at)["customers"].sum()),
        "book": book.count(),
        "said": at.title[0].value,
    }


def test_a_language_has_answers_of_its_own(bank):
    english = whole(opened("segments", persona=RM))
    use_language("zh_CN")  # AppTest writes out a widget's options in the test's own language
    try:
        chinese = whole(opened("segments", persona=RM, link=address(english) | {"lang": "zh_CN"}))
    finally:
        use_language("en")
    assert segments_of(english)["customers"].tolist() == segments_of(chinese)["customers"].tolist()
    assert segments_of(english)["name"].tolist() != segments_of(chinese)["name"].tolist()
    again = whole(opened("segments", persona=RM, link=address(english)))
    assert segments_of(again)["name"].tolist() == segments_of(english)["name"].tolist()
