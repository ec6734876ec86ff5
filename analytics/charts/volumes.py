"""A year of months, each beside the same month a year before."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.calendar import months_before
from analytics.charts.base import amount_axis, frame, note
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import NOTHING, day
from analytics.translation import translate as _
from analytics.value.quantity import Quantity

YEAR = 12


def months_against_last_year(
    months: pd.DataFrame, quantity: Quantity, *, palette: Palette, height: int = 300
) -> go.Figure:
    """Bars of the newest twelve months, in grey behind each the month a year before.

    months : columns month_end (date) and value; a month that is not there, or is empty, gets no bar.
    Raises NotEnoughData with fewer than two months that have a value.
    """
    known = months.dropna(subset=["value"])
    if len(known) < 2:
        raise NotEnoughData(
            _("Fewer than two months have a total that can be shown."),
            _("Choose a later month, or another figure."),
        )
    values = dict(zip(known["month_end"], known["value"].astype(np.float64), strict=True))
    ends = [months_before(max(values), back) for back in reversed(range(YEAR))]
    ends = [end for end in ends if end >= min(values)]
    before = [values.get(months_before(end, YEAR)) for end in ends]
    here = [values.get(end) for end in ends]
    figure = frame(palette, height=height, barmode="group", bargap=0.25, bargroupgap=0.05)
    ticks = [end.strftime("%Y-%m") for end in ends]
    hover = [
        _("In the month to {day}: {amount}; a year before: {earlier}").format(
            day=day(end), amount=_written(now, quantity), earlier=_written(then, quantity)
        )
        for end, now, then in zip(ends, here, before, strict=True)
    ]
    for heights, colour in ((before, palette.rest), (here, palette.accent)):
        figure.add_bar(x=ticks, y=heights, marker_color=colour, hovertext=hover, hoverinfo="text")
    _named(figure, palette, any(then is not None for then in before))
    figure.update_yaxes(**amount_axis([0.0, *values.values()], quantity), title_text=quantity.axis)
    every = -(-len(ticks) // 4)
    figure.update_xaxes(type="category", tickmode="array", tickvals=ticks[::-1][::every][::-1])
    return figure


def _written(value: float | None, quantity: Quantity) -> str:
    return NOTHING if value is None else quantity.text(value)


def _named(figure: go.Figure, palette: Palette, with_before: bool) -> None:
    """Which bars are which, above them."""
    place = {"xref": "paper", "yref": "paper", "y": 1.02, "yanchor": "bottom"}
    figure.update_layout(margin_t=34)
    this = f'<span style="color:{palette.accent}">■</span> ' + _("These twelve months")
    named = [this]
    if with_before:  # in the order of the bars
        named = [f'<span style="color:{palette.rest}">■</span> ' + _("A year before"), this]
    for text, x, anchor in zip(named, (0, 1), ("left", "right"), strict=False):
        figure.add_annotation(note(text, palette, x=x, xanchor=anchor, **place))
