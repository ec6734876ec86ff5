"""How old the rates are that figures are made from: an old one is used, but not silently."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from analytics.calendar import months_before
from analytics.formats import day as written
from analytics.formats import number
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.warehouse.engine import Warehouse

WINDOW = 12  # months whose rates are in an as-of date's figures


@dataclass(frozen=True)
class OldRate:
    """A rate that is used though it is too old. dated : of what day it is, None where there is none at all.

    used_on : the month end that it stands for. days : between the two.
    """

    feed: str
    name: str
    used_on: date
    dated: date | None
    days: int

    def __str__(self) -> str:
        """In words.

        >>> print(OldRate("fx", "USD", date(2026, 6, 30), date(2026, 5, 29), 32))
        USD for 30 June 2026 is of 29 May 2026, 32 days before.
        """
        if self.dated is None:
            said = _("{name} has no rate for {used_on}: its amounts are left out.")
            return said.format(name=self.name, used_on=written(self.used_on))
        said = plural(
            "{name} for {used_on} is of {dated}, {n} day before.",
            "{name} for {used_on} is of {dated}, {n} days before.", self.days,
        )  # fmt: skip
        return said.format(
            name=self.name, used_on=written(self.used_on), dated=written(self.dated), n=number(self.days)
        )


def old_rates(warehouse: Warehouse, as_of: date, ages: dict[str, int]) -> list[OldRate]:
    """The rates behind the figures of an as-of date that are older than may be, each where it is oldest.

    ages : days by feed; 0 where no age is too old. Only currencies and products that are in use count.
    """
    found = _old_fx(warehouse, as_of, ages["fx"]) if ages["fx"] else []
    return found + (_old_prices(warehouse, as_of, ages["products"]) if ages["products"] else [])


def newest_days(warehouse: Warehouse) -> dict[str, date | None]:
    """The newest day that each feed has a rate or a price of, whatever date it is for; None without any."""
    rows = warehouse.query(
        """SELECT (SELECT max(rate_date) FROM fx_rates) AS fx,
        (SELECT max(effective_from) FROM product_rates) AS products"""
    ).to_pylist()
    return dict(rows[0])


def _old_fx(warehouse: Warehouse, as_of: date, oldest: int) -> list[OldRate]:
    return _told(warehouse.query(
        """SELECT 'fx' AS feed, used.currency AS name, month_end AS used_on, max(rate_date) AS dated,
            coalesce(month_end - max(rate_date), 0) AS days
        FROM (FROM currency_month WHERE month_end > ? AND month_end <= ?) AS used
        LEFT JOIN fx_rates ON fx_rates.currency = used.currency AND rate_date <= month_end
        GROUP BY used.currency, month_end HAVING dated IS NULL OR days > ?
        QUALIFY row_number() OVER (PARTITION BY name ORDER BY dated IS NULL DESC, days DESC, used_on DESC) = 1
        ORDER BY name""",
        [months_before(as_of, WINDOW), as_of, oldest],
    ))  # fmt: skip


def _old_prices(warehouse: Warehouse, as_of: date, oldest: int) -> list[OldRate]:
    return _told(warehouse.query(
        """SELECT 'products' AS feed, product_id AS name, ?::DATE AS used_on, max(effective_from) AS dated,
            used_on - dated AS days
        FROM product_rates SEMI JOIN accounts USING (product_id)
        WHERE effective_from <= ? GROUP BY product_id HAVING days > ? ORDER BY product_id""",
        [as_of, as_of, oldest],
    ))  # fmt: skip


def _told(rows: Any) -> list[OldRate]:
    return [OldRate(**row) for row in rows.to_pylist()]
