"""Alerts about money: what left, what matures, who changed tier."""

from datetime import date
from typing import Any

import pandas as pd

from analytics.alerts.base import FOUND, Alert, Asked, Threshold, told
from analytics.calendar import months_before
from analytics.formats import day, money, percent
from analytics.translation import mark
from analytics.translation import translate as _
from analytics.value.shocks import tiers

USUAL = 3  # months whose mean a balance is held against


def _outflow(asked: Asked) -> pd.DataFrame:
    """A month for which the bank has balances counts, whether this customer held anything in it or not."""
    first = months_before(asked.as_of, USUAL + 1)
    sql = f"""SELECT customer_no, DATE '{asked.as_of}' AS since, DATE '{asked.as_of}' AS period,
            before - after AS size, before AS first, after AS second
        FROM (SELECT customer_no,
                sum(CASE WHEN month_end = DATE '{asked.as_of}' THEN held ELSE 0 END) AS after,
                sum(CASE WHEN month_end < DATE '{asked.as_of}' THEN held ELSE 0 END)
                    / (SELECT greatest(1, count(DISTINCT month_end)) FROM balances
                        WHERE month_end > DATE '{first}' AND month_end < DATE '{asked.as_of}') AS before
            FROM (SELECT customer_no, month_end, (deposit_cents + investment_cents) / 100.0 AS held
                FROM customer_month SEMI JOIN spine USING (customer_no)
                WHERE month_end > DATE '{first}' AND month_end <= DATE '{asked.as_of}')
            GROUP BY customer_no)
        WHERE before > 0 AND before - after >= {asked.said["amount"]!r} AND before - after >= {asked.said["share"]!r} * before"""
    return told(asked, sql, "large outflow")


def _outflow_words(row: Any, asked: Asked) -> str:
    fell = row.first - row.second
    # Of what fell through zero no share says anything.
    by = percent(fell / row.first) if row.second >= 0 else money(fell, asked.base)
    return _(
        "The balance fell by {share} to {now}; the three months before it was {before} on average."
    ).format(share=by, now=money(row.second, asked.base), before=money(row.first, asked.base))


def _maturing(asked: Asked) -> pd.DataFrame:
    """A term begins when the account is opened and again when it has run out, as long as the account is open."""
    products = {key: months for key, months in asked.terms.items() if months > 0}
    if not products:
        return pd.DataFrame(columns=FOUND)
    terms = ", ".join(f"({_quoted(key)}, {int(months)})" for key, months in sorted(products.items()))
    until = f"DATE '{asked.day}' + INTERVAL {int(asked.said['days'])} DAY"
    sql = f"""WITH term(product_id, months) AS (VALUES {terms}),
        running AS (
            SELECT accounts.customer_no, account_id, coalesce(products.name, product_id) AS product,
                opened_on, months, coalesce(accounts.currency, products.currency, {_quoted(asked.base)}) AS currency,
                greatest(1, date_diff('month', opened_on, DATE '{asked.day}') // months) AS terms
            FROM accounts JOIN products USING (product_id) JOIN term USING (product_id)
            SEMI JOIN spine ON spine.customer_no = accounts.customer_no
            WHERE category = 'deposit' AND opened_on <= DATE '{asked.as_of}'
                AND (closed_on IS NULL OR closed_on > DATE '{asked.as_of}')),
        coming AS (
            SELECT *, (opened_on + to_months(CAST(months * (terms + step) AS INTEGER)))::DATE AS matures
            FROM running CROSS JOIN (VALUES (0), (1)) AS steps(step)),
        due AS (
            SELECT customer_no, account_id, min(matures) AS matures, any_value(product) AS product,
                any_value(currency) AS currency
            FROM coming WHERE matures >= DATE '{asked.day}' GROUP BY customer_no, account_id)
        SELECT customer_no, matures AS since, matures AS period,
            CASE WHEN count(amount) = count(*) THEN sum(amount) END AS size,
            string_agg(DISTINCT product, ', ' ORDER BY product) AS first,
            CASE WHEN count(amount) = count(*) THEN sum(amount) END AS second
        FROM (SELECT due.*, average_balance::DOUBLE * rate AS amount FROM due
            LEFT JOIN (FROM balances WHERE month_end = DATE '{asked.as_of}') AS held USING (account_id)
            LEFT JOIN (FROM month_rate WHERE month_end = DATE '{asked.as_of}') AS rates USING (currency))
        WHERE matures <= {until} GROUP BY customer_no, matures"""
    return told(asked, sql, "maturing deposits")


