"""The Lifetime value page: what customers will bring, and how well the last prediction came true."""

import pytest

from analytics.access.book import Book
from analytics.access.grants import Grant
from analytics.formats import money, number
from analytics.store.store import open_store
from analytics.value.lifetime.backtest import backtest
from analytics.value.lifetime.outlook import outlook
from analytics.warehouse.engine import open_warehouse
from tests.screens.session import (
    ANALYST,
    BRANCH_MANAGER,
    RM,
    STEWARD,
    opened,
    table_with,
    texts,
    turn_to,
    whole,
)

BOUGHT = "customer_id,booked_at,amount\nA,2025-01-31,10\nA,2026-06-30,-4\nB,2025-03-01,7\n"


def book_of(bank, persona):
    return Book.open(open_warehouse(bank), open_store(None, bank), persona)


@pytest.mark.parametrize("persona", [RM, BRANCH_MANAGER, ANALYST])
def test_the_first_sentence_and_the_tiles_are_the_books_figures(bank, persona):
    at = whole(opened("lifetime", persona=persona))
    book = book_of(bank, persona)
    found = outlook(book, book.as_of())
    seen = texts(at).replace("\u00a0", " ")
    assert (
        f"Your {number(found.count)} customers can be expected to bring {money(found.total, 'CNY')}" in seen
    )
    assert at.metric[0].value == money(found.total, "CNY")
    assert 3 <= len(at.metric) <= 5
    helps = {tile.label: tile.help for tile in at.metric}
    assert helps["Still here then"].startswith(
        "Of the customers who are still here today: the expected share"
    )
    assert "those who left count as zero" in helps["Per customer"]
    listed = table_with(at, "customer_id", "worth", "chance", "seen")
    assert listed["seen"].between(1, 12).all()
    assert listed["worth"].is_monotonic_decreasing
    assert len(listed) == min(found.count, 500)


def test_last_years_prediction_is_held_against_what_came(bank):
    at = whole(opened("lifetime", persona=ANALYST))
    book = book_of(bank, ANALYST)
    tested = backtest(book, book.as_of())
    seen = texts(at).replace("\u00a0", " ")
    assert (
        f"the model would have predicted {money(tested.predicted, 'CNY')} for the year; "
        f"{money(tested.observed, 'CNY')} came: the prediction was" in seen
    )
    groups = table_with(at, "group", "predicted", "observed")
    assert groups["customers"].sum() == tested.customers
    assert "beta-geometric" in seen


def test_the_horizon_and_the_discount_change_the_answer_and_hold_on_coming_back(bank):
    at = whole(opened("lifetime", persona=RM))
    before = at.metric[0].value
    at.number_input(key="lifetime_discount").set_value(0.0).run()
    dearer = whole(at).metric[0].value
    at.segmented_control(key="lifetime_months").set_value(12).run()
    assert "in the 12 months after" in whole(at).title[0].value
    shorter = at.metric[0].value
    assert len({before, dearer, shorter}) == 3
    book = book_of(bank, RM)
    assert shorter == money(outlook(book, book.as_of(), 12, 0.0).total, "CNY")
    assert whole(turn_to(turn_to(at, "overview"), "lifetime")).metric[0].value == shorter


def test_an_as_of_date_without_a_model_says_so_and_a_later_one_lacks_the_comparison_alone(bank):
    at = opened("lifetime", persona=RM)
    dates = at.selectbox(key="as_of").options
    ends = open_warehouse(bank).month_ends
    assert len(dates) == len(ends)
    at.selectbox(key="as_of").set_value(ends[1].isoformat()).run()
    seen = texts(whole(at))
    assert "No lifetime model is fitted as of" in seen
    assert "Models are kept from" in seen
    assert "There is no lifetime value here, so this is profit" in seen
    assert "earned" in at.title[0].value  # the value that is measured, not an empty page
    at.selectbox(key="value").set_value("lifetime_value_36m").run()
    assert "earned" in whole(at).title[0].value
    at.selectbox(key="as_of").set_value(ends[-3].isoformat()).run()
    assert "No lifetime model is fitted as of" in texts(whole(at))
    assert at.metric


def test_without_a_fit_the_page_says_why_and_shows_the_value_instead(own_bank):
    own_bank(transactions=BOUGHT)
    at = whole(opened("lifetime"))
    seen = texts(at)
    assert "There is no lifetime value here" in seen
    assert "came on a second day" in seen
    assert not any("worth" in table.value.columns for table in at.dataframe)


def test_who_may_not_see_profit_sees_no_lifetime_value(bank, bank_store):
    bank_store.grants.give(Grant(STEWARD, "analyst", "bank", columns=frozenset({"pii"})), by=STEWARD)
    at = whole(turn_to(opened(persona=STEWARD), "lifetime"))
    assert "do not show profit figures" in texts(at)
    assert not any("worth" in table.value.columns for table in at.dataframe)
