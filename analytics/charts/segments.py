"""Pictures of a segmentation. Segment n has one colour and number in all of them; 1 is the most valuable."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts.base import frame, note, safe, shorten, wrap
from analytics.charts.drawn import drawn_once
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import NOTHING, number, percent
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.measures import Amounts as Numbers
from analytics.value.quantity import Quantity

TELLING = 0.5
STRONGEST = 1.5
FEW_SEGMENTS = 6


@drawn_once
def segment_pairs(
    segments: pd.DataFrame, quantity: Quantity, *, palette: Palette, height: int | None = None
) -> go.Figure:
    """Each segment as two bars: its share of the value, and under it its share of the customers.

    segments : columns segment, name, customers, share_of_customers, value, share_of_value. Where the shares
        of value are empty (the net total is not positive) the bars are amounts, and the share of customers
        stands beside the name.
    A bar's customdata is its segment's number. Raises NotEnoughData without a segment.
    """
    if segments.empty:
        raise NotEnoughData(_("There are no segments to compare."), _("Widen the population."))
    shown = segments.sort_values("segment").reset_index(drop=True)
    shares = bool(shown["share_of_value"].notna().all())
    worth = shown["share_of_value" if shares else "value"].to_numpy(dtype=np.float64)
    crowd = shown["share_of_customers"].to_numpy(dtype=np.float64)
    labels = [percent(value) if shares else quantity.bare(value) for value in worth]
    figure = frame(palette, height=height or 64 + 62 * len(shown), bargap=0.3, bargroupgap=0.06)
    colours = [palette.segment(int(segment)) for segment in shown["segment"]]
    rows, hover = _row_labels(shown, shares=shares), _pair_hovers(shown, quantity)
    about = {"y": rows, "hovertext": hover, "customdata": shown["segment"].astype(int).tolist()}
    _bars(figure, worth, labels, colours, palette, about)
    if shares:
        _bars(figure, crowd, [percent(value) for value in crowd], palette.rest, palette, about)
    figure.add_annotation(_pair_title(quantity, palette, shares=shares))
    held = np.concatenate((worth, crowd if shares else [], [0.0]))
    _room_for_labels(figure, held, 0.18 if shares else 0.3)
    figure.add_vline(x=0, line={"color": palette.zero, "width": 1})
    figure.update_layout(margin={"t": 38})
    return figure


@drawn_once
def profile_heatmap(
    profile: pd.DataFrame,
    quantities: Mapping[str, Quantity],
    names: Mapping[int, str],
    *,
    palette: Palette,
    height: int | None = None,
) -> go.Figure:
    """Indicators by segments: colour for the distance from the book's mean, the real value in the cell.

    profile : columns segment, indicator, median (or the commonest category) and standard (the difference from
        the book's mean in standard deviations), one row a cell; book, the median of all, is shown if given.
    Raises NotEnoughData without a row.
    """
    if profile.empty:
        raise NotEnoughData(_("There is no profile to show."), _("Choose at least one indicator."))
    keys = list(dict.fromkeys(profile["indicator"]))
    segments = sorted({int(segment) for segment in profile["segment"]})
    cells = {(row["indicator"], int(row["segment"])): row for row in profile.to_dict("records")}
    grid = [[cells.get((key, segment), {}) for segment in segments] for key in keys]
    owned = [quantities.get(key) or Quantity(key, key) for key in keys]
    titles = [names.get(segment, str(segment)) for segment in segments]
    figure = frame(palette, height=height or 124 + 50 * len(keys))
    _cells(figure, grid, owned, titles, palette)
    _heat_axes(
        figure, segments, titles, [_row_title(q, row) for q, row in zip(owned, grid, strict=True)], palette
    )
    figure.update_layout(annotations=[_heat_key(palette)], margin_b=52)
    return figure


def _cells(
    figure: go.Figure, grid: list[list[dict[Hashable, Any]]], owned: list[Quantity], titles: list[str],
    palette: Palette,
) -> None:  # fmt: skip
    few = len(titles) <= FEW_SEGMENTS
    figure.add_heatmap(
        z=np.nan_to_num(np.array([[_standard(cell) for cell in row] for row in grid], dtype=np.float64)),
        zmin=-STRONGEST, zmax=STRONGEST, showscale=False, xgap=2, ygap=2, texttemplate="%{text}",
        colorscale=[[0, palette.low], [0.5, palette.middle], [1, palette.high]],
        text=[[_cell(q, cell, few) for cell in row] for q, row in zip(owned, grid, strict=True)],
        hovertext=[_row_hovers(q, titles, row) for q, row in zip(owned, grid, strict=True)],
        hoverinfo="text", textfont={"color": palette.text, "size": 12 if few else 8},
    )  # fmt: skip


def _bars(
    figure: go.Figure, values: Numbers, labels: list[str], colour: str | list[str], palette: Palette,
    about: dict[str, Any],
) -> None:  # fmt: skip
    figure.add_bar(
        x=values, orientation="h", marker_color=colour, text=labels, textposition="outside", cliponaxis=False,
        constraintext="none", textfont={"color": palette.text, "size": 12}, hoverinfo="text", **about,
    )  # fmt: skip
    figure.update_yaxes(
        type="category", autorange="reversed", showgrid=False, tickfont={"color": palette.text, "size": 13}
    )
    figure.update_xaxes(showticklabels=False)


def _row_labels(shown: pd.DataFrame, *, shares: bool) -> list[str]:
    labels = []
    for row in shown.to_dict("records"):
        label = f"{row['segment']} {wrap(row['name'], 16)}"
        if not shares:
            part = _("{share} of customers").format(share=percent(row["share_of_customers"]))
            label += f"<br>{wrap(part, 16)}"
        labels.append(label)
    return labels


def _pair_hovers(shown: pd.DataFrame, quantity: Quantity) -> list[str]:
    texts = []
    for row in shown.to_dict("records"):
        n, share = int(row["customers"]), percent(row["share_of_customers"])
        text = plural(
            "{name}: {n} customer ({share}), {value}", "{name}: {n} customers ({share}), {value}", n
        )
        worth = quantity.text(row["value"])
        if pd.notna(row["share_of_value"]):
            part = percent(row["share_of_value"])
            worth = _("{share} of the net total, {amount}").format(amount=worth, share=part)
        texts.append(text.format(name=safe(row["name"]), n=number(n), share=share, value=worth))
    return texts


def _pair_title(quantity: Quantity, palette: Palette, *, shares: bool) -> dict[str, object]:
    name = f"<b>{safe(quantity.label)}</b>"
    if shares:
        customers = _("customers")
        crowd = f'<span style="color:{palette.muted}"><b>{customers}</b></span>'
        text = _("share of {value} (colour)<br>and of {customers} (grey)").format(value=name, customers=crowd)
    else:
        text = f"<b>{safe(quantity.axis)}</b>"
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom"}
    return note(text, palette, **place, font={"color": palette.muted, "size": 12})


def _room_for_labels(figure: go.Figure, values: Numbers, room: float) -> None:
    low, high = float(values.min()), float(values.max())
    span = (high - low) or 1.0
    figure.update_xaxes(range=[low - room * span * (low < 0), high + room * span])


def _heat_axes(
    figure: go.Figure, segments: list[int], titles: list[str], rows: list[str], palette: Palette
) -> None:
    heads = [str(segment) for segment in segments]
    if len(segments) <= FEW_SEGMENTS:
        width = 10 if len(segments) <= 4 else 8  # of a column on a phone
        heads = [f"<b>{head}</b><br>{wrap(title, width)}" for head, title in zip(heads, titles, strict=True)]
    figure.update_xaxes(
        tickmode="array", tickvals=list(range(len(segments))), ticktext=heads, side="top", tickangle=0,
        tickfont={"color": palette.text, "size": 12 if len(segments) <= 4 else 10},
    )  # fmt: skip
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(rows))), ticktext=rows, autorange="reversed", showgrid=False
    )


def _row_title(quantity: Quantity, row: list[dict[Hashable, Any]]) -> str:
    """The indicator, and its figure for the whole book."""
    book = next((cell["book"] for cell in row if "book" in cell), None)
    if book is None or pd.isna(book):
        return wrap(quantity.axis, 18)
    figure = shorten(book, 14) if isinstance(book, str) else quantity.bare(float(book))
    whole = _("all {figure}").format(figure=safe(figure))
    return f"{wrap(quantity.axis, 18)}<br><b>{whole}</b>"


def _standard(cell: Mapping[Hashable, Any]) -> float:
    value = cell.get("standard")
    return float("nan") if value is None or pd.isna(value) else float(value)


def _cell(quantity: Quantity, cell: Mapping[Hashable, Any], few: bool) -> str:
    """The value, and an arrow where it stands clearly apart, so that it isn't told by colour alone."""
    value = cell.get("median")
    if value is None or pd.isna(value):
        return NOTHING
    text = (
        wrap(shorten(value, 16 if few else 6), 7) if isinstance(value, str) else quantity.bare(float(value))
    )
    standard = _standard(cell)
    arrow = "▲" if standard >= TELLING else "▼" if standard <= -TELLING else ""
    return f"{text}<br>{arrow}" if arrow else text


def _row_hovers(quantity: Quantity, titles: list[str], row: list[dict[Hashable, Any]]) -> list[str]:
    return [_cell_hover(quantity, title, cell) for title, cell in zip(titles, row, strict=True)]


def _cell_hover(quantity: Quantity, segment: str, cell: Mapping[Hashable, Any]) -> str:
    value, names = cell.get("median"), {"segment": safe(segment), "label": safe(quantity.label)}
    if value is None or pd.isna(value):
        return _("{segment}: no value for {label}").format(**names)
    if isinstance(value, str):
        return _("{segment}: most often {value} ({label})").format(**names, value=safe(value))
    figure, standard = quantity.text(float(value)), _standard(cell)
    text = _("{segment}: half have {value} or less ({label})").format(**names, value=figure)
    if np.isnan(standard):
        return text
    distance = _("{distance} standard deviations from the book's mean").format(distance=f"{standard:+.1f}")
    return f"{text}<br>{distance}"


def _heat_key(palette: Palette) -> dict[str, object]:
    text = _("▲ above, ▼ below the book's mean by half a standard deviation or more")
    place = {"x": 0.5, "xref": "paper", "xanchor": "center", "y": 0, "yref": "paper", "yanchor": "top"}
    font = {"color": palette.muted, "size": 12}
    return note(wrap(text, 40), palette, **place, yshift=-8, font=font, align="center")
