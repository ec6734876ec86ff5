"""Who stays, and what a year's moves foretell: against plain SQL and plain pandas."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import charts
from analytics.calendar import months_before
from analytics.errors import BadInput, NotEnoughData
from analytics.movement.causes import NOWHERE
from analytics.movement.forecast import Forecast, chances_of, expected_sizes, forecast, forecast_toml
from analytics.movement.retention import GRAINS, LEAST, Retention, retention, retention_toml
from analytics.recipe import Recipe
from analytics.segmentation import segment
from tests.logic.two_dates import FIRST, LAST, TwoDates, people

TIERS = Recipe.from_content({"value": "profit_12m", "method": {"key": "value_tiers"}})
HERE = """coalesce(transactions, 0) > 0 OR coalesce(deposit_cents, 0) <> 0 OR coalesce(investment_cents, 0) <> 0
    OR coalesce(loan_cents, 0) <> 0"""


@pytest.fixture(scope="module")
def last(demo):
    return demo.newest_as_of


def there_at(raw, day):
    """Who has a transaction or a balance in the three months to a day, by plain SQL."""
    rows = raw.sql(f"""SELECT DISTINCT customer_id FROM customer_month JOIN customers USING (customer_no)
        WHERE month_end IN ('{day}', '{months_before(day, 1)}', '{months_before(day, 2)}') AND ({HERE})""")
    return {customer for (customer,) in rows.fetchall()}


def test_a_segments_curve_is_what_sql_counts_of_its_members(demo, whole_book, open_raw, last):
    book, first = whole_book(demo), months_before(last, 9)
    found = retention(book, TIERS, first, last)
    members = segment(book, TIERS.model_copy(update={"as_of": first})).members
    raw = open_raw(demo)
    for back in (9, 4, 0):
        there = there_at(raw, months_before(last, back))
        rows = found.segments[found.segments["month"] == 9 - back].set_index("segment")
        for number, own in members.groupby("segment")["customer_id"]:
            assert rows.loc[number, "customers"] == len(own)
            assert rows.loc[number, "active"] == own.isin(there).sum()
    np.testing.assert_allclose(
        found.segments["share"], found.segments["active"] / found.segments["customers"]
    )
    assert "are still active, the most" in found.sentence
    again = retention_toml(book, TIERS.to_toml(), first, last)
    pd.testing.assert_frame_equal(again.segments, found.segments)


def test_a_cohorts_curve_is_what_sql_counts_of_those_who_joined_together(demo, whole_book, open_raw, last):
    found = retention(whole_book(demo), TIERS, months_before(last, 3), last)
    cohorts, raw = found.cohorts, open_raw(demo)
    step = GRAINS[found.grain]
    start = cohorts["start"].iloc[0]
    begin = max(start, demo.month_ends[0].replace(day=1))  # the data begin within the first
    rows = raw.sql(f"""WITH joined AS (
        SELECT customer_no, least(onboarded_on, min(month_end) FILTER ({HERE})) AS day
        FROM customers LEFT JOIN customer_month USING (customer_no)
        WHERE onboarded_on <= '{last}' GROUP BY customer_no, onboarded_on)
        SELECT customer_id, day FROM joined JOIN customers USING (customer_no)
        WHERE day >= '{begin}' AND day < '{start}'::DATE + INTERVAL {step} MONTH""").fetchall()
    own = cohorts[cohorts["start"] == start]
    assert own["customers"].unique().tolist() == [len(rows)]
    seen = {}
    for k in (0, 3, len(own) - 1):
        active = 0
        for customer, day in rows:  # each from the month that they joined in
            at = months_before(day, -k)
            if at not in seen:
                seen[at] = there_at(raw, at)
            active += customer in seen[at]
        assert own.loc[own["month"] == k, "active"].item() == active


def test_small_cohorts_are_put_together(demo, whole_book, last):
    found = retention(whole_book(demo), TIERS, months_before(last, 3), last)
    sizes = found.cohorts.groupby("start")["customers"].first()
    assert found.grain == "year" or sizes.median() >= LEAST
    starts = [(start.month - 1) % GRAINS[found.grain] for start in sizes.index]
    assert not any(starts)


def test_without_a_month_between_nobody_can_stay(demo, whole_book, last):
    with pytest.raises(BadInput, match="1 to "):
        retention(whole_book(demo), TIERS, last, last)


def test_where_nobody_is_known_to_have_joined_there_is_no_cohort(bank_of, whole_book):
    bank = bank_of(
        transactions="customer_id,booked_at,amount\nA,2026-05-31,5\nB,2026-05-30,7\nA,2026-06-30,9\n"
    )
    found = retention(whole_book(bank), by_credit(), date(2026, 5, 31), date(2026, 6, 30))
    assert found.segments["share"].tolist() == [1.0] * 4  # silent for one month is not gone
    with pytest.raises(NotEnoughData, match="onboarded_on"):
        charts.cohort_heatmap(found.cohorts, found.grain, palette=charts.LIGHT)


def by_credit():
    method = {"key": "value_tiers", "tiers": 2}
    return Recipe.from_content({"value": "credit_amount_12m", "method": method})


def test_the_forecast_and_its_back_test_are_what_pandas_multiplies():
    before, days = date(2024, 6, 30), [date(2024, 6, 30), FIRST, LAST]
    book = TwoDates(people(seed=9, n=290), people(seed=10, n=320).iloc[15:], {before: people(seed=8, n=250)})
    values = [book.frame(("profit_12m",), as_of=day).set_index("customer_id")["profit_12m"] for day in days]
    edges = [-np.inf, *np.quantile(values[-1], [0.25, 0.5, 0.75]), np.inf]
    cut = [pd.cut(value, edges, labels=[4, 3, 2, 1]).astype(int) for value in values]
    states = pd.DataFrame(dict(enumerate(cut))).fillna(0).astype(int)

    def foretold(before, after, now):
        moves = pd.crosstab(states[before], states[after]).reindex(
            index=range(5), columns=range(5), fill_value=0
        )
        chances = moves.div(moves.sum(axis=1), axis=0)
        sizes = states[now].value_counts().reindex(range(1, 5), fill_value=0)
        expected = sizes.to_numpy() @ chances.loc[1:, 1:].to_numpy() + moves.loc[0, 1:].to_numpy()
        return chances, expected

    found = forecast(book, TIERS, LAST)
    chances, expected = foretold(1, 2, 2)
    np.testing.assert_allclose(found.sizes["forecast"], expected)
    np.testing.assert_allclose(found.chances.loc[1:4, [1, 2, 3, 4]], chances.loc[1:, 1:])
    ahead = foretold(0, 1, 1)[1]
    came = states[2].value_counts().reindex(range(1, 5)).to_numpy()
    before = states[1].value_counts().reindex(range(1, 5)).to_numpy()
    np.testing.assert_allclose(found.backtest["forecast"], ahead)
    # Too many here or too few there, whichever is more: as many as would have to be moved, or come, or go.
    many = [(sizes[sizes > came] - came[sizes > came]).sum() for sizes in (ahead, before)]
    few = [(came[sizes < came] - sizes[sizes < came]).sum() for sizes in (ahead, before)]
    assert found.errors == pytest.approx((max(many[0], few[0]), max(many[1], few[1])))
    assert many != few
    assert found.backtest["came"].tolist() == came.tolist()


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ([(100, 130), (50, 50.2)], "“A” grows most, from 100 to about 130 customers, and “B” least, from 50 to about 50."),
        ([(100, 130), (50, 40)], "“A” grows most, from 100 to about 130 customers, and “B” shrinks most, from 50 to about 40."),
        ([(100, 80), (50, 40)], "no segment grows: “A” shrinks most, from 100 to about 80 customers, and “B” least, from 50 to "
                                "about 40."),
        ([(100, 100.3), (50, 49.8)], "no segment grows or shrinks by a whole customer."),
        ([(100, 130)], "“A” goes from 100 to about 130 customers."),
    ],
)  # fmt: skip
def test_what_is_foretold_is_said_as_it_is(sizes, said):
    rows = pd.DataFrame(sizes, columns=["now", "forecast"])
    rows = rows.assign(name=list("AB")[: len(rows)], change=rows["forecast"] - rows["now"])
    found = Forecast(LAST, {}, pd.DataFrame(), pd.DataFrame(), rows, 0.0, 0, None, None)
    assert f"If the next year goes like the last, {said}" in found.sentence


def test_segments_that_keep_alike_have_no_best_and_no_worst():
    rows = pd.DataFrame({"segment": [1, 2], "name": ["A", "B"], "month": [12, 12], "share": [0.5, 0.5]})
    said = Retention(FIRST, LAST, "year", rows, pd.DataFrame()).sentence
    assert said == "After 12 months 50% of the customers of each of the 2 segments are still active."


@pytest.mark.parametrize("method", ["value_tiers", "rfm", "kmeans", "life_stage"])
def test_the_rows_add_up_to_customers(method, demo, whole_book, last):
    recipe = Recipe.from_content({"indicators": ["profit_12m", "tenure_years"], "method": {"key": method}})
    found = forecast(whole_book(demo), recipe, last)
    np.testing.assert_allclose(found.chances.sum(axis=1), 1)
    total = found.sizes["forecast"].sum() + found.leaving
    assert total == pytest.approx(found.sizes["now"].sum() + found.joining)
    assert found.moves.drop(columns=NOWHERE).to_numpy().sum() == found.sizes["now"].sum()
    json.dumps(found.document(), allow_nan=False)
    assert forecast_toml(whole_book(demo), recipe.to_toml(), last).document() == found.document()


squares = st.integers(2, 5).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 50), min_size=n, max_size=n), min_size=n, max_size=n)
)


@given(squares)
def test_whatever_the_moves_nobody_is_lost_or_made(cells):
    moves = np.array(cells)
    moves[NOWHERE, NOWHERE] = 0
    sizes = moves.sum(axis=0)[1:]
    expected, leaving = expected_sizes(moves, sizes)
    np.testing.assert_allclose(chances_of(moves).sum(axis=1), 1)
    assert expected.sum() + leaving == pytest.approx(sizes.sum() + moves[NOWHERE].sum())
    assert (expected >= 0).all()


def test_too_little_history_is_said(demo, whole_book):
    book = whole_book(demo)
    with pytest.raises(NotEnoughData, match="do not reach far enough"):
        forecast(book, TIERS, demo.month_ends[20])
    found = forecast(book, TIERS, demo.newest_as_of)
    assert found.backtest is None
    assert "can't be tested here" in found.sentence
