"""How a value is concentrated in each group of a book's customers: a segment, a branch, a manager, a product."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.access.book import Book
from analytics.access.earnings import product_lines, product_names
from analytics.errors import BadInput, NotEnoughData
from analytics.indicators import CATALOGUE
from analytics.recipe import Recipe
from analytics.segmentation import segment
from analytics.translation import translate as _
from analytics.value.concentration import Concentration, concentration
from analytics.value.decomposition import Decomposition, theil

SEGMENT, PRODUCT = "segment", "product"
BY_PRODUCT = "profit_12m"  # the value that is known by product
COLUMNS = ("group", "customers", "total", "share", "mean", "median",
           "top_share", "for_80", "gini_normalised", "losses")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Grouped:
    """Concentration in each group.

    by : "segment", "product" or a label indicator's key.
    table : one row a group, COLUMNS, largest total first; share is of all groups' net total, top_share of the
        group's own (its best 20 %), both NaN where that total is not positive; for_80 counts customers.
    parts : the same in full, by group.
    decomposition : what lies between the groups and within them; None for products, which share customers, and
        where nobody brings anything.
    """

    by: str
    table: pd.DataFrame
    parts: dict[str, Concentration]
    decomposition: Decomposition | None


def by_group(
    book: Book,
    indicator: str,
    as_of: date,
    by: str,
    recipe_text: str = "",
    *,
    where: str = "",
    interval: bool = False,
) -> Grouped:
    """Concentration of an indicator in each segment of a recipe, under each label of an indicator, or by product.

    by : "segment" (of the recipe, run as of the date), "product" (profit alone is known by product, and a customer
        is in every product that brought or cost something), or the key of a label indicator; labels are today's.
    where : a filter over indicators, but for segments. interval : also the intervals of the groups' top shares.
    Raises BadInput for what makes no groups, UnknownName and NotAllowed as the book does.
    """
    rows = labelled(book, indicator, as_of, by, recipe_text, where)
    return grouped(by, rows["amount"].to_numpy(float), rows["group"], interval=interval)


def labelled(
    book: Book, indicator: str, as_of: date, by: str, recipe_text: str = "", where: str = ""
) -> pd.DataFrame:
    """Every customer's amount and group: customer_id, amount, group (categories); by product a row for each."""
    if by == SEGMENT:
        return _segments(book, indicator, as_of, recipe_text)
    if by == PRODUCT:
        return _products(book, indicator, as_of, where)
    if by in CATALOGUE and CATALOGUE[by].is_number:
        raise BadInput(
            _("{name} is a number: it makes no groups.").format(name=by),
            _("Choose a label such as region or branch, or the segments of a recipe."),
        )
    rows = book.frame((indicator, by), as_of=as_of, where=where)
    group = rows[by].astype(object).where(rows[by].notna(), _("Not recorded")).astype("category")
    return pd.DataFrame({"customer_id": rows["customer_id"], "amount": rows[indicator], "group": group})


def grouped(
    by: str, amounts: NDArray[np.float64], groups: "pd.Series[str]", *, interval: bool = False
) -> Grouped:
    """Concentration in each group of these amounts.

    amounts : shape (n_customers,), NaN where there is none. groups : the same length, categories.
    """
    places = groups.groupby(groups, observed=True).indices
    parts = {str(name): concentration(amounts[at], interval=interval) for name, at in places.items()}
    return Grouped(by, table_of(parts), parts, None if by == PRODUCT else decomposed(amounts, groups))


def table_of(parts: dict[str, Concentration]) -> pd.DataFrame:
    """Groups' figures as COLUMNS, largest total first."""
    net = sum(part.total for part in parts.values())
    rows = [
        {
            "group": name,
            "customers": part.customers,
            "total": part.total,
            "share": part.total / net if net > 0 else np.nan,
            "mean": part.mean,
            "median": part.median,
            "top_share": part.top_share[0.2],
            "for_80": part.for_80.customers if part.for_80 else None,
            "gini_normalised": part.gini_normalised,
            "losses": part.whale.losses,
        }
        for name, part in parts.items()
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(COLUMNS[1:], float))
    table["customers"] = table["customers"].astype(int)
    return table.sort_values("total", ascending=False, kind="stable", ignore_index=True)


def decomposed(amounts: NDArray[np.float64], groups: "pd.Series[str]") -> Decomposition | None:
    """`theil`, or None where nobody brings anything."""
    try:
        return theil(amounts, groups)
    except NotEnoughData:
        return None


def _segments(book: Book, indicator: str, as_of: date, recipe_text: str) -> pd.DataFrame:
    """The recipe's segments as they are, each customer with the indicator; those left out are in none."""
    recipe = Recipe.from_toml(recipe_text).model_copy(update={"as_of": as_of})
    members = segment(book, recipe).members[["customer_id", "segment_name"]]
    rows = book.frame((indicator,), as_of=as_of).merge(members, on="customer_id")
    return rows.rename(columns={indicator: "amount", "segment_name": "group"})


def _products(book: Book, indicator: str, as_of: date, where: str) -> pd.DataFrame:
    """What each customer brought with each product."""
    if indicator != BY_PRODUCT:
        raise BadInput(
            _("{name} is not known by product.").format(name=indicator),
            _("Choose {name}, which is.").format(name=BY_PRODUCT),
        )
    book.require((indicator,))
    rows, names = product_lines(book, as_of), product_names(book)
    if where:
        rows = rows[rows["customer_id"].isin(book.frame((), as_of=as_of, where=where)["customer_id"])]
    group = rows["product"].map({**names, "": _("No product")}).astype("category")
    return pd.DataFrame({"customer_id": rows["customer_id"], "amount": rows["cents"] / 100, "group": group})
