"""Predicted against observed: was what the model said of each tenth of the customers what came?"""

from collections.abc import Hashable
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analytics.charts.base import amount_axis, frame, note, safe
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import number
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.quantity import Quantity

ROW = 34  # pixels a group
LABEL_ROOM = 0.62  # of the amounts' range, for the figures beside the bars


def foretold(table: pd.DataFrame, quantity: Quantity, *, palette: Palette) -> go.Figure:
    """A bar a group for what came, and a mark on it for what was predicted; both figures stand beside it.

    table : group (1 the highest prediction), customers, predicted and observed (means per customer), as
        `value.lifetime.backtest` makes it. Losses are orange. Raises NotEnoughData without a group.
    """
    if table.empty:
        raise NotEnoughData(
            _("There is no prediction to hold against what came."), _("Ask for a larger book.")
        )
    rows = list(range(len(table)))
    figure = frame(palette, height=74 + ROW * len(rows))
    hovers = [_hover(row, quantity) for row in table.to_dict("records")]
    figure.add_bar(
        orientation="h", y=rows, x=table["observed"], width=0.62, hovertext=hovers, hoverinfo="text",
        marker_color=[palette.gain if amount >= 0 else palette.loss for amount in table["observed"]],
    )  # fmt: skip
    figure.add_scatter(
        y=rows, x=table["predicted"], mode="markers", hovertext=hovers, hoverinfo="text",
        marker={"symbol": "line-ns", "size": 18, "line": {"color": palette.text, "width": 3}},
    )  # fmt: skip
    _label(figure, table, quantity, palette)
    return figure


def _label(figure: go.Figure, table: pd.DataFrame, quantity: Quantity, palette: Palette) -> None:
    amounts = [0.0, *table["observed"], *table["predicted"]]
    low, high = min(amounts), max(amounts)
    wide = (high - low) or 1.0
    for place, (seen, said) in enumerate(zip(table["observed"], table["predicted"], strict=True)):
        text = _("{observed} ({predicted})").format(
            observed=f"<b>{quantity.bare(seen)}</b>", predicted=quantity.bare(said)
        )
        beside = {"x": max(seen, said, 0.0), "y": place, "xanchor": "left", "xshift": 8}
        figure.add_annotation(note(text, palette, **beside))
    figure.add_vline(x=0, line={"color": palette.zero, "width": 1})
    figure.update_xaxes(
        **amount_axis([low, high], quantity), title_text=safe(quantity.axis), showgrid=True,
        range=[low - 0.03 * wide, high + LABEL_ROOM * wide],
    )  # fmt: skip
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(table))), ticktext=[_named(n, len(table)) for n in table["group"]],
        range=[len(table) - 0.5, -0.5], showgrid=False, tickfont={"color": palette.text, "size": 13},
    )  # fmt: skip


def _named(group: int, groups: int) -> str:
    if group == 1:
        return _("1 (highest)")
    return _("{n} (lowest)").format(n=groups) if group == groups else str(group)


def _hover(row: dict[Hashable, Any], quantity: Quantity) -> str:
    said = plural(
        "{n} customer brought {observed} on average; predicted: {predicted}",
        "{n} customers brought {observed} on average; predicted: {predicted}",
        int(row["customers"]),
    )
    return said.format(
        n=number(row["customers"]), observed=quantity.text(row["observed"], full=True),
        predicted=quantity.text(row["predicted"], full=True),
    )  # fmt: skip
