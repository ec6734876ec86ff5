"""Results against what is expected: a dot for each employee, on the range that chance leaves."""

from collections.abc import Hashable
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analytics.charts.base import amount_axis, frame, safe, wrap
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.translation import translate as _
from analytics.value.quantity import Quantity

ROW = 38  # pixels an employee
COLOURS = {"above": "gain", "below": "loss"}


def team_chart(rows: pd.DataFrame, quantity: Quantity, *, palette: Palette) -> go.Figure:
    """A row an employee, in the order given: a line over the range, a tick at what is expected, a dot at the result.

    rows : name, result, expected, low, high, verdict, as `team.report` makes them. Blue dots lie above the range,
    orange ones below. Raises NotEnoughData where nobody is compared.
    """
    rows = rows[rows["expected"].notna()].reset_index(drop=True)
    if rows.empty:
        raise NotEnoughData(
            _("There are too few similar customers of others to compare with."), _("Look at a larger book.")
        )
    places = list(range(len(rows)))
    figure = frame(palette, height=84 + ROW * len(rows))
    hovers = [_hover(row, quantity) for row in rows.to_dict("records")]
    middle = (rows["low"] + rows["high"]) / 2
    figure.add_scatter(
        x=middle, y=places, mode="markers", marker={"opacity": 0}, hoverinfo="skip",
        error_x={"type": "data", "array": (rows["high"] - rows["low"]) / 2, "color": palette.rest,
                 "thickness": 7, "width": 0},
    )  # fmt: skip
    figure.add_scatter(
        x=rows["expected"], y=places, mode="markers", hovertext=hovers, hoverinfo="text",
        marker={"symbol": "line-ns", "size": 15, "line": {"color": palette.text, "width": 2}},
    )  # fmt: skip
    figure.add_scatter(
        x=rows["result"], y=places, mode="markers", hovertext=hovers, hoverinfo="text",
        customdata=rows["employee_id"],
        marker={"size": 13, "color": [_colour(verdict, palette) for verdict in rows["verdict"]],
                "line": {"color": palette.background, "width": 1.5}},
    )  # fmt: skip
    reach = [rows[["result", "low"]].min().min(), rows[["result", "high"]].max().max()]
    wide = (reach[1] - reach[0]) or 1.0
    figure.update_xaxes(
        **amount_axis(reach, quantity), title_text=safe(quantity.axis), showgrid=True,
        range=[reach[0] - 0.05 * wide, reach[1] + 0.05 * wide],
    )  # fmt: skip
    figure.update_yaxes(
        tickmode="array", tickvals=places, ticktext=[wrap(name, 18) for name in rows["name"]], showgrid=False,
        range=[len(rows) - 0.5, -0.5], tickfont={"color": palette.text, "size": 12},
    )  # fmt: skip
    return figure


def _colour(verdict: str, palette: Palette) -> str:
    return str(getattr(palette, COLOURS[verdict])) if verdict in COLOURS else palette.muted


def _hover(row: dict[Hashable, Any], quantity: Quantity) -> str:
    said = _("{name}: {result}; expected: {expected} ({low} to {high})")
    told = {key: quantity.text(row[key]) for key in ("result", "expected", "low", "high")}
    return said.format(name=safe(row["name"]), **told)
