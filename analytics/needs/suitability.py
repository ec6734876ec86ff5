"""Suitability: what may be offered to whom, and why the rest is held back. Asked before anything is ranked.

After definitions.md and China's NFRA Order 2025 No. 7 (five risk levels, in force since 2026-02-01): nothing
above a customer's risk tolerance, nothing on an assessment older than twelve months, nothing without consent
to marketing, nothing already held, nothing that is not sold any more. Where issuer and seller rate a product
differently the higher level counts, and that is the one to load. What is not known holds back: no tolerance, no
date of assessment, one dated after the as-of date, no consent recorded, a product without a risk level.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.access.book import Book
from analytics.access.holdings import held_sql, shelf
from analytics.errors import NotEnoughData
from analytics.translation import mark as _
from analytics.translation import translate

NEEDS = ("accounts.product_id", "products.product_id")
ASKED = {
    "customers.risk_tolerance": _("risk tolerance"),
    "customers.risk_assessed_on": _("date of the risk assessment"),
    "customers.marketing_consent": _("consent to marketing"),
    "products.risk_level": _("risk level of products"),
}
ELIGIBLE = 0


@dataclass(frozen=True)
class Reason:
    """Why a product is held back from a customer."""

    key: str
    label: str


# In this order: the first that applies is the one that is told.
REASONS = (
    Reason("not_sold", _("not sold any more")),
    Reason("already_held", _("already held")),
    Reason("no_consent", _("no consent to marketing")),
    Reason("not_assessed", _("risk tolerance not assessed")),
    Reason("stale_assessment", _("risk assessment older than twelve months")),
    Reason("no_risk_level", _("product without a risk level")),
    Reason("above_tolerance", _("riskier than the customer tolerates")),
)


@dataclass(frozen=True)
class Standing:
    """What suitability asks of customers at a date, in the order of the book.

    ids : shape (n_customers,). tolerance : 1 to 5, NaN where unknown. assessed : days, NaT where unknown.
    consents : whether consent is recorded. held : shape (n_customers, n_products), products in the shelf's order.
    """

    as_of: date
    ids: NDArray[np.object_]
    tolerance: NDArray[np.float64]
    assessed: NDArray[np.datetime64]
    consents: NDArray[np.bool_]
    held: NDArray[np.bool_]
    products: pd.DataFrame

    def places(self, customer_ids: Sequence[str]) -> NDArray[np.intp]:
        """Where these customers stand, each once, in the order of the book; who is not in it is left out."""
        return np.flatnonzero(pd.Index(self.ids).isin(list(customer_ids)))


def standing(book: Book, as_of: date) -> Standing:
    """Tolerance, assessment, consent and products of the book's customers at a date, in one statement.

    Attributes are today's at every date. Raises NotEnoughData where the warehouse has no products or accounts.
    """
    missing = book.warehouse.missing(NEEDS)
    if missing:
        raise NotEnoughData(
            translate("There is nothing to offer: the warehouse has no {columns}.").format(
                columns=translate(", ").join(missing)
            ),
            translate("Load accounts with their products."),
        )
    products = shelf(book)
    told = book.joined(_standing_sql(as_of), what="suitability", as_of=as_of)
    held = np.zeros((told.num_rows, len(products)), dtype=bool)
    lists = told["places"].combine_chunks()
    counts = lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    held[np.repeat(np.arange(len(held)), counts), lists.flatten().to_numpy()] = True
    return Standing(
        as_of=as_of,
        ids=told["customer_id"].to_numpy(),
        tolerance=told["risk_tolerance"].cast("float64").to_numpy(),
        assessed=told["risk_assessed_on"].to_numpy().astype("datetime64[D]"),
        consents=told["consents"].to_numpy(),
        held=held,
        products=products,
    )


def _standing_sql(as_of: date) -> str:
    """Products as their places on the shelf: a number is read much faster than its name."""
    return f"""SELECT spine.customer_no, risk_tolerance, risk_assessed_on,
            coalesce(marketing_consent, false) AS consents, places
        FROM spine JOIN customers USING (customer_no) LEFT JOIN (
            SELECT customer_no, list(place) AS places FROM ({held_sql(as_of)}) JOIN (
                SELECT product_id, row_number() OVER (ORDER BY product_id) - 1 AS place FROM products
            ) USING (product_id) GROUP BY customer_no
        ) USING (customer_no)"""


def held_back(known: Standing) -> NDArray[np.int8]:
    """Why each product is held back from each customer; shape (n_customers, n_products).

    0 where it may be offered, else 1 + the place in REASONS of the first reason that applies.
    """
    level = known.products["risk_level"].astype("float64").to_numpy()[None, :]
    tolerance = known.tolerance[:, None]
    sold = known.products["is_active"].to_numpy(bool)[None, :]
    last = np.datetime64(known.as_of)
    known_then = (known.assessed <= last)[:, None]  # False for NaT
    fresh = (known.assessed >= np.datetime64(a_year_before(known.as_of)))[:, None]
    rules = (
        ~sold,
        known.held,
        ~known.consents[:, None],
        ~(known_then & np.isfinite(tolerance)),
        ~fresh,
        ~np.isfinite(level),
        ~(level <= tolerance),
    )
    found = np.zeros(known.held.shape, dtype=np.int8)
    for place in reversed(range(len(rules))):
        np.copyto(found, np.int8(place + 1), where=rules[place])
    return found


def a_year_before(day: date) -> date:
    """The same day a year earlier: an assessment of that day is twelve months old, not older.

    >>> a_year_before(date(2026, 6, 30)), a_year_before(date(2028, 2, 29))
    (datetime.date(2025, 6, 30), datetime.date(2027, 2, 28))
    """
    if (day.month, day.day) == (2, 29):
        day = day.replace(day=28)
    return day.replace(year=day.year - 1)


def counted(why: NDArray[np.int8], products: pd.DataFrame) -> pd.DataFrame:
    """How many customers each product may be offered to, and how many it is held back from, by reason.

    Index product_id; columns eligible, then the keys of REASONS.
    """
    columns = ("eligible", *(reason.key for reason in REASONS))
    return pd.DataFrame(
        {name: (why == place).sum(axis=0) for place, name in enumerate(columns)}, index=products.index
    )


def unknown(book: Book) -> list[str]:
    """What this warehouse can't say, so that nothing may be offered; in words, none where all is there."""
    missing = book.warehouse.missing(tuple(ASKED))
    text = translate("The warehouse has no {column} ({name}): what is not known holds every offer back.")
    return [text.format(column=translate(ASKED[name]), name=name) for name in missing]
