"""One share over time, in one small picture a group, all on the same scales."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from analytics.charts.base import axis_style, frame, note, shorten, wrap
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import day, number, percent
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.scale import round_ticks

MOST_PANELS = 8
PANEL, ALONE = 112, 200  # pixels: a picture's height, and that of one alone
TITLE, YEARS = 58, 24  # pixels: above a picture its name in two lines and its figures; below it the years
MOST, LEAST = 1.5, 0.2  # shares: beyond the one a line is cut, the other is the least that an axis spans


@dataclass(frozen=True)
class _Panels:
    """What all pictures share. low, high : the ends of their one scale."""

    rows: pd.DataFrame
    column: str
    label: str
    palette: Palette
    numbers: Mapping[str, int]
    low: float
    high: float

    def of(self, name: str) -> pd.DataFrame:
        return self.rows[self.rows["group"] == name]

    def colour(self, name: str) -> str:
        return self.palette.segment(self.numbers[name]) if name in self.numbers else self.palette.accent


def small_multiples(
    rows: pd.DataFrame, column: str, label: str, *, palette: Palette, numbers: Mapping[str, int] | None = None
) -> go.Figure:
    """A share of each group over the month ends, two pictures side by side, first and newest figure written out.

    rows : month_end, group, customers and `column` (a share, NaN where there is none); "" is the whole book, a
        picture of its own and a quiet line in every other. At most MOST_PANELS are drawn, in the order of their
        first rows. A point above the axis is a triangle at its end: shares of next to nothing know no bounds.
    label : what the share is, for the sentences. numbers : the segments' numbers by group, for their colours.
    Raises NotEnoughData without two month ends that have a share in any group.
    """
    known = rows.dropna(subset=[column])
    counts = known["group"].value_counts()
    groups = [name for name in dict.fromkeys(rows["group"]) if counts.get(name, 0) > 1][:MOST_PANELS]
    _need_months(known, groups)
    low, high = _span(known.loc[known["group"].isin(groups), column].to_numpy(dtype=np.float64))
    panels = _Panels(rows, column, label, palette, numbers or {}, low, high)
    tall = PANEL if len(groups) > 1 else ALONE
    down = -(-len(groups) // 2)
    figure = frame(
        palette, height=16 + down * (TITLE + tall + YEARS), margin={"l": 8, "r": 14, "t": 8, "b": 8}
    )
    for place, name in enumerate(groups):
        across, up = _box(place, len(groups), tall)
        _axes(figure, place, across, up, panels)
        _lines(figure, place, name, panels)
        figure.add_annotation(_title(name, across[0], up[1], panels))
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


def _span(values: NDArray[np.float64]) -> tuple[float, float]:
    """The ends of one scale for all: what there is and at least LEAST of it, cut where a share of next to
    nothing would press all others flat."""
    cut = max(MOST, 2 * float(np.median(values)))
    low, high = float(values.min()), min(float(values.max()), cut)
    middle, half = (low + high) / 2, max(high - low, LEAST) / 2
    return (low if low < 0 else max(0.0, middle - half)), middle + half


def _box(place: int, count: int, tall: int) -> tuple[list[float], list[float]]:
    """Where a picture stands in the figure, from left to right and from bottom to top."""
    column, row = place % 2, place // 2
    whole = -(-count // 2) * (TITLE + tall + YEARS)
    top = 1 - (row * (TITLE + tall + YEARS) + TITLE) / whole
    left, right = (0.53 * column, 0.47 + 0.53 * column) if count > 1 else (0.0, 1.0)
    return [left, right], [top - tall / whole, top]


def _axes(figure: go.Figure, place: int, across: list[float], up: list[float], panels: _Panels) -> None:
    ends = sorted(set(panels.rows["month_end"]))
    first, last = pd.Timestamp(ends[0]), pd.Timestamp(ends[-1])
    room, beyond = (last - first) * 0.04, 0.06 * (panels.high - panels.low)
    style, suffix = axis_style(panels.palette), str(place + 1) if place else ""
    ticks = round_ticks([panels.low, panels.high], 4, from_zero=False)
    months = {
        "showgrid": False,
        "domain": across,
        "anchor": f"y{suffix}",
        "range": [first - room, last + room],
    }
    shares = {"domain": up, "anchor": f"x{suffix}", "range": [panels.low - beyond, panels.high + beyond],
              "tickmode": "array", "tickvals": ticks, "ticktext": [percent(tick) for tick in ticks]}  # fmt: skip
    figure.update_layout({f"xaxis{suffix}": {**style, **_years(ends), **months}})
    figure.update_layout({f"yaxis{suffix}": {**style, **shares, "showticklabels": across[0] == 0}})


def _lines(figure: go.Figure, place: int, name: str, panels: _Panels) -> None:
    suffix = str(place + 1) if place else ""
    axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "cliponaxis": False}
    book, own, colour = panels.of(""), panels.of(name), panels.colour(name)
    if name and len(book):
        figure.add_scatter(
            x=book["month_end"], y=book[panels.column].clip(upper=panels.high), mode="lines", hoverinfo="skip",
            line={"color": panels.palette.zero, "width": 1.5}, **axes,
        )  # fmt: skip
    over = own[panels.column] > panels.high
    marker = {
        "color": colour,
        "size": np.where(over, 9, 5),
        "symbol": np.where(over, "triangle-up", "circle"),
    }
    figure.add_scatter(
        x=own["month_end"], y=own[panels.column].clip(upper=panels.high), mode="lines+markers", **axes,
        line={"color": colour, "width": 2.5}, marker=marker, hovertext=_hovers(own, panels), hoverinfo="text",
    )  # fmt: skip


def _hovers(own: pd.DataFrame, panels: _Panels) -> list[str]:
    text = _("{day}: {label} {share}, {n} customers")
    cells: list[dict[Hashable, Any]] = own.to_dict("records")
    return [
        text.format(
            day=day(row["month_end"]), label=panels.label, share=percent(row[panels.column]),
            n=number(row["customers"]),
        )
        for row in cells
    ]  # fmt: skip


def _title(name: str, left: float, top: float, panels: _Panels) -> dict[str, Any]:
    """Name, and the first and the newest figure."""
    known = panels.of(name)[panels.column].dropna()
    moved = _("{before} → {now}").format(before=percent(known.iloc[0]), now=percent(known.iloc[-1]))
    called = wrap(shorten(name or _("Whole book"), 44), 28)
    place = {"x": left, "y": top, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    font = {"color": panels.palette.text, "size": 12}
    return note(f"{called}<br><b>{moved}</b>", panels.palette, **place, yshift=4, font=font)


def _years(ends: list[date]) -> dict[str, Any]:
    """Where years begin: labels short enough for a phone; the newest month where no year begins."""
    first = [date(year, 1, 1) for year in range(ends[0].year + 1, ends[-1].year + 1)]
    if not first:
        return {"tickmode": "array", "tickvals": [ends[-1]], "ticktext": [ends[-1].strftime("%Y-%m")]}
    return {"tickmode": "array", "tickvals": first, "ticktext": [str(start.year) for start in first]}