def _maturing_words(row: Any, asked: Asked) -> str:
    matures = day(_date(row.since))
    if pd.isna(row.second):  # without a balance or a rate nobody knows how much
        return _("{product} matures on {day}.").format(product=row.first, day=matures)
    return _("{product} of {amount} matures on {day}.").format(
        product=row.first, amount=money(row.second, asked.base), day=matures
    )


def _no_terms(asked: Asked) -> str | None:
    if any(months > 0 for months in asked.terms.values()):
        return None
    return _(
        "The data have no maturity dates. Say how many months your term deposits run, and they are worked out."
    )


def _tiers(asked: Asked) -> pd.DataFrame:
    """Tiers as on the Profit page (A bring 80% of the book's total, A and B 95%), of everybody who was in the book
    then; who joined since has not moved."""
    if asked.measured is None:
        return pd.DataFrame(columns=FOUND)
    rows = asked.measured.rows.fillna({"before": 0.0, "now": 0.0, "held": 0.0})
    stayed = rows[~rows["joined"]]
    here, then = tiers(rows["now"].to_numpy()), tiers(stayed["before"].to_numpy())
    if here is None or then is None:
        return pd.DataFrame(columns=FOUND)
    both = stayed.assign(second=here[~rows["joined"].to_numpy()], first=then)
    change = (both["now"] - both["before"]).abs()
    moved = both[(both["first"] != both["second"]) & (change >= asked.said["share"] * both["before"].abs())]
    return moved.assign(since=asked.as_of, period=asked.as_of, size=moved["held"])[FOUND]


def _tiers_words(row: Any, asked: Asked) -> str:
    rose = _("Rose from tier {before} to {now} in {label} since the month end before.")
    fell = _("Fell from tier {before} to {now} in {label} since the month end before.")
    text = rose if row.second < row.first else fell
    return text.format(before=row.first, now=row.second, label=asked.value.label.lower())


def _quoted(text: str) -> str:
    """A text as an SQL literal.

    >>> _quoted("D'1")
    "'D''1'"
    """
    return "'" + str(text).replace("'", "''") + "'"


def _date(moment: Any) -> date:
    return pd.Timestamp(moment).date()


ALERTS = (
    Alert(
        key="outflow",
        label=mark("Large outflow"),
        meaning=mark(
            "Deposits and investments of the month to the as-of date lie below their mean of the three months before by at least this share and this amount. A month without a balance counts as nothing held; foreign balances count at each month's rate. It comes back with the next month that it is so."
        ),
        find=_outflow,
        sentence=_outflow_words,
        thresholds=(
            Threshold("share", mark("Fell by at least"), 0.4, 0.01, 1.0, "share"),
            Threshold("amount", mark("and by an amount of"), 50_000, 0, 1e12, "currency"),
        ),
        needs=("balances.average_balance",),
        history=2,
    ),
    Alert(
        key="maturing",
        label=mark("Maturing deposit"),
        meaning=mark(
            "An open deposit whose term, counted in whole months from the day it was opened and again from each end of a term, ends within these days. How long a product's term is, you say; others are not watched."
        ),
        find=_maturing,
        sentence=_maturing_words,
        thresholds=(Threshold("days", mark("Within days"), 30, 1, 365, "days"),),
        needs=("accounts.opened_on", "products.category"),
        lacks=_no_terms,
    ),
    Alert(
        key="tier",
        label=mark("Change of tier"),
        meaning=mark(
            "The customer's tier in the value chosen for all pages is another than at the month end before, and the value changed by at least this share. Tier A are the best who bring 80% of your book's total, A and B together 95%. It comes back with the next change."
        ),
        find=_tiers,
        sentence=_tiers_words,
        thresholds=(Threshold("share", mark("Value changed by at least"), 0.1, 0.0, 10.0, "share"),),
        history=2,
        by_value=True,
    ),
)  # fmt: skip
