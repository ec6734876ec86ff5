"""What a column of figures is: its name and unit, so that charts and sentences can write it."""

from dataclasses import dataclass
from typing import Any, Self

from analytics.formats import currency_word, quantity
from analytics.translation import translate as _


@dataclass(frozen=True)
class Quantity:
    """An indicator as charts and sentences need it. `label` is in the language in use already.

    >>> profit = Quantity("profit_12m", "Profit, 12 months", "currency", "CNY")
    >>> profit.text(2_380_000), profit.axis
    ('CNY 2.38 m', 'Profit, 12 months (CNY)')
    """

    key: str
    label: str
    unit: str = "count"
    currency: str = ""

    @classmethod
    def of(cls, indicator: Any, currency: str = "") -> Self:
        """From a row of the indicator catalogue, in the language in use."""
        return cls(indicator.key, _(indicator.label), indicator.unit, currency)

    def text(self, value: float | None, *, full: bool = False) -> str:
        """One figure of it, compact unless `full`."""
        return quantity(value, self.unit, self.currency, full=full)

    def bare(self, value: float | None) -> str:
        """One figure without its currency, for where the axis or the row says it."""
        return quantity(value, self.unit).strip()

    @property
    def axis(self) -> str:
        """Its name with the unit, for an axis."""
        units = {
            "currency": currency_word(self.currency),
            "days": _("days"),
            "months": _("months"),
            "years": _("years"),
        }
        unit = units.get(self.unit, "")
        # A label that names its unit already, "Days since last transaction", needs no second one.
        if not unit or unit.lower() in self.label.lower():
            return self.label
        return _("{label} ({unit})").format(label=self.label, unit=unit)
