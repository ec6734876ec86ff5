"""Each alert against a statement that owes nothing to it, on paper, and as its thresholds move."""

from datetime import date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from analytics.access.reads import Read
from analytics.alerts.base import FOUND
from analytics.alerts.report import (
    ALERTS,
    COLUMNS,
    alerts,
    checked,
    unavailable,
    unmarked,
    with_sentences,
    with_value,
    without_value,
)
from analytics.change import change
from analytics.errors import BadInput, NotAllowed, UnknownName
from analytics.store.marks import Mark

MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)
TERMS = {"maturing": {"terms": {"D02": 12, "D03": 36}}}
LOOSE = {
    "outflow": {"share": 0.2, "amount": 1_000},
    "drifting": {"share": 0.8, "usual": 2},
    "maturing": {"days": 90, **TERMS["maturing"]},
    "tier": {"share": 0.0},
    "birthday": {"days": 45},
    "review": {"months": 6, "days": 60},
}


@pytest.fixture(scope="module")
def found(demo, whole_book):
    """Every alert of the synthetic bank with loose thresholds."""
    return alerts(whole_book(demo), demo.newest_as_of, LOOSE)


def pairs(rows, alert):
    mine = rows[rows["alert"] == alert]
    return set(zip(mine["customer_id"], pd.to_datetime(mine["period"]).dt.date, strict=True))


def said(con, sql, **params):
    return {(row[0], row[1].date() if isinstance(row[1], datetime) else row[1])
            for row in con.execute(sql, params).fetchall()}  # fmt: skip


# --- against plain SQL from the contract's tables


def test_outflows_are_those_that_the_balances_say(found, demo, open_raw):
    """From the accounts' balances, in whole cents a customer and month, as the marts keep them; a month without one
    is a month in which nothing was held."""
    day = demo.newest_as_of
    expected = said(
        open_raw(demo),
        """WITH held AS (
            SELECT accounts.customer_id, month_end,
                sum(CASE WHEN category IN ('loan', 'card') THEN 0 ELSE round(average_balance * rate, 2) END) AS amount,
                bool_or(category NOT IN ('loan', 'card')) AS known
            FROM balances JOIN accounts USING (account_id) JOIN products USING (product_id)
            JOIN month_rate USING (month_end) WHERE month_rate.currency = accounts.currency GROUP BY ALL),
        three AS (
            SELECT customer_id, sum(amount) / 3 AS before FROM held
            WHERE known AND month_end < $day AND month_end > last_day($day - INTERVAL 4 MONTH) GROUP BY customer_id)
        SELECT customer_id, $day FROM three LEFT JOIN (FROM held WHERE month_end = $day) AS now USING (customer_id)
        WHERE before - coalesce(amount, 0) >= 1000 AND before - coalesce(amount, 0) >= 0.2 * before""",
        day=day,
    )
    assert len(expected) > 30
    assert pairs(found, "outflow") == expected


def test_drifting_are_those_whose_transactions_say_so(found, demo, open_raw):
    day = demo.newest_as_of
    quarter = date(day.year, day.month - (day.month - 1) % 3, 1)
    expected = said(
        open_raw(demo),
        """SELECT customer_id, $quarter FROM (
            SELECT customers.customer_id,
                count(*) FILTER (booked_at >= date_trunc('month', $day) - INTERVAL 2 MONTH) AS recent,
                count(*) FILTER (booked_at < date_trunc('month', $day) - INTERVAL 2 MONTH) AS earlier
            FROM transactions JOIN customers USING (customer_no)
            WHERE booked_at >= date_trunc('month', $day) - INTERVAL 11 MONTH AND booked_at < $day + INTERVAL 1 DAY
            GROUP BY customers.customer_id)
        WHERE earlier >= 6 AND recent * 3 < 0.8 * earlier""",
        day=day,
        quarter=quarter,
    )
    assert len(expected) > 20
    assert pairs(found, "drifting") == expected


