"""One employee's book from near: what it hangs on, whom it is made of, and who brings most."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics.access.book import Book
from analytics.errors import NotAllowed
from analytics.strata import COARSE, Flags, levels
from analytics.team.books import measure_of, people
from analytics.team.report import require_open
from analytics.translation import mark
from analytics.translation import translate as _
from analytics.value.concentration import Concentration, concentration

TOP = 50
BANDS = (
    mark("balance not known"), mark("lowest band of balance"), mark("second band of balance"),
    mark("third band of balance"), mark("fourth band of balance"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Opened:
    """whole : concentration of the result over the customers. mix : type, band (of BANDS), customers, share, each
    (mean result), and of the others whom the reader may see others_share and others_each, NaN where none are. top :
    customer_id, amount, share, best first.
    """

    whole: Concentration
    mix: pd.DataFrame
    top: pd.DataFrame


def opened(book: Book, employee_id: str, as_of: date, whose: tuple[str, ...] | None = None) -> Opened:
    """The book of one employee, beside those of the others that the reader may see.

    whose : see `access.staff.whose`. Raises NotAllowed for anybody else's.
    """
    require_open(book, whose)
    if whose is not None and employee_id not in whose:
        raise NotAllowed(_("The figures of other employees are not open to you."))
    found = people(book, measure_of(book), as_of)
    rows = found.looked_after.reset_index(drop=True).rename(columns={found.measure: "amount"})
    mine: Flags = np.asarray(rows["manager_id"] == employee_id, dtype=np.bool_)
    whole = concentration(rows.loc[mine, "amount"])
    best = rows.loc[mine, ["customer_id", "amount"]].sort_values("amount", ascending=False, kind="stable")
    best = best.head(TOP).reset_index(drop=True)
    best["share"] = best["amount"] / whole.total if whole.net_positive else np.nan
    return Opened(whole, _mix(rows, mine, alone=whose is not None), best)


def _mix(rows: pd.DataFrame, mine: Flags, *, alone: bool) -> pd.DataFrame:
    """The strata of type and balance that the book has customers in."""
    band = levels(rows)[1] % (COARSE + 1)
    kind: Any = rows["customer_type"].fillna("") if "customer_type" in rows else ""
    cut = pd.DataFrame({"amount": rows["amount"], "type": kind, "band": band})
    own, others = (
        cut[side].groupby(["type", "band"])["amount"].agg(["size", "mean"]) for side in (mine, ~mine)
    )
    told = own.rename(columns={"size": "customers", "mean": "each"})
    told["share"] = told["customers"] / told["customers"].sum()
    beside = others.reindex(told.index)
    told["others_share"] = np.nan if alone else beside["size"].fillna(0) / max(int(others["size"].sum()), 1)
    told["others_each"] = np.nan if alone else beside["mean"]
    return told.reset_index()
