"""How well the model of a year ago foretold the year since: predicted against observed, customer by customer."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics.access.book import Book
from analytics.access.histories import fitted, histories, spent
from analytics.calendar import months_before
from analytics.errors import NotEnoughData
from analytics.formats import number
from analytics.jobs import checkpoint
from analytics.lifetime.models import Margins, Model
from analytics.translation import translate as _

YEAR = 12
FEWEST = 10
DECILES = 10


@dataclass(frozen=True)
class Backtest:
    """Fitted to history up to `made`, and held against what came from then to `until`.

    table : group (1 is the tenth with the highest prediction; fifths or fewer for a small book), customers,
        predicted and observed (means per customer, in units of the base currency), predicted_total,
        observed_total. order : rank correlation of prediction and outcome, NaN where either is all the same.
    """

    model: Model
    made: date
    until: date
    customers: int
    predicted: float
    observed: float
    order: float
    table: pd.DataFrame

    @property
    def ratio(self) -> float | None:
        """Predicted as a share of observed, None where nothing positive was observed."""
        return self.predicted / self.observed if self.observed > 0 else None


def backtest(book: Book, as_of: date) -> Backtest:
    """The year to `as_of`, as foretold at its beginning for those who were in the book then; not discounted.

    Raises NotAllowed or NotEnoughData where there was no model then, or with fewer than FEWEST customers.
    """
    made = months_before(as_of, YEAR)
    model = fitted(book, made)
    rows = histories(book, model, made)
    if len(rows) < FEWEST:
        raise NotEnoughData(
            _("Only {n} customers of the book were there a year ago; a comparison needs {fewest}.").format(
                n=number(len(rows)), fewest=FEWEST
            ),
            _("Ask for a larger book, or a later as-of date."),
        )
    checkpoint(0.5, _("Comparing with what came"))
    told = pd.DataFrame({"customer_id": rows["customer_id"], "predicted": model.worth(rows, YEAR, 0.0)})
    told = told.merge(_observed(book, model, made, as_of), on="customer_id", how="left")
    told["observed"] = told["observed"].fillna(0.0)
    order = told["predicted"].corr(told["observed"], method="spearman")
    return Backtest(
        model=model, made=made, until=as_of, customers=len(told), predicted=float(told["predicted"].sum()),
        observed=float(told["observed"].sum()), order=float(order), table=by_prediction(told),
    )  # fmt: skip


def _observed(book: Book, model: Model, made: date, as_of: date) -> pd.DataFrame:
    if isinstance(model, Margins):
        return book.frame(("profit_12m",), as_of=as_of).rename(columns={"profit_12m": "observed"})
    return spent(book, made, as_of).rename(columns={"spent": "observed"})


def by_prediction(told: pd.DataFrame) -> pd.DataFrame:
    """Customers in groups of equal size by prediction, highest first: the table of `Backtest`.

    told : predicted and observed, a row a customer. Ten groups, fewer where one would hold under five.

    >>> rows = pd.DataFrame({"predicted": range(10), "observed": [2.0] * 10})
    >>> by_prediction(rows)[["group", "customers", "predicted", "observed"]].to_numpy().tolist()
    [[1.0, 5.0, 7.0, 2.0], [2.0, 5.0, 2.0, 2.0]]
    """
    groups = min(DECILES, max(1, len(told) // 5))
    place = told["predicted"].rank(method="first", ascending=False).to_numpy() - 1
    grouped = told.groupby((place * groups // len(told)).astype(np.int64) + 1)[["predicted", "observed"]]
    table = grouped.mean()
    table.insert(0, "customers", grouped.size())
    table[["predicted_total", "observed_total"]] = grouped.sum()
    return table.rename_axis("group").reset_index()