def test_deposits_mature_when_their_terms_end(found, demo, open_raw):
    """All ends of all terms of thirty years are written out, and those within the days kept."""
    expected = said(
        open_raw(demo),
        """WITH ends AS (
            SELECT accounts.customer_id, (opened_on + to_months(CAST(months * n AS INTEGER)))::DATE AS matures
            FROM accounts JOIN (VALUES ('D02', 12), ('D03', 36)) AS term(product_id, months) USING (product_id)
            CROSS JOIN range(1, 31) AS ends(n)
            WHERE opened_on <= $day AND (closed_on IS NULL OR closed_on > $day))
        SELECT DISTINCT customer_id, matures FROM ends WHERE matures BETWEEN $day AND $day + 90""",
        day=demo.newest_as_of,
    )
    assert len(expected) > 3
    assert pairs(found, "maturing") == expected


def test_birthdays_are_the_coming_ones(found, demo, open_raw):
    rows = (
        open_raw(demo)
        .execute("SELECT customer_id, birth_date FROM customers WHERE birth_date IS NOT NULL")
        .fetchall()
    )
    day, expected = demo.newest_as_of, set()
    for customer, born in rows:
        for year in (day.year, day.year + 1):
            last = born.day if (born.month, born.day) != (2, 29) or year % 4 == 0 else 28
            if day <= (coming := date(year, born.month, last)) <= day + timedelta(days=45):
                expected.add((customer, coming))
    assert len(expected) > 50
    assert pairs(found, "birthday") == expected


def test_reviews_are_due_when_the_assessment_runs_out(found, demo, open_raw):
    expected = said(
        open_raw(demo),
        """SELECT customer_id, (risk_assessed_on + INTERVAL 6 MONTH)::DATE FROM customers
        WHERE date_sub('day', risk_assessed_on + INTERVAL 6 MONTH, $day) >= -60""",
        day=demo.newest_as_of,
    )
    assert len(expected) > 100
    assert pairs(found, "review") == expected


def test_tiers_change_where_the_cuts_of_both_months_say_so(found, demo, whole_book):
    book, day = whole_book(demo), demo.newest_as_of
    earlier = demo.month_ends[-2]

    def tier(as_of):
        amounts = book.frame(("profit_12m",), as_of=as_of).set_index("customer_id")["profit_12m"].fillna(0.0)
        ordered = amounts.sort_values(ascending=False)
        share = ordered.cumsum() / ordered.sum()
        least = [ordered[(share >= cut - 1e-12).idxmax()] for cut in (0.80, 0.95)]
        return amounts.map(lambda one: "A" if one >= least[0] else "B" if one >= least[1] else "C")

    both = pd.concat([tier(earlier), tier(day)], axis=1, join="inner", keys=["before", "now"])
    expected = {(customer, day) for customer in both.index[both["before"] != both["now"]]}
    assert len(expected) > 5
    assert pairs(found, "tier") == expected
    mine = found[found["alert"] == "tier"].set_index("customer_id")
    assert mine["first"].to_dict() == both.loc[mine.index, "before"].to_dict()
    assert mine["second"].to_dict() == both.loc[mine.index, "now"].to_dict()


# --- on paper, with the bank of six customers


def hand_alerts(hand, whole_book, said, as_of=JUNE, **more):
    found = alerts(whole_book(hand), as_of, said, **more)
    return {(row.alert, row.customer_id): row for row in found.itertuples()}


def test_an_outflow_on_paper(bank_of, whole_book):
    """Means of 90,000; 50,000 left of one, 80,000 of another; a third holds nothing any more, and a fourth, who left
    in April, had 30,000 on average."""
    days = ("2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30")
    held = {
        "A": (80_000, 90_000, 100_000, 50_000),
        "B": (90_000, 90_000, 90_000, 80_000),
        "C": (90_000, 90_000, 90_000),
        "D": (90_000,),
    }
    balances = "".join(
        f"{one},{day},{amount}\n"
        for one, amounts in held.items()
        for day, amount in zip(days, amounts, strict=False)
    )
    bank = bank_of(
        transactions="customer_id,booked_at,amount\n"
        + "".join(f"{one},2026-06-30,1\n{one},2025-06-30,1\n" for one in held),
        accounts="account_id,customer_id\n" + "".join(f"{one},{one}\n" for one in held),
        balances="account_id,month_end,average_balance\n" + balances,
    )
    book = whole_book(bank)
    found = alerts(book, JUNE, {"outflow": {"share": 0.4, "amount": 40_000}})
    assert found[["alert", "customer_id", "size", "first", "second"]].to_numpy().tolist() == [
        ["outflow", "C", 90_000, 90_000, 0], ["outflow", "A", 40_000, 90_000, 50_000],
    ]  # fmt: skip
    assert with_sentences(found, book, JUNE)["sentence"].tolist()[1] == (
        "The balance fell by 44% to CNY 50 k; the three months before it was CNY 90 k on average."
    )
    assert len(alerts(book, JUNE, {"outflow": {"share": 0.4, "amount": 40_001}})) == 1
    loose = alerts(book, JUNE, {"outflow": {"share": 0.1, "amount": 10_000}}).set_index("customer_id")
    assert loose["first"].to_dict() == {"A": 90_000, "B": 90_000, "C": 90_000, "D": 30_000}


