"""One customer whole: standing among peers, events, referrals, and what nobody else learns of."""

import itertools
from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics.access.relationship import accounts_of, referred_by
from analytics.charts import LIGHT, customer_story
from analytics.customer import (
    EVENTS,
    TOO_FEW,
    customer,
    events,
    months_of,
    peers_sentence,
    standing,
    who_sentence,
)
from analytics.errors import NotAllowed, NotEnoughData, UnknownName
from analytics.indicators import CATALOGUE
from analytics.translation import in_language
from analytics.value.quantity import Quantity

MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)
SOMEBODY = "C0000008"


def test_a_customers_standing_is_that_of_plain_sql(demo, whole_book, open_raw):
    found = standing(whole_book(demo), SOMEBODY, demo.newest_as_of)
    con = open_raw(demo)
    peers = """FROM customer_now AS other JOIN customer_now AS me ON me.customer_id = ? AND other.customer_id <> me.customer_id
        AND other.customer_type = me.customer_type AND other.business_line = me.business_line AND other.region = me.region"""
    assert found.count == con.execute(f"SELECT count(*) {peers}", [SOMEBODY]).fetchone()[0]
    assert found.count >= TOO_FEW
    for key in ("profit_12m", "tenure_years", "products_held", "nps", "balance_average_3m"):
        lower, known, mine = con.execute(
            f'SELECT count(*) FILTER (other."{key}" < me."{key}"), count(other."{key}"), any_value(me."{key}") {peers}',
            [SOMEBODY],
        ).fetchone()
        expected = lower / known if known >= TOO_FEW and mine is not None else np.nan
        assert found.above[key] == pytest.approx(expected, nan_ok=True)


def test_peers_are_of_the_book_and_too_few_are_not_compared(hand, whole_book):
    found = standing(whole_book(hand), "C1", JUNE)
    assert found.alike == {"customer_type": "personal", "business_line": "Retail", "region": "East"}
    assert found.count == 1
    assert found.above.isna().all()
    assert peers_sentence(found).endswith("region East: 1, too few to compare with.")
    with in_language("zh_CN"):
        said = peers_sentence(found)
    assert all(word in said for word in ("个人", "零售", "华东"))
    lonely = standing(whole_book(hand), "C5", JUNE)
    assert lonely.alike == {"customer_type": "personal", "business_line": None, "region": None}
    assert "unknown" in peers_sentence(lonely)


def test_somebody_in_the_middle_is_above_half_of_the_others(bank_of, whole_book):
    people = [f"P{n}" for n in range(11)]
    bank = bank_of(
        transactions="customer_id,booked_at,amount\n"
        + "".join(f"{one},2026-06-30,{n}\n" for n, one in enumerate(people)),
        customers="customer_id,business_line\n" + "".join(f"{one},It's fine\n" for one in people),
    )
    for customer_id, share in (("P0", 0.0), ("P5", 0.5), ("P10", 1.0)):
        found = standing(whole_book(bank), customer_id, JUNE, ("credit_amount_12m",))
        assert (found.count, found.above["credit_amount_12m"]) == (10, share)
        assert "only 10, so read this with care" in peers_sentence(found)


def test_without_profit_nothing_made_of_it_is_compared_or_shown(demo, whole_book):
    book = whole_book(demo, "pii")
    assert not {"profit_12m", "lifetime_value_36m"} & set(
        standing(book, SOMEBODY, demo.newest_as_of).above.index
    )
    with pytest.raises(NotAllowed, match="profit_12m"):
        standing(book, SOMEBODY, demo.newest_as_of, ("profit_12m",))
    one = customer(book, SOMEBODY, demo.newest_as_of, "credit_amount_12m")
    assert not {key for key in one.figures.index if CATALOGUE[key].sensitivity == "profit"}


def test_the_sentence_says_who_it_is_what_they_are_worth_and_since_when(hand, whole_book):
    value = Quantity.of(CATALOGUE["credit_amount_12m"], "CNY")
    one = customer(whole_book(hand), "C1", JUNE, value.key)
    assert who_sentence(one, value, JUNE) == (
        "Anna Berg: money in of CNY 1.06 k on 30 June 2026; customer since 15 January 2024."
    )
    assert who_sentence(one, value, JUNE, "Best").endswith(
        "customer since 15 January 2024, in segment “Best”."
    )
    assert one.before == 100  # of June 2025, and the first of July
    masked = customer(whole_book(hand, ""), "C1", JUNE, value.key)
    assert who_sentence(masked, value, JUNE).startswith("A•••: ")
    late = customer(whole_book(hand), "C6", MAY, value.key)
    assert who_sentence(late, value, MAY) == "Fay Guo had not joined on 31 May 2026."
    with pytest.raises(NotEnoughData, match="had not joined"):
        standing(whole_book(hand), "C6", MAY)


