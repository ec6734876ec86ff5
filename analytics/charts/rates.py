"""Rates over time: one currency day by day, one product's prices as the steps that they are."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts.base import MOST_POINTS, frame, note, safe
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import day, percent
from analytics.translation import translate as _

_MONTHS = "%Y-%m"  # the same in every language
YEARS = 5  # of prices, which hold for long


def fx_history(
    rates: pd.DataFrame, currency: str, base: str, *, palette: Palette, height: int = 300
) -> go.Figure:
    """One line, the newest rate labelled.

    rates : columns day (date) and rate (units of the base currency for one unit), oldest first; of more than
        2,000 days every n-th is drawn, the newest always.
    Raises NotEnoughData with fewer than two days.
    """
    _enough(rates, currency)
    step = -(-len(rates) // MOST_POINTS)
    shown = rates.iloc[::-1].iloc[::step].iloc[::-1]
    values = shown["rate"].to_numpy(dtype=np.float64)
    hover = [f"{day(when)}<br>{value:.6g}" for when, value in zip(shown["day"], values, strict=True)]
    figure = frame(palette, height=height)
    figure.add_scatter(
        x=shown["day"], y=values, mode="lines", line={"color": palette.accent, "width": 2}, hovertext=hover,
        hoverinfo="text",
    )  # fmt: skip
    last = _("{rate} on {day}").format(rate=f"{values[-1]:.5g}", day=day(shown["day"].iloc[-1]))
    figure.add_annotation(
        note(f"<b>{last}</b>", palette, x=1, xref="paper", xanchor="right", y=1.02, yref="paper",
             yanchor="bottom")
    )  # fmt: skip
    title = _("{base} for one {currency}").format(base=base, currency=currency)
    figure.update_yaxes(title_text=safe(title), nticks=6)
    figure.update_layout(margin={"l": 8, "r": 14, "t": 32, "b": 8})
    figure.update_xaxes(tickformat=_MONTHS)
    return figure


def price_history(
    prices: pd.DataFrame, product: str, until: date, *, palette: Palette, height: int = 300
) -> go.Figure:
    """What customers pay or get, and the transfer rate that it is held against: steps over five years.

    prices : columns day (date), customer_rate and transfer_rate (yearly shares), oldest first.
    until : the day that the last price is drawn to.
    Raises NotEnoughData without a price.
    """
    if prices.empty:
        raise NotEnoughData(_("There are no prices of {name}.").format(name=product), _("Import some."))
    prices = _recent(prices, until)
    end = max(until, prices["day"].iloc[-1])
    days = [*prices["day"], end]
    figure = frame(palette, height=height, margin={"l": 8, "r": 14, "t": 32, "b": 8})
    for name, label, colour, side in (
        ("customer_rate", _("Customer's rate"), palette.accent, 0.0),
        ("transfer_rate", _("Transfer rate"), palette.muted, 1.0),
    ):
        values = [*prices[name], prices[name].iloc[-1]]
        hover = [
            f"{safe(label)}<br>{day(when)}: {percent(value, 2)}"
            for when, value in zip(days, values, strict=True)
        ]
        figure.add_scatter(
            x=days, y=values, mode="lines", line={"color": colour, "width": 2, "shape": "hv"}, hovertext=hover,
            hoverinfo="text",
        )  # fmt: skip
        text = f'<b style="color:{colour}">{safe(label)} {percent(values[-1], 2)}</b>'
        place = {"x": side, "xref": "paper", "xanchor": "right" if side else "left"}
        figure.add_annotation(note(text, palette, y=1.02, yref="paper", yanchor="bottom", **place))
    figure.update_xaxes(tickformat=_MONTHS)
    figure.update_yaxes(tickformat=".1%", nticks=6, title_text=_("a year"))
    return figure


def _recent(prices: pd.DataFrame, until: date) -> pd.DataFrame:
    """The prices of the last years; the first of them begins where the picture does."""
    begins = until - timedelta(days=365 * YEARS)
    inside = prices[prices["day"] > begins]
    before = prices[prices["day"] <= begins].tail(1).assign(day=begins)
    return pd.concat([before, inside])


def _enough(rates: pd.DataFrame, name: str) -> None:
    if len(rates) < 2:
        raise NotEnoughData(
            _("There are fewer than two rates of {name}.").format(name=name), _("Import its history.")
        )
