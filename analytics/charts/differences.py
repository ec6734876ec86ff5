"""What sets one segment apart: a dot an indicator with its interval, the book at zero."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts.base import frame, note, safe, wrap
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import number
from analytics.translation import translate as _
from analytics.value.scale import round_ticks

LEAST_REACH = 1.0  # standard deviations that the picture holds at least, so that small differences look small


def differences_chart(
    differences: pd.DataFrame, labels: Mapping[str, str], *, palette: Palette, height: int | None = None
) -> go.Figure:
    """A segment's differences from the book in standard units, with their intervals, the largest on top.

    differences : rows of one segment as `trust.explain.differences` has them: indicator, standard, low, high;
        without low and high (a single customer) the dot stands alone, without standard there is none.
    labels : what indicators are called. A dot is filled where its interval leaves zero out, else it is hollow.
    Raises NotEnoughData without a difference.
    """
    known = differences[differences["standard"].notna()]
    if known.empty:
        raise NotEnoughData(
            _("Nothing is known that could set this segment apart."), _("Choose other indicators.")
        )
    order = known["standard"].abs().round(6).sort_values(ascending=False, kind="stable").index
    rows = known.loc[order].to_dict("records")
    figure = frame(palette, height=height or 96 + 44 * len(rows))
    _dots(figure, rows, labels, palette)
    reach = max(LEAST_REACH, float(np.nanmax(np.abs(known[["standard", "low", "high"]].to_numpy(float)))))
    _axes(figure, rows, labels, reach, palette)
    figure.add_vline(x=0, line={"color": palette.zero, "width": 1.5})
    figure.add_annotation(_key(palette))
    figure.update_layout(margin={"t": 38})
    return figure


def _dots(figure: go.Figure, rows: list[dict[Any, Any]], labels: Mapping[str, str], palette: Palette) -> None:
    middles = [row["standard"] for row in rows]
    colours = [palette.gain if middle >= 0 else palette.loss for middle in middles]
    above, below = ([_length(row[end], row["standard"]) for row in rows] for end in ("high", "low"))
    figure.add_scatter(
        x=middles, y=list(range(len(rows))), mode="markers", hoverinfo="text",
        error_x={"type": "data", "symmetric": False, "array": above, "arrayminus": below,
                 "color": palette.muted, "thickness": 1.5, "width": 5},
        marker={"size": 11, "symbol": ["circle" if _sure(row) else "circle-open" for row in rows],
                "color": colours, "line": {"width": 2, "color": colours}},
        hovertext=[_hover(row, labels) for row in rows],
        customdata=[row["indicator"] for row in rows],
    )  # fmt: skip


def _length(end: float, middle: float) -> float:
    return 0.0 if pd.isna(end) else abs(end - middle)


def _sure(row: Mapping[Any, Any]) -> bool:
    """Whether the interval leaves zero out."""
    return bool(row["low"] > 0 or row["high"] < 0)


def _axes(
    figure: go.Figure, rows: list[dict[Any, Any]], labels: Mapping[str, str], reach: float, palette: Palette
) -> None:
    ticks = round_ticks([-reach, reach])
    places = 0 if all(float(tick).is_integer() for tick in ticks) else 1
    signed = [f"+{number(tick, places)}" if tick > 0 else number(tick, places) for tick in ticks]
    figure.update_xaxes(
        range=[-1.06 * reach, 1.06 * reach], showgrid=True, tickmode="array", tickvals=list(ticks),
        ticktext=signed, title={"text": _("Difference from the book, in standard deviations")},
    )  # fmt: skip
    names = [wrap(labels.get(row["indicator"], row["indicator"]), 16) for row in rows]
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(rows))), ticktext=names, showgrid=False,
        range=[len(rows) - 0.4, -0.6], tickfont={"color": palette.text, "size": 12},
    )  # fmt: skip


def _hover(row: Mapping[Any, Any], labels: Mapping[str, str]) -> str:
    label = safe(labels.get(row["indicator"], row["indicator"]))
    shape = _("{label}: {distance} standard deviations above the book")
    if row["standard"] < 0:
        shape = _("{label}: {distance} standard deviations below the book")
    text = shape.format(label=label, distance=number(abs(row["standard"]), 2))
    if pd.isna(row["low"]):
        return text
    between = _("95% interval from {low} to {high}")
    return f"{text}<br>{between.format(low=number(row['low'], 2), high=number(row['high'], 2))}"


def _key(palette: Palette) -> dict[str, Any]:
    text = _("0: the book. Bars: 95% intervals. Hollow: may be chance.")
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom"}
    return note(wrap(text, 46), palette, **place, yshift=4, font={"color": palette.muted, "size": 12})