def test_what_falls_through_zero_is_told_in_money_and_what_was_below_is_no_outflow(bank_of, whole_book):
    held = {"A": (900, 900, 900, -100), "B": (-100, -100, -100, -2_000), "C": (0, 0, 0, 0)}
    days = ("2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30")
    bank = bank_of(
        transactions="customer_id,booked_at,amount\n"
        + "".join(f"{one},2026-06-30,1\n{one},2025-06-30,1\n" for one in held),
        accounts="account_id,customer_id\n" + "".join(f"{one},{one}\n" for one in held),
        balances="account_id,month_end,average_balance\n"
        + "".join(f"{one},{day},{amount}\n" for one, row in held.items() for day, amount in zip(days, row, strict=True)),
    )  # fmt: skip
    book = whole_book(bank)
    found = alerts(book, JUNE, {"outflow": {"share": 0.01, "amount": 0}})
    assert with_sentences(found, book, JUNE)[["customer_id", "sentence"]].to_numpy().tolist() == [
        ["A", "The balance fell by CNY 1 k to CNY -100; the three months before it was CNY 900 on average."]
    ]


def test_a_deposit_matures_to_the_month_and_again_after_each_term(hand, whole_book):
    """A1 was opened on 15 January 2024, A6 on 10 June 2026; A7 of the same product closes on 1 July."""
    terms = {"maturing": {"days": 40, "terms": {"P1": 6}}}
    found = hand_alerts(hand, whole_book, terms)
    assert found["maturing", "C1"].since == date(2026, 7, 15)
    assert found["maturing", "C1"].size == 365_000
    assert ("maturing", "C6") not in found  # December
    soon = hand_alerts(hand, whole_book, {"maturing": {"days": 14, "terms": {"P1": 6}}})
    assert ("maturing", "C1") not in soon
    at_the_day = hand_alerts(hand, whole_book, {"maturing": {"days": 1, "terms": {"P1": 12}}})
    assert at_the_day["maturing", "C4"].since == JUNE  # opened on 30 June 2022


@pytest.mark.parametrize("without", ["balances", "a rate"])
def test_a_deposit_of_nobody_knows_how_much_matures_without_an_amount(bank_of, whole_book, without):
    """No figure is no nought."""
    tables = {
        "transactions": "customer_id,booked_at,amount\nA,2026-06-30,1\n",
        "accounts": "account_id,customer_id,product_id,opened_on,currency\nA1,A,P1,2026-01-05,USD\nA2,A,P1,2026-01-05,CNY\n",
        "products": "product_id,name,category\nP1,Deposit,deposit\n",
    }
    if without == "a rate":
        tables["balances"] = "account_id,month_end,average_balance\nA1,2026-06-30,500\nA2,2026-06-30,700\n"
    book = whole_book(bank_of(**tables))
    found = alerts(book, JUNE, {"maturing": {"days": 30, "terms": {"P1": 6}}})
    assert with_sentences(found, book, JUNE)["sentence"].tolist() == ["Deposit matures on 5 July 2026."]


def test_without_a_term_nothing_matures_and_it_is_said_what_is_missing(hand, whole_book):
    assert not [key for key in hand_alerts(hand, whole_book, {}) if key[0] == "maturing"]
    reasons = unavailable(whole_book(hand), JUNE)
    assert "no maturity dates" in reasons["maturing"]
    assert "risk_assessed_on" in reasons["review"]


