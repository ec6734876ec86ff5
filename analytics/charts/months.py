"""Months on x: value by month, and one customer's balance and money in and out."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts.base import amount_axis, axis_style, frame, note
from analytics.charts.drawn import drawn_once
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import day, number
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.measures import Amounts
from analytics.value.quantity import Quantity

HALF_A_LABEL = 26  # pixels


@drawn_once
def value_by_month(
    months: pd.DataFrame, quantity: Quantity, *, palette: Palette, height: int = 260
) -> go.Figure:
    """One bar a month, the newest labelled, zero in the picture, months below zero in orange.

    months : columns month_end (date) and value, one row a month.
    Raises NotEnoughData with fewer than two months.
    """
    shown = _months(months, ["value"])
    values = shown["value"].to_numpy(dtype=np.float64)
    newest = len(values) - 1
    hover = _hovers(_("In the month to {day}: {amount}"), shown, values, quantity)
    figure = frame(palette, height=height, bargap=0.3)
    colours = [palette.loss if value < 0 else palette.accent for value in values]
    opacity = [1.0 if place == newest else 0.55 for place in range(len(values))]
    figure.add_bar(
        x=shown["month_end"], y=values, marker={"color": colours, "opacity": opacity}, hovertext=hover,
        hoverinfo="text", xperiod="M1", xperiodalignment="middle",
    )  # fmt: skip
    low, high = min(0.0, float(np.nanmin(values))), max(0.0, float(np.nanmax(values)))
    beneath = max(0.0, float(np.nanmax(values[-8:])))  # the label is as wide as some bars before its own
    place = {"x": 1, "xref": "paper", "xanchor": "right", "y": beneath, "yanchor": "bottom"}
    figure.add_annotation(note(f"<b>{quantity.text(values[newest])}</b>", palette, **place))
    figure.add_hline(y=0, line={"color": palette.zero, "width": 1})
    figure.update_yaxes(
        **amount_axis(values, quantity),
        title_text=quantity.axis,
        range=[low * 1.05, high + 0.14 * (high - low)],
    )
    _label_months(figure, shown["month_end"])
    return figure


def customer_timeline(
    months: pd.DataFrame, currency: str, *, palette: Palette, height: int = 380
) -> go.Figure:
    """One customer's months: balance as a line above, money in and out as bars below.

    months : columns month_end (date), and any of balance, money_in and money_out (positive amounts); what is
        missing or wholly empty is not drawn.
    Raises NotEnoughData with fewer than two months, or without any of the three columns.
    """
    named = ("balance", "money_in", "money_out")
    columns = [name for name in named if name in months and months[name].notna().any()]
    shown = _months(months, columns)
    flows = [name for name in columns if name != "balance"]
    both = "balance" in columns and bool(flows)
    figure = frame(palette, height=height if both else height * 2 // 3, barmode="relative", bargap=0.3)
    if "balance" in columns:
        _balance(figure, shown, currency, palette)
    if flows:
        _flows(figure, shown, flows, currency, palette, axis="y2" if both else "y")
    if both:
        figure.update_layout(yaxis_domain=[0.56, 1])
        figure.update_xaxes(anchor="y2")
    _label_months(figure, shown["month_end"])
    return figure


def _balance(figure: go.Figure, shown: pd.DataFrame, currency: str, palette: Palette) -> None:
    balance = Quantity("balance", _("Balance"), "currency", currency)
    values = shown["balance"].to_numpy(dtype=np.float64)
    hover = _hovers(_("Average balance in the month to {day}: {amount}"), shown, values, balance)
    figure.add_scatter(
        x=shown["month_end"], y=values, mode="lines", line={"color": palette.accent, "width": 2.5},
        fill="tozeroy", fillcolor=palette.accent_tint, hovertext=hover, hoverinfo="text",
        xperiod="M1", xperiodalignment="middle",
    )  # fmt: skip
    figure.update_yaxes(**amount_axis(values[np.isfinite(values)], balance), title_text=balance.axis)


def _flows(
    figure: go.Figure, shown: pd.DataFrame, flows: list[str], currency: str, palette: Palette, *, axis: str
) -> None:
    """Money in upwards, money out downwards, each named beside its first bar's side of zero."""
    about: dict[str, tuple[int, str, str, str]] = {
        "money_in": (1, _("In"), _("In the month to {day}: {amount} came in"), palette.accent),
        "money_out": (-1, _("Out"), _("In the month to {day}: {amount} went out"), palette.loss),
    }
    quantity = Quantity("flow", _("In and out"), "currency", currency)
    drawn = np.zeros((2, len(shown)))
    for place, name in enumerate(flows):
        sign, label, sentence, colour = about[name]
        drawn[place] = sign * shown[name].fillna(0).to_numpy(dtype=np.float64)
        hover = _hovers(sentence, shown, np.abs(drawn[place]), quantity)
        figure.add_bar(
            x=shown["month_end"], y=drawn[place], yaxis=axis, marker_color=colour, hovertext=hover,
            hoverinfo="text", xperiod="M1", xperiodalignment="middle",
        )  # fmt: skip
        corner = {"x": 0, "xref": "paper", "xanchor": "left", "yref": f"{axis} domain", "y": (sign + 1) // 2}
        figure.add_annotation(note(label, palette, **corner, yanchor="top" if sign > 0 else "bottom"))
    style = {**axis_style(palette), **amount_axis(drawn.ravel(), quantity)}
    style["title"] = {**style["title"], "text": quantity.axis}
    target, domain = ("yaxis2", [0, 0.44]) if axis == "y2" else ("yaxis", [0, 1])
    figure.update_layout(
        {target: {**style, "range": [1.3 * drawn.min(), 1.3 * drawn.max()], "domain": domain}}
    )


def _hovers(sentence: str, shown: pd.DataFrame, values: Amounts, quantity: Quantity) -> list[str]:
    ends = shown["month_end"]
    return [
        sentence.format(day=day(end), amount=quantity.text(value))
        for end, value in zip(ends, values, strict=True)
    ]


def _months(months: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    shown = months.dropna(subset=columns, how="all").sort_values("month_end") if columns else months.iloc[:0]
    if len(shown) < 2:
        raise NotEnoughData(
            plural("Only {n} month has figures.", "{n} months have figures.", len(shown)).format(
                n=number(len(shown))
            ),
            _("A picture over time needs at least two months of transactions."),
        )
    return shown


def _label_months(figure: go.Figure, ends: pd.Series) -> None:
    """About five months labelled, evenly whatever is known, in figures that every language reads: 2026-06."""
    last = pd.Timestamp(ends.max()).to_period("M")
    span = (last - pd.Timestamp(ends.min()).to_period("M")).n + 1
    chosen = [last - back for back in range(0, span, -(-span // 5))][::-1]
    figure.update_xaxes(
        tickmode="array",
        tickvals=[(month.start_time + pd.Timedelta(days=14)).date() for month in chosen],
        ticktext=[str(month) for month in chosen],
    )
    figure.update_layout(margin_r=HALF_A_LABEL)  # or the last month's label would be left out
