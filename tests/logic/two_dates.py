"""A made-up book that differs from one month end to another."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa

from tests.logic.made_up import MadeUpBook

FIRST, LAST = date(2025, 6, 30), date(2026, 6, 30)


class TwoDates(MadeUpBook):
    """A book that is one table at the first date and another at the last, and others at other dates."""

    def __init__(self, first, last, others=None):
        super().__init__(first)
        self.tables = {FIRST: first, LAST: last} | (others or {})
        ends = tuple(day.date() for day in pd.date_range("2023-01-31", "2026-06-30", freq="ME"))
        self.warehouse = SimpleNamespace(manifest=self.warehouse.manifest, month_ends=ends)

    def frame(self, keys, *, as_of=None, where=""):
        self.table = self.tables[as_of]
        return super().frame(keys, as_of=as_of, where=where)

    def joined(self, sql, *, what, as_of=None, sensitivity=None, values=()):
        ids = set(self.tables[LAST]["customer_id"]) - set(self.tables[FIRST]["customer_id"])
        return pa.table({"customer_id": sorted(ids)})


def people(seed=8, n=300):
    rng = np.random.default_rng(seed)
    kind = np.arange(n) % 3
    profit = np.array([50.0, 2e3, 7e4])[kind] * rng.lognormal(0, 0.3, n)
    return pd.DataFrame(
        {
            "customer_id": [f"C{number:04d}" for number in range(n)],
            "profit_12m": np.where(np.arange(n) % 25 == 0, -profit, profit),
            "credit_amount_12m": profit * 20,
            "balance_average_3m": np.array([9e3, 1e3, 4e4])[kind] * rng.lognormal(0, 0.3, n),
            "transactions_count_12m": rng.poisson(np.array([5, 40, 150])[kind]).astype(float),
            "active_months_12m": np.array([2.0, 8.0, 12.0])[kind],
            "months_since_first_transaction": rng.integers(1, 40, n).astype(float),
            "days_since_last_transaction": np.array([200.0, 30.0, 3.0])[kind] + rng.integers(0, 20, n),
            "transactions_change_6m": np.array([-0.7, 0.0, 0.6])[kind],
            "tenure_years": rng.integers(0, 30, n).astype(float),
            "age_years": rng.integers(18, 80, n).astype(float),
            "region": pd.Series(np.array(["East", "South", "West"])[kind], dtype="str"),
        }
    )