def test_birthdays_on_paper(hand, whole_book):
    """Born on 1 July 1990; on 29 February 1980; on 31 December 1955; on 10 June 2001."""
    found = hand_alerts(hand, whole_book, {"birthday": {"days": 1}})
    assert {key[1] for key in found if key[0] == "birthday"} == {"C1"}
    assert found["birthday", "C1"].first == 36
    whole_year = hand_alerts(hand, whole_book, {"birthday": {"days": 366}})
    assert whole_year["birthday", "C2"].since == date(2027, 2, 28)
    today = hand_alerts(hand, whole_book, {"birthday": {"days": 1}}, today=date(2026, 12, 30))
    assert {key[1] for key in today if key[0] == "birthday"} == {"C4"}
    before = hand_alerts(hand, whole_book, {"birthday": {"days": 1}}, as_of=MAY, today=date(2026, 12, 30))
    assert not [key for key in before if key[0] == "birthday"]  # counted from 31 May


def test_a_review_is_due_from_twelve_months_on(bank_of, whole_book):
    bank = bank_of(
        transactions="customer_id,booked_at,amount\nA,2026-06-30,1\nB,2026-06-30,1\nC,2026-06-30,1\nD,2026-06-30,1\n",
        customers="customer_id,risk_assessed_on\nA,2025-06-29\nB,2025-07-30\nC,2025-07-31\nD,\n",
    )
    book = whole_book(bank)
    found = alerts(book, JUNE)
    told = with_sentences(found, book, JUNE).set_index("customer_id")["sentence"].to_dict()
    assert set(told) == {"A", "B"}
    assert told["A"].startswith("The risk assessment of 29 June 2025 ran out on 29 June 2026:")
    assert told["B"] == "The risk assessment of 30 July 2025 runs out on 30 July 2026."


def test_at_the_first_month_end_what_needs_history_says_so(hand, whole_book):
    reasons = unavailable(whole_book(hand), hand.month_ends[0])
    assert {"outflow", "drifting", "tier"} <= set(reasons)
    assert "too few months" in reasons["drifting"]


# --- laws


def test_the_largest_come_first_and_all_that_a_screen_needs_is_there(found):
    assert list(found.columns) == COLUMNS == ["alert", *FOUND]
    assert found["size"].is_monotonic_decreasing
    assert not found[["alert", "customer_id", "since", "period", "size"]].isna().any().any()
    assert not found.duplicated(["alert", "customer_id", "period"]).any()
    assert set(found["alert"]) == set(ALERTS)


def test_every_alert_that_is_shown_is_a_sentence(found, demo, whole_book):
    shown = with_sentences(found.groupby("alert").head(3), whole_book(demo), demo.newest_as_of)["sentence"]
    assert shown.str.endswith(".").all()
    assert not shown.str.contains("nan|None|{").any()


SHARES = some.floats(0.01, 1.0)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shares=some.tuples(SHARES, SHARES), amounts=some.tuples(some.integers(0, 500_000), some.integers(0, 500_000)),
    days=some.tuples(some.integers(1, 365), some.integers(1, 365)),
)  # fmt: skip
def test_a_stricter_threshold_never_finds_more(demo, whole_book, shares, amounts, days):
    def at(choose):
        """Thresholds: `choose` says which of two is the stricter where fewer, or less, is found above."""
        other = min if choose is max else max
        return {
            "outflow": {"share": choose(shares), "amount": choose(amounts)},
            "drifting": {"share": other(shares)}, "tier": {"share": choose(shares)},
            "maturing": {"days": other(days), **TERMS["maturing"]},
            "birthday": {"days": other(days)}, "review": {"days": other(days)},
        }  # fmt: skip

    book = whole_book(demo)
    strict, loose = (alerts(book, demo.newest_as_of, at(choose)) for choose in (max, min))
    for key in ALERTS:
        assert pairs(strict, key) <= pairs(loose, key)


def test_a_book_sees_its_own_customers_alone_and_each_is_as_in_the_whole(found, demo, book_with):
    own = book_with(
        demo,
        {"role": "relationship_manager", "level": "own", "employee_id": "E0001", "columns": "pii,profit"},
    )
    mine = set(own.frame(())["customer_id"])
    here = alerts(own, demo.newest_as_of, LOOSE)
    assert set(here["customer_id"]) <= mine
    for key in set(ALERTS) - {"tier"}:  # tiers are of the book
        assert pairs(here, key) == {pair for pair in pairs(found, key) if pair[0] in mine}


def test_birthdays_are_there_with_their_class_alone(demo, whole_book):
    without = whole_book(demo, "profit")
    assert "birthday" not in set(alerts(without, demo.newest_as_of, LOOSE)["alert"])
    assert "birthday" not in unavailable(without, demo.newest_as_of, LOOSE)


