"""How far a result can be trusted: how many segments, whether they come back, what each indicator did."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from analytics.charts.base import axis_style, frame, note, safe, wrap
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import compact, number, percent
from analytics.translation import translate as _

if TYPE_CHECKING:
    from analytics.trust.count import Counts
    from analytics.trust.report import Trust

DISSOLVED, DOUBTFUL, STABLE, HIGHLY_STABLE = 0.5, 0.6, 0.75, 0.85  # of Hennig's clusterboot
MOST_INDICATORS = 15
MOVED = ["moved_customers", "twice_moved_customers"]
PANEL, GAP = 130, 46  # pixels


def count_curve(counts: "Counts", *, palette: Palette) -> go.Figure:
    """One panel a measure over the number of segments, the pick marked in all of them.

    Raises NotEnoughData where no measure could be worked out.
    """
    panels = [key for key in ("gap", "silhouette", "bic") if counts.table[key].notna().any()]
    if not panels:
        raise NotEnoughData(_("There is no curve to show."), _("Widen the population."))
    height = len(panels) * (PANEL + GAP) + 40
    figure = frame(palette, height=height, hovermode="x")
    for place, key in enumerate(panels):
        _panel(figure, counts, key, place, len(panels), palette)
    ticks = counts.table["segments"].tolist()
    figure.update_xaxes(
        tickmode="array", tickvals=ticks, title_text=_("Number of segments"), anchor=_axis(len(panels) - 1),
        range=[min(ticks) - 0.4, max(ticks) + 0.4],
    )  # fmt: skip
    return figure


def stability_bars(trust: "Trust", names: Mapping[int, str], *, palette: Palette) -> go.Figure:
    """How surely each segment comes back, beside the thresholds and what data without groups give.

    names : by segment number. Blue from 0.75 on, grey from 0.6, orange below. A bar's customdata is its
    segment's number. Raises NotEnoughData where it was not worked out.
    """
    known = {at: index for at, index in trust.stability.items() if np.isfinite(index)}
    if not known:
        raise NotEnoughData(
            _("Whether these segments come back could not be worked out."), _("Widen the population.")
        )
    called = {at: names.get(at, str(at)) for at in known}
    rows = [wrap(f"{at} {name}", 20) for at, name in called.items()]
    hover = [f"{safe(called[at])}: {number(index, 2)}. {_meaning(index)}" for at, index in known.items()]
    figure = frame(palette, height=134 + 54 * len(known), bargap=0.5)
    figure.add_bar(
        x=list(known.values()), y=rows, orientation="h", hovertext=hover, hoverinfo="text",
        marker_color=[_colour(index, palette) for index in known.values()], customdata=list(known),
        text=[f"<b>{number(index, 2)}</b>" for index in known.values()], textposition="inside",
        insidetextanchor="start", textangle=0,
    )  # fmt: skip
    figure.update_yaxes(
        type="category", autorange="reversed", showgrid=False, tickfont={"color": palette.text, "size": 13}
    )
    ticks = [0, 0.25, 0.5, 0.75, 1]
    figure.update_xaxes(range=[0, 1.005], tickmode="array", tickvals=ticks, ticktext=list(map(_plain, ticks)))
    figure.update_xaxes(title_text=_("Stability: 0 dissolved, 1 always comes back"))
    _thresholds(figure, palette)
    if trust.reference is not None:
        _reference(figure, trust.reference, palette)
    return figure


def sensitivity_bars(trust: "Trust", labels: Mapping[str, str], *, palette: Palette) -> go.Figure:
    """The share of customers who would be in another segment: without each indicator, and with it twice.

    labels : by indicator key. At most MOST_INDICATORS, the most telling first; a bar's customdata is its
    indicator. Raises NotEnoughData where nothing could be left out.
    """
    shown = trust.sensitivity.dropna(subset=MOVED, how="all").head(MOST_INDICATORS)
    if shown.empty:
        raise NotEnoughData(
            _("No indicator could be left out to see what it did."),
            _("Use a method that reads a list of indicators, with at least two of them."),
        )
    keys = shown["indicator"].tolist()
    figure = frame(palette, height=70 + 50 * len(keys), bargap=0.3, bargroupgap=0.06)
    texts = (
        _("{label}: left out, {share} of customers move"),
        _("{label}: twice, {share} of customers move"),
    )
    shares = [(shown[column] / trust.customers).to_numpy(np.float64) for column in MOVED]
    known = [labels.get(key, key) for key in keys]
    for values, text, colour in zip(shares, texts, (palette.accent, palette.rest), strict=True):
        figure.add_trace(_moved(values, known, text).update(customdata=keys, marker_color=colour))
    figure.update_yaxes(
        type="category", autorange="reversed", showgrid=False, tickfont={"color": palette.text, "size": 13}
    )
    figure.update_xaxes(showticklabels=False, range=[0, 1.22 * max(0.01, float(np.nanmax(shares)))])
    text = _("customers who would move:<br>without it (colour), with it twice (grey)")
    figure.add_annotation(_above(text, palette))
    figure.update_layout(margin={"t": 44}).update_traces(textfont={"color": palette.text, "size": 12})
    return figure


def _moved(shares: NDArray[np.float64], labels: list[str], text: str) -> go.Bar:
    """A bar an indicator. text : its hover, with fields for the label and the share."""
    hovers = [
        text.format(label=safe(label), share=percent(share))
        for label, share in zip(labels, shares, strict=True)
    ]
    return go.Bar(
        x=np.nan_to_num(shares), y=[wrap(label, 20) for label in labels], orientation="h", hovertext=hovers,
        hoverinfo="text", text=[percent(share) for share in shares], textposition="outside", cliponaxis=False,
    )  # fmt: skip


def _panel(figure: go.Figure, counts: "Counts", key: str, place: int, panels: int, palette: Palette) -> None:
    table = counts.table.dropna(subset=[key])
    errors = table["gap_error"].tolist() if key == "gap" else None
    write = compact if key == "bic" else _plain
    chosen = (table["segments"] == counts.pick).to_numpy()
    figure.add_scatter(
        x=table["segments"], y=table[key], yaxis=_axis(place), mode="lines+markers",
        line={"color": palette.accent, "width": 2},
        marker={"size": np.where(chosen, 11, 6).tolist(), "color": palette.accent},
        error_y={"array": errors, "color": palette.zero, "thickness": 1, "width": 3} if errors else None,
        hovertext=_hovers(table, key, write), hoverinfo="text",
    )  # fmt: skip
    whole = panels * (PANEL + GAP)
    top = 1 - (place * (PANEL + GAP) + GAP) / whole
    axis = {
        **axis_style(palette),
        "domain": [max(0, top - PANEL / whole), top],
        "nticks": 4,
        "tickformat": ",",
    }
    figure.update_layout({_axis(place).replace("y", "yaxis"): axis})
    titles = {
        "gap": _("<b>Gap</b>: higher is better; the rule takes {n}").format(n=number(counts.pick)),
        "silhouette": _("<b>Silhouette</b>: higher is better; none for 1"),
        "bic": _("<b>BIC</b>: lower is better"),
    }
    figure.add_annotation(_above(titles[key], palette, y=top))
    line = {"color": palette.accent, "width": 1, "dash": "dot"}
    figure.add_shape(x0=counts.pick, x1=counts.pick, y0=0, y1=1, yref=f"{_axis(place)} domain", line=line)


def _hovers(table: pd.DataFrame, key: str, write: Any) -> list[str]:
    names = {"gap": _("gap"), "silhouette": _("silhouette"), "bic": _("BIC")}
    text = _("{n} segments: {name} {figure}")
    return [
        text.format(n=number(n), name=names[key], figure=write(value))
        for n, value in zip(table["segments"], table[key], strict=True)
    ]


def _thresholds(figure: go.Figure, palette: Palette) -> None:
    """Each line's label on a row of its own, to its left: side by side they would not fit a phone."""
    named = {
        DOUBTFUL: _("don't trust below {figure}"),
        STABLE: _("stable from {figure}"),
        HIGHLY_STABLE: _("highly stable from {figure}"),
    }
    for row, (at, text) in enumerate(named.items()):
        figure.add_vline(x=at, line={"color": palette.zero, "width": 1})
        place = {"x": at, "xanchor": "right", "y": 1, "yref": "paper", "yanchor": "bottom", "xshift": 5}
        font = {"color": palette.muted, "size": 12}
        label = f"{text.format(figure=_plain(at))} ┐"
        figure.add_annotation(note(label, palette, **place, yshift=16 * (2 - row), font=font))
    figure.update_layout(margin={"t": 64})


