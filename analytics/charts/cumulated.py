"""What whale, Lorenz and Pareto share: customers from best to worst and what they bring together."""

from dataclasses import dataclass

import numpy as np

from analytics.charts.base import amount_axis, share_axis
from analytics.errors import NotEnoughData
from analytics.formats import number, percent
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.concentration import Concentration
from analytics.value.measures import Amounts
from analytics.value.quantity import Quantity


@dataclass(frozen=True)
class Curve:
    """Customers from best to worst on x (0..1), and what they bring together: shares, or amounts."""

    c: Concentration
    quantity: Quantity
    x: Amounts
    y: Amounts

    @classmethod
    def of(cls, c: Concentration, quantity: Quantity) -> "Curve":
        _need_curve(c, quantity)
        y = c.running / c.running[-1] if c.net_positive else c.running
        return cls(c, quantity, c.counts / c.customers, y)

    def text(self, value: float) -> str:
        if 1 < value < 1.01 and self.c.net_positive:  # a peak just above 100 % should not read 100 %
            return percent(value, 1)
        return percent(value) if self.c.net_positive else self.quantity.text(value)

    def axis(self) -> dict[str, object]:
        ticks = share_axis(self.y) if self.c.net_positive else amount_axis(self.y, self.quantity)
        title = _("Share of the net total") if self.c.net_positive else self.quantity.axis
        return {**ticks, "title": {"text": title}}

    def at(self, count: int) -> float:
        """What the best `count` customers bring; exact for the counts that the curve keeps."""
        return float(self.y[np.searchsorted(self.c.counts, count)])


def _need_curve(c: Concentration, quantity: Quantity) -> None:
    if c.customers < 2:
        raise NotEnoughData(
            plural(
                "Only {n} customer has a value for {label}: a curve needs two.",
                "{n} customers have a value for {label}: a curve needs two.",
                c.customers,
            ).format(n=number(c.customers), label=quantity.label),
            _("Widen the population, or choose another indicator."),
        )
    if c.lowest == c.highest == 0:
        raise NotEnoughData(
            _("{label} is zero for every customer: there is nothing to share out.").format(
                label=quantity.label
            ),
            _("Choose another indicator, population or as-of date."),
        )
