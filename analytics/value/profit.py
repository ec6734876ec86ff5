"""Profit contribution in its lines: of a book, of segments, of one customer, adding up to the cent."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from analytics.access.book import Book
from analytics.access.earnings import account_lines, channel_lines
from analytics.segmentation import segment_toml
from analytics.translation import mark as _

LISTED = 500
WINDOW = 12  # months


@dataclass(frozen=True)
class Part:
    """One line of the statement.

    indicator : the catalogue's row of it. sign : +1 where it is earned, -1 where it is a cost. column : its
        cents in `access.earnings.account_lines`.
    """

    key: str
    label: str
    indicator: str
    sign: int
    column: str


PARTS = (
    Part("deposits", _("Spread on deposits"), "deposit_spread_12m", 1, "deposit_spread_cents"),
    Part("lending", _("Spread on loans and cards"), "lending_spread_12m", 1, "lending_spread_cents"),
    Part("fees", _("Fees"), "fees_12m", 1, "fee_cents"),
    Part("risk", _("Risk cost"), "risk_cost_12m", -1, "risk_cents"),
    Part("service", _("Cost to serve"), "service_cost_12m", -1, "service_cents"),
)
KEYS = tuple(part.key for part in PARTS)


@dataclass(frozen=True)
class Earned:
    """What some customers brought over twelve months, in whole cents of the base currency.

    parts : cents by key of PARTS, costs below zero; they add up to `profit` exactly.
    """

    customers: int
    parts: dict[str, int]
    profit: int

    @property
    def spread(self) -> int:
        """Spread on deposits and on lending together."""
        return self.parts["deposits"] + self.parts["lending"]

    @property
    def costs(self) -> int:
        """Risk cost and cost to serve together, as a positive figure."""
        return -self.parts["risk"] - self.parts["service"]


@dataclass(frozen=True)
class ProfitView:
    """What the Profit page shows.

    customers : customer_id, KEYS and profit in units of the base currency, best first; of a large book its best
        and its worst. missing : by key of PARTS why there is no such line; it counts as zero.
    before : profit of the same customers' twelve months to the month end before, None where it is not known.
    """

    whole: Earned
    customers: pd.DataFrame
    missing: dict[str, str]
    before: float | None


def profit_frame(book: Book, as_of: date) -> pd.DataFrame:
    """Every customer's lines: customer_id, KEYS and profit, in whole cents, costs below zero.

    Raises NotAllowed where profit can't be shown, with the reason.
    """
    book.require(["profit_12m"])
    known = [part for part in PARTS if book.available[part.indicator] is None]
    keys = ["profit_12m", *(part.indicator for part in known)]
    told = book.frame(keys, as_of=as_of)
    lines = {part.key: part.sign * cents(told[part.indicator]) for part in known}
    rows = pd.DataFrame({"customer_id": told["customer_id"]})
    for key in KEYS:
        rows[key] = lines.get(key, 0)
    rows["profit"] = cents(told["profit_12m"])
    return rows


def cents(amounts: "pd.Series[float]") -> "pd.Series[int]":
    """Amounts as whole cents; nothing counts as zero.

    >>> cents(pd.Series([0.29, -1.15, float("nan")])).tolist()
    [29, -115, 0]
    """
    return (amounts.fillna(0) * 100).round().astype(np.int64)


def earned(rows: pd.DataFrame) -> Earned:
    """The sum of customers' or accounts' lines.

    rows : KEYS and profit in cents.
    """
    return Earned(len(rows), {key: int(rows[key].sum()) for key in KEYS}, int(rows["profit"].sum()))


def profit_view(book: Book, as_of: date) -> ProfitView:
    """The book's profit in its lines, and its customers'."""
    rows = profit_frame(book, as_of)
    best = rows.sort_values("profit", ascending=False, kind="stable")
    if len(best) > LISTED:
        best = pd.concat([best.head(LISTED // 2), best.tail(LISTED // 2)])
    missing = {part.key: book.available[part.indicator] or "" for part in PARTS}
    return ProfitView(
        whole=earned(rows),
        customers=in_units(best.reset_index(drop=True)),
        missing={key: reason for key, reason in missing.items() if reason},
        before=_before(book, as_of),
    )


def in_units(rows: pd.DataFrame) -> pd.DataFrame:
    """Lines in units of the currency instead of cents."""
    figures = [*KEYS, "profit"]
    return rows.assign(**{name: rows[name] / 100 for name in figures})


def _before(book: Book, as_of: date) -> float | None:
    earlier = [month for month in book.warehouse.month_ends if month < as_of]
    if len(earlier) < WINDOW:  # a window that only fills up would look like growth
        return None
    return float(book.frame(("profit_12m",), as_of=earlier[-1])["profit_12m"].sum())


def profit_by_segment(book: Book, as_of: date, recipe_text: str) -> pd.DataFrame:
    """The lines of each segment of a recipe: segment, name, customers, KEYS and profit, in whole cents.

    Customers in no segment are its last row, number 0, so that the lines add up to the book's.
    """
    rows = profit_frame(book, as_of)
    members = segment_toml(book, recipe_text).members[["customer_id", "segment", "segment_name"]]
    return by_segment(rows, members, (*KEYS, "profit"))


def by_segment(rows: pd.DataFrame, members: pd.DataFrame, figures: Iterable[str]) -> pd.DataFrame:
    """Sums of customers' figures: segment, name, customers, figures; those in none last, as number 0.

    rows : customer_id and figures. members : customer_id, segment, segment_name.
    """
    told = rows.merge(members, on="customer_id", how="left")
    told["segment"] = told["segment"].fillna(0).astype(int)
    grouped = told.groupby("segment", observed=True)
    sums = grouped[list(figures)].sum()
    sums.insert(0, "customers", grouped.size())
    names = members.drop_duplicates("segment").set_index("segment")["segment_name"]
    sums.insert(0, "name", [str(names.get(number, "")) for number in sums.index])
    ordered = sums.reset_index()
    return ordered.sort_values("segment", key=lambda n: n.replace(0, 10**9)).reset_index(drop=True)


@dataclass(frozen=True)
class Statement:
    """One customer's profit over twelve months, line by line, in whole cents; every table adds up to `whole`.

    accounts : account_id, product, category, KEYS, profit; account_id is empty for what names no account.
    months : month_end, KEYS, profit. channels : channel, transactions, fees, service (a cost, below zero).
    """

    customer_id: str
    whole: Earned
    accounts: pd.DataFrame
    months: pd.DataFrame
    channels: pd.DataFrame


def statement(book: Book, as_of: date, customer_id: str) -> Statement:
    """A customer's lines by account, month and channel.

    Raises UnknownName for a customer who is not in the book, NotAllowed without the class profit.
    """
    book.attributes(customer_id)  # refuses a customer outside the book
    told = account_lines(book, customer_id, as_of)
    lines = pd.DataFrame({part.key: part.sign * told[part.column] for part in PARTS})
    lines = lines.assign(profit=told["cents"], **told[["account_id", "product", "category", "month_end"]])
    used = channel_lines(book, customer_id, as_of).sort_values("transactions", ascending=False)
    return Statement(
        customer_id=customer_id,
        whole=replace(earned(lines), customers=1),
        accounts=_summed(lines, ["account_id", "product", "category"]),
        months=_summed(lines, ["month_end"]),
        channels=pd.DataFrame(
            {
                "channel": used["channel"],
                "transactions": used["transactions"],
                "fees": used["fee_cents"],
                "service": -used["service_cents"],
            }
        ).reset_index(drop=True),
    )


def _summed(lines: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    return lines.groupby(by, as_index=False, dropna=False)[[*KEYS, "profit"]].sum()
