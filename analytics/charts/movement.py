"""Movement as pictures: streams between two dates by cause, who stays, cohorts, and next year's sizes."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts.base import frame, note, safe, share_axis, shorten, wrap
from analytics.charts.flow import customers_in_words, ink, sankey
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import day, number, percent
from analytics.movement.causes import BEHAVIOUR, BOUNDARIES, CAUSES, DEFINITION, EITHER, NOWHERE
from analytics.translation import translate as _
from analytics.value.quantity import Quantity

MOST_LINES = 7
MOST_COHORTS = 24


@dataclass(frozen=True)
class _Sides:
    """Both dates as `flow.sankey` asks for them: only the segments that anybody is in."""

    table: pd.DataFrame
    worth: pd.DataFrame
    first_names: dict[int, str]
    second_names: dict[int, str]
    matched: dict[int, int]


def _sides(found: Any) -> _Sides:
    table = found.table
    rows, columns = table.index[table.sum(axis=1) > 0], table.columns[table.sum(axis=0) > 0]
    first = {int(at): found.names.get(int(at), _("Joined")) for at in rows}
    last = {int(at): found.names.get(int(at), _("Left")) for at in columns}
    same = {int(at): int(at) for at in rows if at != NOWHERE and at in columns}
    return _Sides(table.loc[rows, columns], found.worth.loc[rows, columns], first, last, same)


def movement_flow(found: Any, value: Quantity, *, palette: Palette, height: int | None = None) -> go.Figure:
    """Segments at the first date on the left, at the last on the right, and a stream for each pair and cause.

    found : a `movement.report.Movement`. Who stayed is light grey, behaviour has the accent, moved boundaries the
    colour of loss and a changed definition a third; who joined or left is dark grey. A stream's customdata is
    [first, last, cause], the cause "" for who stayed. Raises NotEnoughData without a customer.
    """
    sides = _sides(found)
    if not found.customers:
        raise NotEnoughData(_("There is nobody at either date."), _("Widen the population."))
    inks = _inks(palette)
    rows = _streams(found, sides)
    left = {at: place for place, at in enumerate(sides.first_names)}
    right = {at: place + len(left) for place, at in enumerate(sides.second_names)}
    links = {
        "source": [left[row["first"]] for row in rows],
        "target": [right[row["last"]] for row in rows],
        "value": [row["customers"] for row in rows],
        "color": [inks.get(row["cause"], ink(palette.muted, 0.5)) for row in rows],
        "line": {"width": 0},
        "label": [_said(row, sides, value) for row in rows],
        "hovertemplate": "%{label}<extra></extra>",
        "customdata": [[row["first"], row["last"], row["cause"]] for row in rows],
    }
    key = _("Left {first}, right {last}; {colours}").format(
        first=day(found.first), last=day(found.last), colours=_colours(found)
    )
    return sankey(sides, links, key, palette=palette, height=height)


def _inks(palette: Palette) -> dict[str, str]:
    return {
        "": ink(palette.rest, 0.5),
        BEHAVIOUR: ink(palette.accent, 0.65),
        BOUNDARIES: ink(palette.loss, 0.65),
        DEFINITION: ink(palette.segments[3], 0.75),
        EITHER: ink(palette.accent, 0.65),
    }


def _colours(found: Any) -> str:
    """What the colours of those streams that there are say."""
    words = {
        BEHAVIOUR: _("blue: behaviour"),
        BOUNDARIES: _("orange: moved boundaries"),
        DEFINITION: _("third colour: changed definition"),
        EITHER: _("blue: behaviour or boundaries"),
    }
    there = [text for cause, text in words.items() if found.causes.loc[cause, "customers"]]
    return _(", ").join([*there, _("light grey: stayed")])


def _streams(found: Any, sides: _Sides) -> list[dict[Hashable, Any]]:
    """first, last, cause, customers, value; who stayed with an empty cause."""
    rows: list[dict[Hashable, Any]] = [
        {"first": at, "last": at, "cause": "", "customers": int(found.table.loc[at, at]), "value": found.worth.loc[at, at]}
        for at in sides.matched
        if found.table.loc[at, at]
    ]  # fmt: skip
    order: pd.DataFrame = found.flows.sort_values(["first", "last", "cause"], kind="stable")
    return [*rows, *order.to_dict("records")]


def _said(row: dict[Hashable, Any], sides: _Sides, value: Quantity) -> str:
    first, last = wrap(sides.first_names[row["first"]], 40), wrap(sides.second_names[row["last"]], 40)
    shape, cause = _("{customers} stayed in “{first}”"), ""
    if row["cause"]:
        shape, cause = _("{customers}: from “{first}” to “{last}”<br>{cause}"), _(CAUSES[row["cause"]])
    text = shape.format(
        customers=customers_in_words(int(row["customers"])), first=first, last=last, cause=cause
    )
    return f"{text}<br>{safe(value.label)}: {value.text(row['value'])}"


def retention_lines(segments: pd.DataFrame, *, palette: Palette, height: int = 340) -> go.Figure:
    """The share of each segment's customers that is still active so many months on; the largest MOST_LINES of them.

    segments : as `movement.retention.Retention`. Raises NotEnoughData without a segment.
    """
    if segments.empty:
        raise NotEnoughData(_("There is no segment."), _("Widen the population."))
    sizes = segments.groupby("segment")["customers"].first().sort_values(ascending=False, kind="stable")
    shown = sorted(sizes.index[:MOST_LINES])
    drawn = segments[segments["segment"].isin(shown)]
    figure = frame(palette, height=height, margin={"l": 8, "r": 118, "t": 10, "b": 8})
    for segment in shown:
        rows = drawn[drawn["segment"] == segment]
        name, colour = str(rows["name"].iloc[0]), palette.segment(int(segment))
        hover = [
            _("{share} of “{name}” still active after {n} months").format(
                share=percent(share), name=safe(name), n=number(month)
            )
            for share, month in zip(rows["share"], rows["month"], strict=True)
        ]
        figure.add_scatter(
            x=rows["month"], y=rows["share"], mode="lines", hovertext=hover, hoverinfo="text",
            line={"color": colour, "width": 2.5},
        )  # fmt: skip
    low = min(float(drawn["share"].min()), 0.9)
    _name_lines(figure, drawn, low, height, palette)
    figure.update_xaxes(title_text=_("Months on"), range=[0, int(drawn["month"].max())], dtick=3)
    figure.update_yaxes(
        {**share_axis([low, 1]), "range": [max(0.0, low - 0.03), 1.01]}, title_text=_("Still active")
    )
    return figure


def _name_lines(figure: go.Figure, drawn: pd.DataFrame, low: float, height: int, palette: Palette) -> None:
    """Each line's name at its end, moved apart where ends are close."""
    ends = drawn[drawn["month"] == drawn["month"].max()].sort_values("share", kind="stable")
    apart = 16 * (1.04 - low) / (height - 60)  # a line of text, in shares
    for segment, name, at in zip(
        ends["segment"], ends["name"], _apart(ends["share"].tolist(), apart), strict=True
    ):
        text = f"<b>{segment}</b> {safe(shorten(name, 15))}"
        place = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6, "y": at, "yanchor": "middle"}
        figure.add_annotation(note(text, palette, font={"color": palette.text, "size": 12}, **place))


