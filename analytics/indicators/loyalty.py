"""How long and how deeply a customer is with the bank."""

import ibis

from analytics.indicators.base import Indicator, Reading
from analytics.translation import mark as _


def _open_only(m: Reading, column: str) -> object:
    # A condition inside the count, not a filter on it: DuckDB and Spark agree on the former only.
    return ibis.cases((m.rows.is_open == 1, m.rows[column])).nunique()


def _answered_on(m: Reading) -> object:
    # DuckDB passes over a latest survey without an answer, Spark would give its NULL.
    return ibis.cases((m.rows.nps.notnull(), m.rows.surveyed_on))


INDICATORS = (
    Indicator(
        key="tenure_years",
        label=_("Years with the bank"),
        family="loyalty",
        unit="years",
        source="customers",
        needs=("customers.onboarded_on",),
        expression=lambda m: m.days_since(m.rows.onboarded_on) / 365.25,
        meaning=_("Years of 365.25 days from the day the customer joined to the as-of date."),
        better="higher",
        changeable=False,
    ),
    Indicator(
        key="products_held",
        label=_("Products held"),
        family="loyalty",
        unit="count",
        source="accounts",
        needs=("accounts.product_id",),
        expression=lambda m: _open_only(m, "product_id"),
        meaning=_("Different products among the accounts open at the as-of date."),
        empty=0,
        better="higher",
    ),
    Indicator(
        key="accounts_open",
        label=_("Open accounts"),
        family="loyalty",
        unit="count",
        source="accounts",
        needs=("accounts.account_id",),
        expression=lambda m: m.rows.is_open.sum(),
        meaning=_("Accounts open at the as-of date."),
        empty=0,
        better="higher",
    ),
    Indicator(
        key="product_categories_held",
        label=_("Product categories held"),
        family="loyalty",
        unit="count",
        source="accounts",
        needs=("accounts.product_id", "products.category"),
        expression=lambda m: _open_only(m, "category"),
        meaning=_("Different product categories among the accounts open at the as-of date."),
        empty=0,
        better="higher",
    ),
    Indicator(
        key="accounts_closed_share",
        label=_("Share of accounts closed"),
        family="loyalty",
        unit="share",
        source="accounts",
        needs=("accounts.closed_on",),
        expression=lambda m: 1 - m.rows.is_open.sum() / m.rows.count().cast("float64").nullif(0),
        meaning=_("Share of the accounts ever opened that are closed at the as-of date."),
        better="lower",
    ),
    Indicator(
        key="nps",
        label=_("Would recommend"),
        family="loyalty",
        unit="score",
        source="surveys",
        needs=("surveys.nps",),
        expression=lambda m: m.rows.nps.argmax(_answered_on(m)),
        meaning=_("Answer of the latest survey, 0 to 10, to “would you recommend us?”. Empty without one."),
        better="higher",
    ),
)
