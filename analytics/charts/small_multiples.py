"""One share over time, in one small picture a group, all on the same scales."""

from collections.abc import Hashable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts.base import axis_style, frame, note, safe, share_axis, shorten
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import day, number, percent
from analytics.translation import plural
from analytics.translation import translate as _

MOST_PANELS = 8
PANEL, GAP = 112, 66  # pixels: a picture, and the room for its name above and the years below


def small_multiples(
    rows: pd.DataFrame,
    column: str,
    label: str,
    *,
    palette: Palette,
    numbers: Mapping[str, int] | None = None,
    whole: str = "",
) -> go.Figure:
    """A share of each group over the month ends, two pictures side by side, the newest figure written out.

    rows : month_end, group, and `column` (a share, NaN where there is none); "" is the whole book, drawn first
        and as a quiet line behind every group. At most MOST_PANELS are drawn, in the order of their first rows.
    label : what the share is, for the sentences. numbers : the segments' numbers by group, for their colours.
    whole : what the book as a whole is called.
    Raises NotEnoughData without two month ends that have a share in any group.
    """
    known = rows.dropna(subset=[column])
    groups = [name for name in dict.fromkeys(rows["group"]) if (known["group"] == name).sum() > 1][
        :MOST_PANELS
    ]
    _need_months(known, groups)
    across = min(2, len(groups))
    down = -(-len(groups) // across)
    figure = frame(
        palette,
        height=20 + down * (PANEL + GAP) + (90 if len(groups) == 1 else 0),
        margin={"l": 8, "r": 14, "t": 4, "b": 8},
    )
    shown = known[known["group"].isin(groups)]
    scale = _scale(shown[column].to_numpy(dtype=np.float64))
    for place, name in enumerate(groups):
        _panel(figure, place, _box(place, across, down), name, rows, column, palette, scale)
        _lines(figure, place, name, rows, column, label, palette, _colour(name, numbers, palette))
        title = safe(shorten(name or whole or _("Whole book"), 24))
        figure.add_annotation(_title(figure, place, title, _newest(rows, name, column), palette))
    return figure


def _need_months(known: pd.DataFrame, groups: list[str]) -> None:
    if not groups:
        months = int(known["month_end"].nunique())
        raise NotEnoughData(
            plural("Only {n} month end has figures.", "{n} month ends have figures.", months).format(
                n=number(months)
            ),
            _("A picture over time needs two month ends, each with a year of transactions before it."),
        )


def _scale(values: np.ndarray[Any, Any]) -> dict[str, Any]:
    """One axis for all, with zero in it; four ticks, for the pictures are low."""
    axis = share_axis([0.0, float(values.max())])
    step = max(1, -(-len(axis["tickvals"]) // 4))
    low, high = min(0.0, float(values.min())), max(float(values.max()), 0.01)
    return {
        "tickmode": "array",
        "tickvals": axis["tickvals"][::step],
        "ticktext": axis["ticktext"][::step],
        "range": [low, high * 1.06],
    }


def _box(place: int, across: int, down: int) -> tuple[list[float], list[float]]:
    """Where a picture stands in the figure, from left to right and from top to bottom."""
    column, row = place % across, place // across
    wide, tall = 1 / across, 1 / down
    gap = tall * GAP / (PANEL + GAP)
    left = column * (wide + 0.06 * (across > 1) / 2)
    top = 1 - row * tall
    return [left, min(1.0, left + wide - 0.03 * (across > 1))], [top - tall + gap * 0.36, top - gap * 0.64]


def _panel(
    figure: go.Figure, place: int, box: tuple[list[float], list[float]], name: str, rows: pd.DataFrame,
    column: str, palette: Palette, scale: dict[str, Any],
) -> None:  # fmt: skip
    ends = sorted(set(rows["month_end"]))
    style, suffix = axis_style(palette), str(place + 1) if place else ""
    span = pd.Timestamp(ends[-1]) - pd.Timestamp(ends[0])
    reach = [pd.Timestamp(ends[0]) - span * 0.04, pd.Timestamp(ends[-1]) + span * 0.04]
    across = {"showgrid": False, "domain": box[0], "anchor": f"y{suffix}", "range": reach}
    up = {"domain": box[1], "anchor": f"x{suffix}", "showticklabels": box[0][0] == 0}
    figure.update_layout(
        {
            f"xaxis{suffix}": {**style, **_years(ends), **across},
            f"yaxis{suffix}": {**style, **scale, **up},
        }
    )  # fmt: skip


def _lines(
    figure: go.Figure, place: int, name: str, rows: pd.DataFrame, column: str, label: str, palette: Palette,
    colour: str,
) -> None:  # fmt: skip
    axes = {"xaxis": f"x{place + 1}" if place else "x", "yaxis": f"y{place + 1}" if place else "y"}
    book = rows[rows["group"] == ""]
    if name and len(book):
        figure.add_scatter(
            x=book["month_end"], y=book[column], mode="lines", hoverinfo="skip", **axes,
            line={"color": palette.rest, "width": 1.5},
        )  # fmt: skip
    own = rows[rows["group"] == name]
    figure.add_scatter(
        x=own["month_end"], y=own[column], mode="lines+markers", **axes, line={"color": colour, "width": 2.5},
        marker={"color": colour, "size": 5}, hovertext=_hovers(own, column, label), hoverinfo="text",
    )  # fmt: skip


def _hovers(own: pd.DataFrame, column: str, label: str) -> list[str]:
    text = _("{day}: {label} {share}, {n} customers")
    cells: list[dict[Hashable, Any]] = own.to_dict("records")
    return [
        text.format(
            day=day(row["month_end"]), label=label, share=percent(row[column]), n=number(row["customers"])
        )
        for row in cells
    ]


def _newest(rows: pd.DataFrame, name: str, column: str) -> str:
    own = rows.loc[rows["group"] == name, column].dropna()
    return _("{before} → {now}").format(before=percent(own.iloc[0]), now=percent(own.iloc[-1]))


def _title(figure: go.Figure, place: int, title: str, newest: str, palette: Palette) -> dict[str, Any]:
    suffix = str(place + 1) if place else ""
    domain = figure.layout[f"xaxis{suffix}"].domain[0], figure.layout[f"yaxis{suffix}"].domain[1]
    where = {
        "x": domain[0],
        "y": domain[1],
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
    }
    text = f"{title}<br><b>{newest}</b>"
    return note(text, palette, **where, font={"color": palette.text, "size": 12})


def _colour(name: str, numbers: Mapping[str, int] | None, palette: Palette) -> str:
    return palette.segment(numbers[name]) if numbers and name in numbers else palette.accent


def _years(ends: list[date]) -> dict[str, Any]:
    """Where years begin: labels short enough for a phone; the newest month where no year begins."""
    first = [date(year, 1, 1) for year in range(ends[0].year + 1, ends[-1].year + 1)]
    if not first:
        return {"tickmode": "array", "tickvals": [ends[-1]], "ticktext": [ends[-1].strftime("%Y-%m")]}
    return {"tickmode": "array", "tickvals": first, "ticktext": [str(start.year) for start in first]}
