"""What an indicator is: one number or label per customer as of a date, written as one row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import ibis

from analytics.calendar import months_before
from analytics.translation import mark as _

FAMILIES = {
    "geographic": _("Geographic"),
    "social": _("Social"),
    "psychological": _("Psychological"),
    "behaviour": _("Behaviour"),
    "value": _("Value"),
    "loyalty": _("Loyalty"),
    "response": _("Response"),
    "referral": _("Referral"),
    "risk": _("Risk"),
}
UNITS = {
    "currency": _("amount in the base currency"),
    "count": _("count"),
    "days": _("days"),
    "months": _("months"),
    "years": _("years"),
    "share": _("share"),
    "score": _("score"),
    "category": _("category"),
}
# Families whose indicators follow from what a customer does; the others are what a customer is.
CHANGEABLE = frozenset({"behaviour", "value", "loyalty", "response", "referral"})
SENSITIVITIES = {"pii": _("personal"), "sensitive": _("sensitive"), "profit": _("profit")}
Unit = Literal["currency", "count", "days", "months", "years", "share", "score", "category"]
Sensitivity = Literal["pii", "sensitive", "profit"]
Expression = Any  # an Ibis value: its classes are built at run time, so no narrower type helps


@dataclass(frozen=True)
class Reading:
    """What an expression may read: the rows of its source that count as of a date.

    rows : Ibis table of the source, one group per customer (for "customers": one row).
    day : the as-of date; `as_of` is the same as an Ibis value.
    """

    rows: Expression
    day: date

    @property
    def as_of(self) -> Expression:
        return ibis.date(self.day.year, self.day.month, self.day.day)

    def in_months(self, months: int, before: int = 0) -> Expression:
        """Whether a row lies in the `months` whole months that end `before` months ahead of the date."""
        first = months_before(self.day, before + months)
        inside = self.rows.month_end > ibis.date(first.year, first.month, first.day)
        if not before:
            return inside
        last = months_before(self.day, before)
        return inside & (self.rows.month_end <= ibis.date(last.year, last.month, last.day))

    def sum(self, column: str, months: int = 12, before: int = 0) -> Expression:
        """Sum of a count column over a window of whole months; 0 where the window is empty."""
        value = self.rows[column].cast("int64")
        return ibis.cases((self.in_months(months, before), value), else_=0).sum().cast("float64")

    def amount(self, column: str, months: int = 12, before: int = 0) -> Expression:
        """The same for a column of cents, in units of the base currency."""
        return self.sum(column, months, before) / 100.0

    def share(self, part: str, whole: str = "transactions", months: int = 12) -> Expression:
        """One count as a share of another over the window; empty where there is nothing to share."""
        return self.sum(part, months) / self.sum(whole, months).nullif(0)

    def average(self, column: str, months: int = 3) -> Expression:
        """Mean over the window's months that have a balance, in units of the base currency."""
        return self.amount(column, months) / self.sum("balance_months", months).nullif(0)

    def change(self, column: str, months: int = 6) -> Expression:
        """Relative change of a window against the one before it; empty where that was not positive."""
        before = ibis.cases((self.sum(column, months, months) > 0, self.sum(column, months, months)))
        return self.sum(column, months) / before - 1

    def months_since(self, day: Expression) -> Expression:
        """Calendar months from a date to the as-of date."""
        return (self.day.year * 12 + self.day.month) - (day.year() * 12 + day.month())

    def days_since(self, day: Expression) -> Expression:
        return self.as_of.delta(day, unit="day")


@dataclass(frozen=True)
class Indicator:
    """One row of the catalogue. Pickers, SQL, glossary, commands and contract tests derive from it.

    source : which rows the expression reads, a key of `sources.SOURCES`.
    needs : columns of the contract's tables, "table.column", that must hold at least one value.
    window : how many months of history before the as-of date the expression reads.
    empty : its value for a customer without any row in the source; None leaves it empty.
    sensitivity : the column class that a grant must have to see it, or None.
    monthly : the column of `customer_month` that it sums, where it is such a sum.
    better : "higher", "lower" or None where neither is better.
    changeable : whether a customer could change it by what they do; None as its family is, see CHANGEABLE.
    of_others : whether it tells what other customers bring, who may be in another's book.
    """

    key: str
    label: str
    family: str
    unit: Unit
    meaning: str
    expression: Callable[[Reading], Expression]
    source: str = "months"
    needs: tuple[str, ...] = ()
    window: int = 12
    empty: float | None = None
    better: Literal["higher", "lower"] | None = None
    sensitivity: Sensitivity | None = None
    monthly: str | None = None
    changeable: bool | None = None
    of_others: bool = False

    @property
    def can_change(self) -> bool:
        """Whether a customer could change it by what they do: never what they are or how long they are here."""
        return self.family in CHANGEABLE if self.changeable is None else self.changeable

    @property
    def is_number(self) -> bool:
        return self.unit != "category"
