"""One indicator over a book: how it is spread, or which labels there are."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics.access.book import Book
from analytics.indicators import CATALOGUE
from analytics.value.distribution import Distribution, histogram


@dataclass(frozen=True)
class Feature:
    """An indicator over a population.

    values : one a customer, NaN or None where it is empty. spread : for a number, None for a label.
    """

    values: "pd.Series[float]"
    spread: Distribution | None

    @property
    def customers(self) -> int:
        return len(self.values)

    @property
    def missing(self) -> int:
        return int(self.values.isna().sum())


def feature(book: Book, indicator: str, as_of: date, where: str = "") -> Feature:
    """How an indicator is spread over the customers of a book that pass a filter."""
    column = book.frame((indicator,), as_of=as_of, where=where)[indicator]
    is_number = CATALOGUE[indicator].is_number
    return Feature(column, histogram(np.asarray(column, dtype=float)) if is_number else None)


def listing(
    book: Book, indicators: tuple[str, ...], as_of: date, where: str, most: int = 2000
) -> pd.DataFrame:
    """customer_id, name and indicators of the first customers by the first indicator, highest first."""
    rows = book.frame(indicators, as_of=as_of, where=where)
    rows = rows.sort_values(indicators[0], ascending=False, kind="stable", na_position="last").head(most)
    names = book.names(rows["customer_id"].tolist())
    return (
        names.merge(rows, on="customer_id")
        .loc[:, ["customer_id", "name", *indicators]]
        .sort_values(indicators[0], ascending=False, kind="stable", na_position="last")
    )
