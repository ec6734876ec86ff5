"""Did the offers come true: takers reached by how many customers are asked, and probabilities against what came."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts.base import frame, note, share_axis
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import number, percent
from analytics.translation import plural
from analytics.translation import translate as _

EDGE = 1.02  # room beyond the last mark


def lift_curve(lift: pd.DataFrame, *, palette: Palette) -> go.Figure:
    """The share of all takers among the customers asked first, against the same share asked at random.

    lift : group (1 asked first), customers, takers, lift, reached, as `needs.backtest` makes it. Raises
        NotEnoughData where nobody took anything.
    """
    if lift.empty or not lift["takers"].sum() > 0:
        raise NotEnoughData(_("Nobody took anything in that year."), _("Ask for a larger book."))
    asked = np.concatenate([[0.0], lift["customers"].cumsum() / lift["customers"].sum()])
    reached = np.concatenate([[0.0], lift["reached"]])
    figure = frame(palette, height=320)
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        hoverinfo="skip",
        line={"color": palette.rest, "width": 2, "dash": "dot"},
    )
    hovers = [
        "",
        *(_reached(row, share) for row, share in zip(lift.to_dict("records"), asked[1:], strict=True)),
    ]
    figure.add_scatter(
        x=asked, y=reached, mode="lines+markers", hovertext=hovers, hoverinfo="text",
        line={"color": palette.accent, "width": 3}, marker={"size": 7},
    )  # fmt: skip
    text = _("first tenth: {share}").format(share=f"<b>{percent(reached[1])}</b>")
    figure.add_annotation(
        note(text, palette, x=asked[1], y=reached[1], xanchor="left", xshift=10, yshift=-12)
    )
    figure.add_annotation(
        note(_("at random"), palette, x=0.62, y=0.56, xanchor="left", font={"color": palette.muted})
    )
    figure.update_xaxes(
        **share_axis([0, 1]), title_text=_("Share of customers asked, likeliest first"), range=[0, EDGE]
    )
    figure.update_yaxes(**share_axis([0, 1]), title_text=_("Share of takers reached"), range=[0, 1.06])
    return figure


def _reached(row: dict[Hashable, Any], share: float) -> str:
    text = _(
        "The first {asked} of customers hold {reached} of the takers; this tenth holds {lift} times its share"
    )
    return text.format(asked=percent(share), reached=percent(row["reached"]), lift=number(row["lift"], 1))


def calibration_plot(table: pd.DataFrame, *, palette: Palette) -> go.Figure:
    """What was said against what came, a mark a group with its 95 % interval; on the line both are the same.

    table : predicted, observed, low, high, candidates and takers, as `needs.backtest.calibration` makes it.
        Raises NotEnoughData without a group.
    """
    if table.empty:
        raise NotEnoughData(
            _("There is no prediction to hold against what came."), _("Ask for a larger book.")
        )
    high = float(max(table["predicted"].max(), table["high"].max())) * EDGE
    figure = frame(palette, height=320)
    figure.add_scatter(
        x=[0, high], y=[0, high], mode="lines", hoverinfo="skip",
        line={"color": palette.rest, "width": 2, "dash": "dot"},
    )  # fmt: skip
    up, down = table["high"] - table["observed"], table["observed"] - table["low"]
    figure.add_scatter(
        x=table["predicted"], y=table["observed"], mode="markers", hoverinfo="text",
        hovertext=[_told(row) for row in table.to_dict("records")],
        marker={"size": 9, "color": palette.accent},
        error_y={"type": "data", "array": up, "arrayminus": down, "color": palette.muted, "thickness": 1.5, "width": 3},
    )  # fmt: skip
    figure.add_annotation(
        note(
            _("as foretold"),
            palette,
            x=0.8 * high,
            y=0.72 * high,
            xanchor="left",
            font={"color": palette.muted},
        )
    )
    figure.update_xaxes(
        **share_axis([0, high]), title_text=_("Probability that was foretold"), range=[0, high]
    )
    figure.update_yaxes(**share_axis([0, high]), title_text=_("Share that took it"), range=[0, high])
    return figure


def _told(row: dict[Hashable, Any]) -> str:
    text = plural(
        "{predicted} foretold, {observed} came ({low} to {high}): {n} taker of {candidates} offers",
        "{predicted} foretold, {observed} came ({low} to {high}): {n} takers of {candidates} offers",
        int(row["takers"]),
    )
    shares = {name: percent(row[name], 1) for name in ("predicted", "observed", "low", "high")}
    return text.format(n=number(row["takers"]), candidates=number(row["candidates"]), **shares)
