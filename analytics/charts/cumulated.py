"""What whale, Lorenz and Pareto share: customers from best to worst and what they bring together."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analytics.charts.base import amount_axis, share_axis
from analytics.errors import NotEnoughData
from analytics.formats import number, percent
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.concentration import Concentration
from analytics.value.measures import Amounts
from analytics.value.quantity import Quantity

Basis = Literal["net", "gains", "amount"]


@dataclass(frozen=True)
class Curve:
    """Customers from best to worst on x (0..1), and what they bring together.

    basis : what y is a share of, the net total or all gains; "amount" where y is no share.
    """

    c: Concentration
    quantity: Quantity
    x: Amounts
    y: Amounts
    basis: Basis

    @classmethod
    def of(cls, c: Concentration, quantity: Quantity, *, of_gains: bool = False) -> "Curve":
        """Shares of the net total, or amounts where that is not positive; on request shares of the gains."""
        _need_curve(c, quantity)
        x = c.counts / c.customers
        if of_gains:
            _need_gains(c, quantity)
            return cls(c, quantity, x, c.gross, "gains")
        if c.net_positive:
            return cls(c, quantity, x, c.running / c.running[-1], "net")
        return cls(c, quantity, x, c.running, "amount")

    def text(self, value: float) -> str:
        if self.basis == "amount":
            return self.quantity.text(value)
        if 1 < value < 1.01:  # a peak just above 100 % should not read 100 %
            return percent(value, 1)
        return percent(value)

    def sentence(self, value: float) -> str:
        """A share with what it is of and its amount; the amount alone where there are no shares."""
        if self.basis == "amount":
            return self.quantity.text(value)
        whole, text = (
            (self.c.total, _("{share} of the net total, {amount}"))
            if self.basis == "net"
            else (self.c.gains, _("{share} of all gains, {amount}"))
        )
        return text.format(share=percent(value), amount=self.quantity.text(value * whole))

    def axis(self) -> dict[str, object]:
        if self.basis == "amount":
            return {**amount_axis(self.y, self.quantity), "title": {"text": self.quantity.axis}}
        title = _("Share of the net total") if self.basis == "net" else _("Share of all gains")
        return {**share_axis(self.y), "title": {"text": title}}

    def at(self, count: int) -> float:
        """What the best `count` customers bring; exact for the counts that the curve keeps."""
        return float(self.y[np.searchsorted(self.c.counts, count)])


def _need_gains(c: Concentration, quantity: Quantity) -> None:
    if not c.gains > 0:
        raise NotEnoughData(
            _("Nobody is above zero in {label}, so there are no gains to have shares of.").format(
                label=quantity.label
            ),
            _("Choose another indicator, population or as-of date."),
        )


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