def test_events_are_in_order_until_the_date_and_hold_outs_were_not_contacted(hand, whole_book):
    rows = events(whole_book(hand), "C1", JUNE)
    told = [(moment.date().isoformat(), kind, about) for moment, kind, about in rows.itertuples(index=False)]
    assert told == [
        ("2024-01-15", "opened", "Deposit"), ("2024-01-15", "opened", "Deposit"), ("2024-02-20", "referral", ""),
        ("2026-01-10", "survey", "3"), ("2026-03-01", "contact", "Spring"), ("2026-03-05", "answer", "Spring"),
        ("2026-05-10", "survey", "9"), ("2026-06-10", "referral", ""),
    ]  # fmt: skip
    assert set(events(whole_book(hand), "C1", date(2026, 2, 28))["kind"]) == {"opened", "referral", "survey"}
    held_out = events(whole_book(hand), "C2", JUNE)
    assert held_out["kind"].tolist() == ["opened"]
    assert events(whole_book(hand), "C5", JUNE).empty
    assert set(rows["kind"]) <= set(EVENTS)


def test_accounts_have_the_months_balance_and_closed_ones_come_last(hand, whole_book):
    rows = accounts_of(whole_book(hand), "C4", JUNE)
    assert rows[["account_id", "product", "category", "balance"]].to_numpy().tolist() == [
        ["A4", "Deposit", "deposit", 730.0], ["A5", "Plan", "wealth", 5000.0],
    ]  # fmt: skip
    assert accounts_of(whole_book(hand), "C6", MAY).empty


def test_referred_customers_are_those_of_the_book_with_what_they_brought(hand, whole_book, book_with):
    rows = referred_by(whole_book(hand, "pii"), "C1", JUNE)
    assert rows["customer_id"].tolist() == ["C6", "C2"]
    assert rows["brought"].tolist() == [5.0, pytest.approx(whole_money_in(hand, whole_book, "C2"))]
    with_profit = referred_by(whole_book(hand), "C1", JUNE).set_index("customer_id")["brought"]
    figures = whole_book(hand).frame(("profit_12m",)).set_index("customer_id")["profit_12m"]
    assert with_profit.to_dict() == pytest.approx(figures[["C6", "C2"]].to_dict())
    mine = book_with(hand, {"role": "relationship_manager", "level": "own", "employee_id": "E1"})
    assert referred_by(mine, "C1", JUNE)["customer_id"].tolist() == ["C6"]
    assert referred_by(whole_book(hand), "C1", MAY)["customer_id"].tolist() == ["C2"]


def whole_money_in(hand, whole_book, customer_id):
    return whole_book(hand).frame_of(customer_id, ("credit_amount_12m",))["credit_amount_12m"]


def test_nobody_outside_the_book_is_opened_in_any_way(hand, book_with):
    mine = book_with(
        hand, {"role": "relationship_manager", "level": "own", "employee_id": "E1", "columns": "pii,profit"}
    )
    for ask in (
        lambda: customer(mine, "C2", JUNE, "credit_amount_12m"),
        lambda: events(mine, "C2", JUNE),
        lambda: mine.rows_of("contacts", "C2"),
        lambda: mine.rows_of("surveys", "C2"),
        lambda: mine.rows_of("referrals", "C2"),
    ):
        with pytest.raises(UnknownName, match="no customer C2"):
            ask()
    assert accounts_of(mine, "C2", JUNE).empty
    assert referred_by(mine, "C2", JUNE).empty
    with pytest.raises(NotEnoughData):
        standing(mine, "C2", JUNE)


def test_a_survey_that_asks_for_religion_shows_it_with_its_class_alone(bank_of, whole_book):
    bank = bank_of(
        transactions="customer_id,booked_at,amount\nA,2026-06-30,1\n",
        surveys="customer_id,surveyed_on,nps,religion,phone\nA,2026-06-01,9,taoist,13800138000\n",
    )
    assert whole_book(bank).rows_of("surveys", "A")["religion"].tolist() == ["taoist"]
    shown = whole_book(bank, "profit").rows_of("surveys", "A")
    assert "religion" not in shown
    assert "138" not in str(shown["phone"].iloc[0])