def test_tiers_of_a_value_that_is_not_granted_are_refused(demo, whole_book):
    without = whole_book(demo, "pii")
    with pytest.raises(NotAllowed, match="profit_12m"):
        alerts(without, demo.newest_as_of, value="profit_12m")
    assert "tier" in set(alerts(without, demo.newest_as_of, LOOSE, value="credit_amount_12m")["alert"])


def test_every_rule_is_recorded_by_its_name(demo, whole_book):
    told = []
    book = whole_book(demo)
    book.record = told.append
    alerts(book, demo.newest_as_of, LOOSE)
    assert all(isinstance(read, Read) for read in told)
    names = {name for read in told for name in read.what}
    assert {"large outflow", "drifting customers", "maturing deposits", "birthdays", "reviews due"} <= names


# --- marks


def test_what_was_dealt_with_is_hidden_until_it_happens_anew(found):
    row = found[found["alert"] == "outflow"].iloc[0]
    period = pd.Timestamp(row["period"]).date()
    mark = Mark("outflow", row["customer_id"], period, "done", datetime(2026, 7, 1))
    left = unmarked(found, [mark])
    assert len(left) == len(found) - 1
    assert (row["customer_id"], period) not in pairs(left, "outflow")
    earlier = Mark("outflow", row["customer_id"], period - timedelta(days=31), "done", datetime(2026, 7, 1))
    other = Mark("drifting", row["customer_id"], period, "done", datetime(2026, 7, 1))
    pd.testing.assert_frame_equal(unmarked(found, [earlier, other]), found)
    pd.testing.assert_frame_equal(unmarked(found, []), found)


def test_the_same_outflow_in_the_next_month_is_another(demo, whole_book):
    book = whole_book(demo)
    periods = [
        {period for _customer, period in pairs(alerts(book, day, LOOSE), "outflow")}
        for day in demo.month_ends[-2:]
    ]
    assert periods == [{demo.month_ends[-2]}, {demo.month_ends[-1]}]


# --- thresholds


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"unheard_of": {}}, UnknownName),
        ({"outflow": {"unheard_of": 1}}, UnknownName),
        ({"outflow": {"share": 2}}, BadInput),
        ({"outflow": {"share": "much"}}, BadInput),
        ({"outflow": {"amount": float("nan")}}, BadInput),
        ({"outflow": {"share": True}}, BadInput),
        ({"birthday": {"days": 0}}, BadInput),
        ({"maturing": {"terms": {"P1": -1}}}, BadInput),
        ({"maturing": {"terms": {"P1": 1.5}}}, BadInput),
        ({"outflow": {"terms": {}}}, UnknownName),
    ],
)
def test_a_threshold_that_can_not_be_is_refused(hand, whole_book, said, error):
    with pytest.raises(error):
        checked(said)
    with pytest.raises(error):
        alerts(whole_book(hand), JUNE, said)


def test_every_rule_has_words_and_thresholds_within_their_bounds():
    for alert in ALERTS.values():
        assert alert.label
        assert alert.meaning.endswith(".")
        assert alert.thresholds
        for threshold in alert.thresholds:
            assert threshold.checked(threshold.default) == threshold.default


def test_a_product_with_a_quote_in_its_id_is_only_a_product(hand, whole_book):
    assert not hand_alerts(hand, whole_book, {"maturing": {"terms": {"P1'; DROP TABLE x; --": 6}}}).get(
        ("maturing", "C1")
    )


def test_another_value_asks_the_rules_alone_that_it_decides(demo, whole_book):
    book = whole_book(demo)
    day = demo.newest_as_of
    by_value = {key for key, alert in ALERTS.items() if alert.by_value}
    assert by_value == {"tier"}
    others = without_value(book, day, LOOSE)
    assert not set(others.rows["alert"]) & by_value
    decided = []
    for key in ("profit_12m", "credit_amount_12m"):
        found = with_value(book, others, change(book, key, day))
        pd.testing.assert_frame_equal(found, alerts(book, day, LOOSE, value=key))
        decided.append(found[found["alert"].isin(by_value)].reset_index(drop=True))
        assert len(decided[-1])
        assert len(found) == len(others.rows) + len(decided[-1])
    assert not decided[0].equals(decided[1])
