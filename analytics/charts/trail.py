"""What was recorded day by day, by kind."""

from collections.abc import Mapping
from datetime import timedelta

import pandas as pd
import plotly.graph_objects as go

from analytics.charts.base import amount_axis, frame
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import day, number
from analytics.translation import translate as _
from analytics.value.quantity import Quantity

FEWEST_DAYS = 14  # the bar of a trail's first day is no wider than others


def entries_by_day(
    counted: pd.DataFrame, labels: Mapping[str, str], *, palette: Palette, height: int = 320
) -> go.Figure:
    """One bar a day, cut by kind; refusals in the colour of loss.

    counted : columns day (date), kind (a key of labels) and entries. Raises NotEnoughData without a row.
    """
    if counted.empty:
        raise NotEnoughData(_("Nothing was recorded in these days."))
    figure = frame(palette, height=height, barmode="stack", bargap=0.35, showlegend=True)
    last = counted["day"].max()
    first = min(counted["day"].min(), last - timedelta(days=FEWEST_DAYS - 1))
    days = pd.date_range(first, last, freq="D").date
    colours = iter((palette.accent, *palette.segments[5:], *palette.segments[1:5]))
    for kind, label in labels.items():
        of_kind = counted[counted["kind"] == kind].set_index("day")["entries"].reindex(days, fill_value=0)
        colour = palette.loss if kind == "refused" else palette.rest if kind == "other" else next(colours)
        if not of_kind.any():
            continue
        hover = [f"{day(on)}<br>{label}: {number(n)}" for on, n in zip(days, of_kind, strict=True)]
        figure.add_bar(
            x=[on.isoformat() for on in days], y=of_kind.to_numpy(), name=label, marker_color=colour,
            hovertext=hover, hoverinfo="text",
        )  # fmt: skip
    figure.update_layout(
        legend={"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0, "traceorder": "normal"}
    )
    totals = counted.groupby("day")["entries"].sum().to_numpy()
    figure.update_yaxes(
        **amount_axis([0, *totals], Quantity("entries", _("Entries"), "count")), title_text=_("Entries")
    )
    every = -(-len(days) // 6)
    shown = [on.isoformat() for on in days[::-1][::every][::-1]]
    figure.update_xaxes(type="category", tickmode="array", tickvals=shown, ticktext=[on[5:] for on in shown])
    return figure