def test_where_nothing_tells_customers_apart_all_others_are_peers(bank_of, whole_book):
    bank = bank_of(transactions="customer_id,booked_at,amount\nA,2026-06-30,1\nB,2026-06-30,1\n")
    found = standing(whole_book(bank), "A", JUNE)
    assert peers_sentence(found) == "Peers are all other customers of your book: 1."


# --- the picture


def test_the_months_of_a_customer_who_went_quiet_go_on_to_the_date(bank_of, whole_book):
    book = whole_book(
        bank_of(
            transactions="customer_id,booked_at,amount\nA,2026-01-05,7\nA,2026-03-05,-2\nB,2026-06-30,5\n"
        )
    )
    told = months_of(book, "A", JUNE)
    assert told["month_end"].tolist() == [date(2026, month, day) for month, day in
                                          [(1, 31), (2, 28), (3, 31), (4, 30), (5, 31), (6, 30)]]  # fmt: skip
    assert told["money_in"].tolist() == [7, 0, 0, 0, 0, 0]
    assert told["money_out"].tolist() == [0, 0, 2, 0, 0, 0]
    assert told["balance"].isna().all()
    assert months_of(book, "A", date(2026, 2, 28))["money_in"].tolist() == [7, 0]
    assert months_of(book, "B", date(2026, 5, 31)).empty


def test_months_are_labelled_evenly_and_no_more_than_a_phone_has_room_for():
    sparse = months(31).iloc[[0, 10, 14, 15, 16, 30]]
    shown = customer_story(
        sparse, pd.DataFrame({"day": pd.to_datetime([]), "kind": [], "about": []}), {}, "CNY", palette=LIGHT
    )
    ticks = shown.layout.xaxis.ticktext
    assert len(ticks) <= 6
    assert ticks[-1] == "2028-07"
    places = [int(text[:4]) * 12 + int(text[5:]) for text in ticks]
    assert len(set(np.diff(places))) == 1


def months(n=6):
    ends = pd.date_range("2026-01-31", periods=n, freq="ME")
    return pd.DataFrame({"month_end": ends.date, "balance": 1.0, "money_in": 2.0, "money_out": 1.0})


def test_each_kind_of_event_has_a_row_of_its_own_beneath_the_months(hand, whole_book):
    kinds = dict(zip(EVENTS, EVENTS, strict=True))
    rows = events(whole_book(hand), "C1", JUNE)
    figure = customer_story(months(), rows, kinds, "CNY", palette=LIGHT)
    marks = [trace for trace in figure.data if trace.yaxis == "y3"]
    assert list(figure.layout.yaxis3.ticktext) == ["contact", "answer", "survey", "referral"]
    assert [len(trace.x) for trace in marks] == [1, 1, 2, 1]  # those of 2024 lie before
    assert len({trace.marker.symbol for trace in marks}) == len(marks)
    parts = sorted(tuple(figure.layout[axis].domain) for axis in ("yaxis", "yaxis2", "yaxis3"))
    assert all(above[0] >= below[1] for below, above in itertools.pairwise(parts))


@pytest.mark.parametrize("known", [["balance"], ["money_in", "money_out"], ["money_out"]])
def test_a_customer_with_half_of_a_picture_has_their_events_beneath_it(hand, whole_book, known):
    """A customer without an account, or a bank without balances."""
    rows = events(whole_book(hand), "C1", JUNE)
    figure = customer_story(months()[["month_end", *known]], rows, dict(EVENTS), "CNY", palette=LIGHT)
    above, below = figure.layout.yaxis.domain, figure.layout.yaxis3.domain
    assert 0 == below[0] < below[1] < above[0] < above[1] == 1
    assert len([trace for trace in figure.data if trace.yaxis == "y3"]) == 4


def test_without_events_or_with_names_that_are_markup_the_picture_holds(hand, whole_book):
    none = events(whole_book(hand), "C5", JUNE)
    assert len(customer_story(months(), none, {}, "CNY", palette=LIGHT).data) == 3
    hostile = pd.DataFrame({"day": [pd.Timestamp("2026-03-01")], "kind": ["contact"], "about": ["<b>x</b>"]})
    figure = customer_story(months(), hostile, {"contact": "Contacted"}, "CNY", palette=LIGHT)
    assert "<b>x" not in str(figure.data[-1].hovertext)
    with pytest.raises(NotEnoughData):
        customer_story(months(1), hostile, {"contact": "Contacted"}, "CNY", palette=LIGHT)
