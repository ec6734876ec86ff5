"""The segments of a recipe in every unit: one small picture a unit, one bar a segment, all on the same scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from analytics.charts.base import axis_style, frame, note, safe, shorten, wrap
from analytics.charts.palette import Palette
from analytics.charts.small_multiples import MOST_PANELS
from analytics.errors import NotEnoughData
from analytics.formats import NOTHING, number
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.quantity import Quantity

TITLE, BAR, GAP = 46, 26, 14  # pixels: above a picture its name, a bar's row, and below the picture
ROOM = 0.42  # of the scale's length, beyond its longest bar, for the figure written there


@dataclass(frozen=True)
class _Panels:
    """What all pictures share. whole : the whole book's figure by segment, drawn as a mark in every unit's."""

    rows: pd.DataFrame
    quantity: Quantity
    names: Mapping[int, str]
    palette: Palette
    order: list[int]
    whole: Mapping[int, float]
    low: float
    high: float
    count: int

    @property
    def tall(self) -> int:
        return BAR * len(self.order)

    @property
    def height(self) -> int:
        return -(-self.count // 2) * (TITLE + self.tall + GAP)


def segments_by_unit(
    rows: pd.DataFrame, quantity: Quantity, units: Mapping[str, str], names: Mapping[int, str], *,
    palette: Palette, whole: str = "",
) -> go.Figure:  # fmt: skip
    """A figure of each segment in each unit, two pictures side by side, every bar with its figure.

    rows : unit, segment, customers and the quantity's key (NaN where there is no such figure). units : what units
        are called, in the order in which they are drawn, at most MOST_PANELS of them. names : of the segments by
        number, which stands before its bar. whole : the unit that is the whole book, a picture of its own
        and a mark in all others; "" where its figures would dwarf theirs.
    A bar's customdata is "unit|segment". Raises NotEnoughData without a figure.
    """
    shown = [unit for unit in units if unit in set(rows["unit"])][:MOST_PANELS]
    known = rows[rows["unit"].isin(shown) & rows["segment"].isin(list(names))]
    figures = known[quantity.key].to_numpy(dtype=np.float64)
    if not np.isfinite(figures).any():
        raise NotEnoughData(_("No segment has this figure here."), _("Choose another figure."))
    low, high = min(0.0, float(np.nanmin(figures))), max(0.0, float(np.nanmax(figures)))
    book = known[known["unit"] == whole].dropna(subset=[quantity.key])
    marks = dict(zip(book["segment"].astype(int), book[quantity.key].astype(float), strict=True))
    panels = _Panels(known, quantity, names, palette, sorted(names), marks, low, high, len(shown))
    figure = frame(palette, height=16 + panels.height, margin={"l": 8, "r": 8, "t": 8, "b": 8}, bargap=0.25)
    for place, unit in enumerate(shown):
        across, up = _box(place, panels)
        _axes(figure, place, across, up, panels)
        _bars(figure, place, unit, unit == whole, panels)
        figure.add_annotation(_title(units[unit], unit, across[0], up[1], panels))
    return figure


def _box(place: int, panels: _Panels) -> tuple[list[float], list[float]]:
    """Where a picture stands in the figure, from left to right and from bottom to top."""
    column, row = place % 2, place // 2
    top = 1 - (row * (TITLE + panels.tall + GAP) + TITLE) / panels.height
    left, right = (0.53 * column, 0.47 + 0.53 * column) if panels.count > 1 else (0.0, 1.0)
    return [left, right], [top - panels.tall / panels.height, top]


def _axes(figure: go.Figure, place: int, across: list[float], up: list[float], panels: _Panels) -> None:
    suffix, style = str(place + 1) if place else "", axis_style(panels.palette)
    length = (panels.high - panels.low) or 1.0
    room = ROOM * length
    low = panels.low - room if panels.low < 0 else 0.0
    amounts = {"domain": across, "anchor": f"y{suffix}", "range": [low, panels.high + room],
               "showticklabels": False, "showgrid": False, "zeroline": True,
               "zerolinecolor": panels.palette.zero}  # fmt: skip
    ticks = {"domain": up, "anchor": f"x{suffix}", "range": [len(panels.order) - 0.5, -0.5], "showgrid": False,
             "tickmode": "array", "tickvals": list(range(len(panels.order))),
             "ticktext": [number(each) for each in panels.order]}  # fmt: skip
    figure.update_layout({f"xaxis{suffix}": {**style, **amounts}, f"yaxis{suffix}": {**style, **ticks}})


def _bars(figure: go.Figure, place: int, unit: str, is_whole: bool, panels: _Panels) -> None:
    suffix = str(place + 1) if place else ""
    axes: dict[str, Any] = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "cliponaxis": False}
    own = panels.rows[panels.rows["unit"] == unit].set_index("segment")
    values = own[panels.quantity.key].reindex(panels.order).to_numpy(dtype=np.float64)
    people = own["customers"].reindex(panels.order).fillna(0).to_numpy(dtype=np.int64)
    palette = panels.palette
    figure.add_bar(
        x=np.nan_to_num(values), y=list(range(len(panels.order))), orientation="h",
        marker_color=[palette.segment(each) for each in panels.order],
        customdata=[f"{unit}|{each}" for each in panels.order], hoverinfo="text",
        hovertext=[_hover(*told, panels) for told in zip(panels.order, values, people, strict=True)], **axes,
    )  # fmt: skip
    marks = np.array([panels.whole.get(each, np.nan) for each in panels.order], dtype=np.float64)
    if is_whole:
        marks[:] = np.nan
    if np.isfinite(marks).any():
        figure.add_scatter(
            x=marks, y=list(range(len(panels.order))), mode="markers", hoverinfo="skip",
            marker={"symbol": "line-ns-open", "size": 16, "color": palette.text, "line": {"width": 2}}, **axes,
        )  # fmt: skip
    _labels(figure, values, marks, panels, axes)


def _labels(
    figure: go.Figure, values: NDArray[np.float64], marks: NDArray[np.float64], panels: _Panels,
    axes: dict[str, Any],
) -> None:  # fmt: skip
    """Every bar's figure, beyond its end and beyond the whole book's mark, which would cross it out."""
    below = values < 0
    known = np.nan_to_num(values)
    ends = np.where(below, np.fmin(known, marks), np.fmax(known, marks))
    figure.add_scatter(
        x=ends, y=list(range(len(panels.order))), mode="text", hoverinfo="skip",
        text=[f" {_figure(value, panels.quantity)} " for value in values],
        textposition=["middle left" if under else "middle right" for under in below],
        textfont={"color": panels.palette.text, "size": 12}, **axes,
    )  # fmt: skip


def _figure(value: float, quantity: Quantity) -> str:
    return quantity.bare(value) if np.isfinite(value) else NOTHING


def _hover(segment: int, value: float, people: int, panels: _Panels) -> str:
    text = plural("{name}: {label} {value}, {n} customer", "{name}: {label} {value}, {n} customers", people)
    figure = panels.quantity.text(value) if np.isfinite(value) else NOTHING
    told = {"name": safe(panels.names[segment]), "label": safe(panels.quantity.label)}
    return text.format(**told, value=figure, n=number(people))


def _title(name: str, unit: str, left: float, top: float, panels: _Panels) -> dict[str, Any]:
    people = int(panels.rows.loc[panels.rows["unit"] == unit, "customers"].sum())
    text = plural("{n} customer", "{n} customers", people).format(n=number(people))
    place = {"x": left, "y": top, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    font = {"color": panels.palette.text, "size": 12}
    called = f"<b>{wrap(shorten(name, 26), 28)}</b><br>{text}"
    return note(called, panels.palette, **place, yshift=4, font=font)
