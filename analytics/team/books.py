"""What is read of the customers, and what it comes to for each employee who looks after them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics.access.book import Book
from analytics.access.staff import answered, employees, managed
from analytics.calendar import months_before
from analytics.effort import EFFORTS
from analytics.errors import NotEnoughData
from analytics.population import VALUES
from analytics.strata import KEYS, Numbers
from analytics.translation import translate as _
from analytics.value.concentration import concentration

YEAR = 12
QUIET = 92  # days without a transaction
DAYS_A_YEAR = 365.25
TOP = 5
PERSONAL = "personal"
WHO = ["name", "branch", "team", "languages", "left_on"]
SPREAD = ["top5_share", "for_80", "losses"]
READ = (*KEYS, *EFFORTS, "days_since_last_transaction", "accounts_open")


@dataclass(frozen=True, eq=False)
class People:
    """Customers with whoever looks after them.

    table : customer_id, manager_id (None for nobody), branch_id, the measure, and those of READ that are known.
    measure : what results are measured in.
    """

    table: pd.DataFrame
    measure: str

    @property
    def looked_after(self) -> pd.DataFrame:
        return self.table[self.table["manager_id"].notna()]


def measure_of(book: Book) -> str:
    """What results are measured in: profit, or the first of VALUES that this person may use here.

    Raises NotEnoughData where there is no amount at all.
    """
    for key in VALUES:
        if book.available[key] is None:
            return key
    raise NotEnoughData(_("There is no amount in this book to measure results in."), "")


def people(book: Book, measure: str, as_of: date) -> People:
    """The book's customers. Raises NotAllowed for a measure that the person may not see."""
    keys = tuple(dict.fromkeys((measure, *(key for key in READ if book.available[key] is None))))
    table = book.frame(keys, as_of=as_of).merge(managed(book, as_of), on="customer_id")
    table["manager_id"] = table["manager_id"].astype(object).where(table["manager_id"].notna(), None)
    return People(table.assign(**{measure: table[measure].fillna(0.0)}), measure)


def a_year_before(book: Book, measure: str, as_of: date) -> pd.DataFrame | None:
    """customer_id and before, the measure at the month end a year before; None where the data hold no whole year
    before that."""
    then, known = months_before(as_of, YEAR), book.warehouse.month_ends
    if then not in known or known.index(then) < YEAR - 1:
        return None
    return book.frame((measure,), as_of=then).rename(columns={measure: "before"})


def figures(book: Book, found: People, as_of: date, whose: tuple[str, ...] | None) -> pd.DataFrame:
    """A row an employee, in order of their numbers: who they are, and what their customers are and bring.

    employee_id, name, branch, team, customers, result, share (of all results shown; NaN where these are not
    positive), top5_share (NaN likewise), for_80 (customers who bring 80 %, NaN likewise), losses, personal (share
    of customers), before, growth (NaN without a year before), quiet, closed, gone (either), contacts, answers.
    """
    rows = found.looked_after
    if whose is not None:
        rows = rows[rows["manager_id"].isin(whose)]
    rows = rows.merge(answered(book, as_of), on="customer_id", how="left")
    rows = _with_year_before(rows, a_year_before(book, found.measure, as_of), found.measure)
    rows = rows.assign(**_flags(rows))
    groups = rows.groupby("manager_id", sort=True)
    told = groups.agg(customers=("customer_id", "size"), result=(found.measure, "sum"))
    for key in ("before", "since", "quiet", "closed", "gone", "personal", "contacts", "answers"):
        told[key] = groups[key].sum(min_count=1)
    told["personal"] /= told["customers"]
    told["growth"] = ((told["since"] - told["before"]) / told["before"]).where(told["before"] > 0)
    told["share"] = told["result"] / told["result"].sum() if told["result"].sum() > 0 else np.nan
    amounts = {str(one): part.to_numpy(np.float64) for one, part in groups[found.measure]}
    spread = pd.DataFrame([_spread(amounts[one]) for one in told.index], told.index, SPREAD)
    who = employees(book, list(told.index)).set_index("employee_id")[WHO]
    told = told.drop(columns="since").join(spread).join(who)
    return told.rename_axis("employee_id").reset_index()


def _with_year_before(rows: pd.DataFrame, before: pd.DataFrame | None, measure: str) -> pd.DataFrame:
    """before and since: what customers who were here then brought then and bring now."""
    if before is None:
        return rows.assign(before=np.nan, since=np.nan)
    both = rows.merge(before, on="customer_id", how="left")
    was_here = both["customer_id"].isin(before["customer_id"])
    return both.assign(before=both["before"].fillna(0.0).where(was_here), since=both[measure].where(was_here))


def _flags(rows: pd.DataFrame) -> Mapping[str, Any]:
    """Who has gone quiet or closed all accounts, and who is a person; NaN where it is not known."""
    nothing = pd.Series(np.nan, index=rows.index)
    days, accounts = rows.get("days_since_last_transaction"), rows.get("accounts_open")
    quiet = nothing
    if days is not None:
        only_came = rows.get("tenure_years", nothing) * DAYS_A_YEAR <= QUIET
        quiet = (days.isna() & ~only_came | (days > QUIET)).astype(float)
    closed = nothing if accounts is None else (accounts == 0).astype(float)
    known = quiet.notna() | closed.notna()
    kinds = rows.get("customer_type")
    return {
        "quiet": quiet, "closed": closed, "gone": quiet.fillna(0.0).combine(closed.fillna(0.0), max).where(known),
        "personal": nothing if kinds is None else (kinds == PERSONAL).astype(float),
    }  # fmt: skip


def _spread(amounts: Numbers) -> dict[str, float]:
    """How far a result hangs on few customers."""
    found = concentration(amounts)
    largest = float(np.sort(amounts)[-TOP:].sum())
    return {
        "top5_share": largest / found.total if found.net_positive else np.nan,
        "for_80": found.for_80.customers if found.for_80 else np.nan,
        "losses": found.whale.losses,
    }