def _reference(figure: go.Figure, reference: float, palette: Palette) -> None:
    figure.add_vline(x=reference, line={"color": palette.loss_text, "width": 2, "dash": "dot"})
    text = _("data without groups: {figure}").format(figure=number(reference, 2))
    place = {
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": 0,
        "yref": "paper",
        "yanchor": "top",
        "yshift": -46,
    }
    figure.add_annotation(note(f"┄ {text}", palette, **place, font={"color": palette.loss_text, "size": 12}))
    figure.update_layout(margin={"b": 84})


def _meaning(index: float) -> str:
    if index >= HIGHLY_STABLE:
        return _("Highly stable.")
    if index >= STABLE:
        return _("Stable.")
    if index >= DOUBTFUL:
        return _("A pattern, but not a sure one.")
    return _("Don't trust it.") if index > DISSOLVED else _("Dissolved: mostly other customers each time.")


def _colour(index: float, palette: Palette) -> str:
    if index >= STABLE:
        return palette.accent
    return palette.rest if index >= DOUBTFUL else palette.loss


def _above(text: str, palette: Palette, y: float = 1.0) -> dict[str, Any]:
    place = {
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": y,
        "yref": "paper",
        "yanchor": "bottom",
        "yshift": 4,
    }
    return note(text, palette, **place, font={"color": palette.muted, "size": 12})


def _axis(place: int) -> str:
    return "y" if place == 0 else f"y{place + 1}"


def _plain(value: float) -> str:
    """A small figure with as many decimals as it has, two at most."""
    return number(value, 2).rstrip("0").rstrip(".") if value else "0"
