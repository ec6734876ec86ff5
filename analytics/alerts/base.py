"""What an alert is: one rule, written as one row; screen, thresholds and tests derive from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from analytics.access.book import Book, frame_of
from analytics.change import Change
from analytics.errors import BadInput
from analytics.formats import number
from analytics.translation import translate as _
from analytics.value.quantity import Quantity

# What a rule gives. since, period : dates. size : money of the base currency that it is about, NaN where it is the
# customer's balance. first, second : what the sentence says.
FOUND = ["customer_id", "since", "period", "size", "first", "second"]


@dataclass(frozen=True)
class Threshold:
    """Where a rule begins. low and high are included; unit : as of indicators."""

    key: str
    label: str
    default: float
    low: float
    high: float
    unit: str = "count"

    def checked(self, value: Any) -> float:
        """The value as a number within the bounds. Raises BadInput."""
        known = (
            isinstance(value, int | float) and not isinstance(value, bool) and self.low <= value <= self.high
        )
        if not known:
            raise BadInput(
                _("'{setting}' must be from {low} to {high}, got {value!r} instead.").format(
                    setting=_(self.label), low=number(self.low, 2), high=number(self.high, 2), value=value
                )
            )
        return float(value)


@dataclass(frozen=True)
class Asked:
    """What the rules are asked: of whose book, as of when.

    day : the day that coming dates are counted from. value : the indicator that tiers are made of.
    said : this rule's thresholds by key. terms : months until a deposit product matures, by product_id.
    measured : the value at the month end and the one before, for the rules that it decides.
    """

    book: Book
    as_of: date
    day: date
    value: Quantity
    said: Mapping[str, float] = field(default_factory=dict)
    terms: Mapping[str, int] = field(default_factory=dict)
    measured: Change | None = None

    @property
    def base(self) -> str:
        """The base currency."""
        return str(self.book.warehouse.manifest.base_currency)


@dataclass(frozen=True)
class Alert:
    """One rule. Adding one is a row in a file of this package, listed in `report.ALERTS`.

    meaning : the rule in words, as it is shown beside its thresholds. needs : "table.column" that must hold
    something. sensitivity : the column class without which it is not there. history : months of data that it reads.
    lacks : what else is missing, in words. find : gives FOUND. sentence : from `first` and `second` of one row.
    by_value : whether another value finds something else.
    """

    key: str
    label: str
    meaning: str
    find: Callable[[Asked], pd.DataFrame]
    sentence: Callable[[Any, Asked], str]
    thresholds: tuple[Threshold, ...] = ()
    needs: tuple[str, ...] = ()
    sensitivity: str | None = None
    history: int = 1
    lacks: Callable[[Asked], str | None] = field(default=lambda asked: None)
    by_value: bool = False


def told(asked: Asked, sql: str, what: str, sensitivity: str | None = None) -> pd.DataFrame:
    """What a statement finds in the book, as FOUND; columns that it does not give are empty."""
    rows = frame_of(asked.book.joined(sql, what=what, as_of=asked.as_of, sensitivity=sensitivity))
    return rows.reindex(columns=FOUND)
