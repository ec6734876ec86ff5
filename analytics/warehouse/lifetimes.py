"""The build's step that fits lifetime models for the whole bank and keeps what each customer is worth.

Where profit is known, its margin and survival are used; where only transactions are, or where too few have left to
fit survival, BG/NBD and Gamma-Gamma.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from analytics.calendar import months_before
from analytics.errors import NotEnoughData
from analytics.lifetime.models import HISTORY, Margins, Model, Purchases
from analytics.translation import translate as _
from analytics.warehouse.history import buying_days, purchases, standing
from analytics.warehouse.relations import columns_of, relation, sql_of
from analytics.warehouse.versions import Progress

KEY = "lifetime_value_36m"
MONTHS = 13  # the newest, and all that a comparison with the year before needs
AT_ONCE = 250_000  # customers


@dataclass
class Lifetimes:
    """What a version keeps of its fits, by indicator.

    fitted : the model by month end, as its document. refused : why there is none.
    """

    fitted: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def fit_lifetimes(
    con: duckdb.DuckDBPyConnection,
    base: str,
    months: Sequence[date],
    by_margin: bool,
    say: Progress,
    known: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> Lifetimes:
    """Create the mart `customer_lifetime` and fill it for the newest MONTHS that have a year of history.

    months : the month ends that figures are stated as of, oldest first. by_margin : whether profit is known.
    known : documents of dates that the mart already holds, as in `Lifetimes.fitted`; they are not fitted again.
    Where the newest date can't be fitted the mart is empty, and the reason is kept.
    """
    con.execute(f"CREATE TABLE IF NOT EXISTS customer_lifetime ({columns_of('customer_lifetime')})")
    dates = [day for day in months if months_before(day, HISTORY) >= months[0]][-MONTHS:]
    kept = Lifetimes()
    if not dates:
        kept.refused[KEY] = _("A year of history before the as-of date is needed to fit lifetime value.")
    else:
        try:
            kept.fitted[KEY] = _all_fitted(con, base, dates, by_margin, say, known.get(KEY, {}))
        except NotEnoughData as error:
            kept.refused[KEY] = str(error)
    con.execute("DROP TABLE IF EXISTS buying_day")
    con.execute(
        "DELETE FROM customer_lifetime WHERE month_end NOT IN (SELECT unnest(?::DATE[]))",
        [list(kept.fitted.get(KEY, {}))],
    )
    return kept


def _all_fitted(
    con: duckdb.DuckDBPyConnection,
    base: str,
    dates: Sequence[date],
    by_margin: bool,
    say: Progress,
    known: Mapping[str, Any],
) -> dict[str, Any]:
    """The documents by date, of the one kind of model that the newest date can be fitted by.

    Raises NotEnoughData with the reasons where it can't be; earlier dates end where one can't, for those before
    have less history still.
    """
    because = ""
    if by_margin:
        try:
            margins = {day: told for day, told in known.items() if told["model"] == Margins.key}
            return _by_date(con, dates, None, say, margins)
        except NotEnoughData as error:
            because = str(error)
    _create_buying_days(con, base)
    purchased = {day: told for day, told in known.items() if told["model"] == Purchases.key}
    try:
        return _by_date(con, dates, because, say, purchased)
    except NotEnoughData as error:
        if not because:
            raise
        both = _("By margin and survival: {first} By purchases: {second}")
        raise NotEnoughData(both.format(first=because, second=str(error))) from error


def _by_date(
    con: duckdb.DuckDBPyConnection,
    dates: Sequence[date],
    because: str | None,
    say: Progress,
    known: Mapping[str, Any],
) -> dict[str, Any]:
    """The documents by date, newest first. because : why by purchases, None by margins. Raises as above."""
    documents: dict[str, Any] = {}
    for done, day in enumerate(reversed(dates)):
        say(_("Fitting lifetime value"), 0.88 + 0.02 * done / len(dates))
        if day.isoformat() in known:
            documents[day.isoformat()] = known[day.isoformat()]
            continue
        try:
            documents[day.isoformat()] = _fitted(con, day, because).document()
        except NotEnoughData:
            if not documents:
                raise
            break
    return documents


def _create_buying_days(con: duckdb.DuckDBPyConnection, base: str) -> None:
    """Days with a purchase, once for all dates; customers in ranges, so that grouping fits into memory."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE buying_day ({columns_of('buying_day')})")
    last = con.execute("SELECT coalesce(max(customer_no), -1) FROM customers").fetchone() or (-1,)
    for low in range(0, int(last[0]) + 1, AT_ONCE):
        rows = relation("transactions")
        rows = rows.filter((rows.customer_no >= low) & (rows.customer_no < low + AT_ONCE))
        con.execute(f"INSERT INTO buying_day {sql_of(buying_days(base, rows))}")


def _fitted(con: duckdb.DuckDBPyConnection, day: date, because: str | None) -> Model:
    """The model as of a date, after keeping what it says of every customer with a history by then."""
    expression = standing(day) if because is None else purchases(relation("buying_day"), day)
    history = con.execute(sql_of(expression.order_by("customer_no"))).df()
    model: Model = Margins.fit(history) if because is None else Purchases.fit(history, because)
    con.execute("DELETE FROM customer_lifetime WHERE month_end = ?", [day])
    for low in range(0, len(history), AT_ONCE):
        part = history.iloc[low : low + AT_ONCE]
        cents = np.round(100 * model.worth(part)).astype(np.int64)
        told = pd.DataFrame({"customer_no": part["customer_no"], "cents": cents})
        con.register("told", told)
        con.execute("INSERT INTO customer_lifetime SELECT customer_no, ?, cents FROM told", [day])
        con.unregister("told")
    return model
