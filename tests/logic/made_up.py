"""Books over made-up customers: what a segmentation needs of a book, and data of which the truth is known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from analytics.indicators import CATALOGUE
from analytics.methods import Words
from analytics.population import Population
from analytics.recipe import Recipe
from analytics.where import parse

NAMES = (
    "balance_average_3m", "average_ticket_12m", "net_amount_12m", "tenure_years", "active_months_12m",
    "days_since_last_transaction", "transactions_count_12m", "products_held",
)  # fmt: skip


class MadeUpBook:
    """A book over a frame that has customer_id and some indicators."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table
        manifest = SimpleNamespace(version="v1", newest_as_of="2026-06-30", base_currency="CNY")
        self.warehouse = SimpleNamespace(manifest=manifest)

    @property
    def available(self):
        return {key: None if key in self.table else "The warehouse has no such column." for key in CATALOGUE}

    def frame(self, keys, *, as_of=None, where=""):
        rows = self.table[parse(where, CATALOGUE).mask(self.table)] if where else self.table
        return rows[["customer_id", *keys]].reset_index(drop=True)


def table_of(cells, names=NAMES):
    """Columns of numbers as customers with indicators, worth more the further down they stand."""
    cells = np.asarray(cells, dtype=float)
    table = pd.DataFrame(cells, columns=list(names[: cells.shape[1]]))
    table.insert(0, "customer_id", [f"C{at:05d}" for at in range(len(table))])
    return table.assign(profit_12m=100.0 + np.arange(len(table)))


def recipe_of(key="kmeans", count=8, **settings):
    """The method over the first so many of NAMES, value in profit."""
    method = {"key": key, **settings}
    return Recipe.from_content({"value": "profit_12m", "indicators": list(NAMES[:count]), "method": method})


def people_of(cells):
    """The same customers as a population that a method can read."""
    table = table_of(cells).set_index("customer_id")
    return Population(table.drop(columns="profit_12m"), table["profit_12m"], Words(), [])


def one_gaussian(customers, dimensions, shape, seed):
    """Customers without groups. shape : round, correlated, or long in one slanting direction."""
    rng = np.random.default_rng([seed, dimensions])
    cells = rng.normal(size=(customers, dimensions))
    if shape == "round":
        return cells
    mixing = rng.normal(size=(dimensions, dimensions))
    if shape == "correlated":
        return cells @ mixing
    stretch = np.diag([8.0] + [1.0] * (dimensions - 1))
    return cells @ stretch @ np.linalg.qr(mixing)[0]


def four_blobs(customers=400, distance=8.0, seed=1):
    """Four separated groups of customers in two indicators, and which of them each is in."""
    rng = np.random.default_rng(seed)
    truth = np.arange(customers) % 4
    centres = distance * np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    return centres[truth] + rng.normal(size=(customers, 2)), truth
