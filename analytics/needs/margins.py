"""What a product brings: the mean contribution of twelve months per customer who holds it, in this book."""

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analytics.access.book import Book
from analytics.access.earnings import product_lines
from analytics.formats import money, number
from analytics.needs.suitability import Standing
from analytics.translation import plural
from analytics.translation import translate as _

FEW = 10.0  # holders: the mean of so many weighs as much as that of their product's category
NAMED = 4


def margins(book: Book, known: Standing, as_of: date) -> pd.DataFrame:
    """Index product_id; holders, margin (units of the base currency a year) and assumed.

    A mean of few holders is drawn to the mean of its category. A product without any line of profit (its income is
    not in the data) is assumed to bring the median of those that bring something, and is marked so.
    Raises NotAllowed for whoever may not see profit.
    """
    lines = product_lines(book, as_of)
    columns = known.products.index.get_indexer(pd.Index(lines["product"]))
    rows = pd.Index(known.ids).get_indexer(pd.Index(lines["customer_id"]))
    kept = (columns >= 0) & (rows >= 0)
    rows, columns = rows[kept], columns[kept]
    cents = np.where(known.held[rows, columns], lines["cents"].to_numpy(np.float64)[kept], 0.0)
    size = len(known.products)
    brought = pd.Series(np.bincount(columns, cents, size) / 100, index=known.products.index)
    has_lines = np.bincount(columns, minlength=size) > 0
    holders = pd.Series(known.held.sum(axis=0), index=known.products.index)
    return _per_holder(brought, holders, has_lines, known.products["category"])


def _per_holder(
    brought: "pd.Series[float]",
    holders: "pd.Series[int]",
    has_lines: ArrayLike,
    category: "pd.Series[str]",
) -> pd.DataFrame:
    """
    >>> ids = ["A", "B", "C"]
    >>> told = pd.Series([9000.0, 100.0, 0.0], ids), pd.Series([90, 10, 5], ids)
    >>> _per_holder(*told, [True, True, False], pd.Series(["loan", "loan", "other"], ids))["margin"].tolist()
    [99.1, 50.5, 74.8]
    """  # fmt: skip
    table = pd.DataFrame({"brought": brought, "holders": holders, "category": category})
    with_lines = np.asarray(has_lines, dtype=bool)
    known = table[with_lines]
    alike = known.groupby("category", dropna=False)[["brought", "holders"]].transform("sum")
    usual = alike["brought"] / alike["holders"].where(alike["holders"] > 0)
    margin = (known["brought"] + FEW * usual.fillna(0.0)) / (known["holders"] + FEW)
    positive = margin[margin > 0]
    stand_in = float(positive.median()) if len(positive) else 0.0
    table["margin"] = margin.reindex(table.index).fillna(stand_in)
    table["assumed"] = ~with_lines
    return table[["holders", "margin", "assumed"]]


def remarks(found: pd.DataFrame, products: pd.DataFrame, currency: str) -> list[str]:
    """What a reader should know of the margins, in words: assumed ones, and products that bring nothing."""
    sold = found[products["is_active"].to_numpy(bool)]
    assumed, losing = sold[sold["assumed"]], sold[~sold["assumed"] & (sold["margin"] <= 0)]
    said = []
    if len(assumed):
        text = plural(
            "The data hold no income of {n} product ({names}): {amount} a year is assumed, the median of the others.",
            "The data hold no income of {n} products ({names}): {amount} a year is assumed, the median of the others.",
            len(assumed),
        )
        amount = money(assumed["margin"].iloc[0], currency)
        said.append(text.format(n=number(len(assumed)), names=_some(assumed, products), amount=amount))
    if len(losing):
        text = plural(
            "{n} product ({names}) costs more than it brings, and is proposed to nobody.",
            "{n} products ({names}) cost more than they bring, and are proposed to nobody.",
            len(losing),
        )
        said.append(text.format(n=number(len(losing)), names=_some(losing, products)))
    return said


def _some(rows: pd.DataFrame, products: pd.DataFrame) -> str:
    names = [str(name) for name in products.loc[rows.index, "name"]]
    return _(", ").join(names[:NAMED]) + (" …" if len(names) > NAMED else "")
