"""How the 80/20 moved: concentration at one month end after the other."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics.access.book import Book
from analytics.calendar import months_before
from analytics.formats import day
from analytics.indicators import CATALOGUE
from analytics.jobs import checkpoint
from analytics.translation import translate as _
from analytics.value.concentration import Concentration, concentration
from analytics.value.grouped import PRODUCT, labelled

MONTHS = 36
COLUMNS = ("month_end", "group", "customers", "total", "top_share", "for_80_share", "peak_share")


def over_time(
    book: Book, indicator: str, as_of: date, by: str = "", recipe_text: str = "", every: int = 3
) -> pd.DataFrame:
    """Concentration of an indicator over the three years to the as-of date.

    by : "" for the whole book; "segment" or a label indicator's key for each of its groups, with the labels and
        segments that customers have at the as-of date; "product" with the products that brought something then.
    every : months from one point to the next.
    Returns month_end, group ("" for the whole book), customers (with a value), total, top_share (of the best
    20 %), for_80_share (of customers), peak_share (of the whale curve); oldest first. Shares are NaN where the
    net total is not positive. Months without enough history before them are left out, and groups without a value.
    """
    dates = points(book, indicator, as_of, every)
    groups = None
    if by not in ("", PRODUCT):
        groups = labelled(book, indicator, as_of, by, recipe_text).set_index("customer_id")["group"]
    rows: list[dict[str, object]] = []
    for place, month_end in enumerate(dates):
        checkpoint(place / len(dates), _("Working out {day}").format(day=day(month_end)))
        if by == PRODUCT:
            then = labelled(book, indicator, month_end, by)
        else:
            then = book.frame((indicator,), as_of=month_end).rename(columns={indicator: "amount"})
        labels = then["group"] if by == PRODUCT else _labels(groups, then["customer_id"])
        amounts = then["amount"].to_numpy(float)
        for name, at in labels.groupby(labels, observed=True).indices.items():
            part = concentration(amounts[at])
            rows += [_row(month_end, str(name), part)] if part.customers else []
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _labels(groups: "pd.Series[str] | None", customers: "pd.Series[str]") -> "pd.Series[Any]":
    """Each customer's group; all in one, "", without groups."""
    if groups is None:
        return pd.Series("", index=customers.index).astype("category")
    return groups.reindex(customers).reset_index(drop=True)


def points(book: Book, indicator: str, as_of: date, every: int = 3) -> list[date]:
    """The month ends to look at, oldest first, each with all the history that the indicator reads before it."""
    book.require((indicator,))
    known, window = book.warehouse.month_ends, CATALOGUE[indicator].window
    back = (months_before(as_of, months) for months in range(0, MONTHS + 1, every))
    return [month for month in back if month in known and months_before(month, window - 1) in known][::-1]


def _row(month_end: date, group: str, part: Concentration) -> dict[str, object]:
    return {
        "month_end": month_end,
        "group": group,
        "customers": part.customers,
        "total": part.total,
        "top_share": _number(part.top_share[0.2]),
        "for_80_share": part.for_80.customers / part.customers if part.for_80 else np.nan,
        "peak_share": _number(part.whale.peak_share),
    }


def _number(share: float | None) -> float:
    return np.nan if share is None else share