def _apart(ends: list[float], apart: float) -> list[float]:
    """Places for labels of ascending ends, so far apart and none above 1.

    >>> _apart([0.5, 1.0, 1.0], 0.25), _apart([0.5, 0.5], 0.25)
    ([0.5, 0.75, 1.0], [0.5, 0.75])
    """
    places: list[float] = []
    for end in ends:
        places.append(max(end, places[-1] + apart) if places else end)
    highest = 1.0
    for at in reversed(range(len(places))):
        places[at] = min(places[at], highest)
        highest = places[at] - apart
    return places


def cohort_heatmap(cohorts: pd.DataFrame, grain: str, *, palette: Palette) -> go.Figure:
    """The newest MOST_COHORTS cohorts as rows, months since joining as columns, darker where more are active.

    cohorts : as `movement.retention.Retention`. Raises NotEnoughData without a cohort.
    """
    if cohorts.empty:
        raise NotEnoughData(
            _("Nobody is known to have joined since the data begin."),
            _("Load customers with the day that they came to the bank (onboarded_on)."),
        )
    starts = sorted(cohorts["start"].unique())[-MOST_COHORTS:]
    shares = cohorts.pivot_table("share", "start", "month").reindex(starts)
    sizes = cohorts.groupby("start")["customers"].first().reindex(starts)
    names = [_cohort(start, grain) for start in starts]
    hover = [
        [_("Joined {cohort} ({n}): {share} active after {months} months").format(
            cohort=name, n=number(size), share=percent(share), months=number(int(str(month)))) if np.isfinite(share) else ""
         for month, share in zip(shares.columns, row, strict=True)]
        for name, size, row in zip(names, sizes, shares.to_numpy(), strict=True)
    ]  # fmt: skip
    figure = frame(palette, height=90 + 20 * len(starts))
    figure.add_heatmap(
        x=shares.columns, y=[f"{name} ({number(n)})" for name, n in zip(names, sizes, strict=True)], z=shares.to_numpy(),
        text=hover, hoverinfo="text", colorscale=[[0, palette.background], [1, palette.accent]], zmin=0, zmax=1,
        xgap=1, ygap=1, colorbar={"tickformat": ".0%", "thickness": 10, "outlinewidth": 0},
    )  # fmt: skip
    figure.update_xaxes(title_text=_("Months since joining"), dtick=3)
    figure.update_yaxes(autorange="reversed", showgrid=False, tickmode="linear")
    return figure


def _cohort(start: date, grain: str) -> str:
    """A cohort's name: 2025, 2025 Q1, 2025-01."""
    if grain == "year":
        return str(start.year)
    if grain == "quarter":
        return _("{year} Q{quarter}").format(year=start.year, quarter=(start.month + 2) // 3)
    return f"{start.year}-{start.month:02d}"
