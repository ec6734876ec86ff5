"""Curves of concentration: whale and Lorenz, drawn from at most 500 points."""

import numpy as np
import plotly.graph_objects as go

from analytics.charts.base import frame, note, share_axis
from analytics.charts.cumulated import Curve
from analytics.charts.drawn import drawn_once
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import number, percent
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.concentration import PARETO_SHARE, Concentration
from analytics.value.measures import top_count
from analytics.value.quantity import Quantity

TOP_FIFTH = 0.2
CLOSE = 0.12
BAND = 0.008  # half as wide, in customers


@drawn_once
def whale(
    c: Concentration, quantity: Quantity, *, palette: Palette, height: int = 380, of_gains: bool = False
) -> go.Figure:
    """Customers from most to least valuable, cumulated. The peak, and what falls after it, in money.

    Shares of the net total, or amounts where that is not positive. With an interval of the top fifth's share,
    that is a band at 20 %. of_gains : shares of what those above zero bring, so that the curve peaks at 100 %
    and its end says what the losses leave of it, also where the net total is not positive.
    Raises NotEnoughData with fewer than two customers, when every value is zero, or for want of gains.
    """
    curve = Curve.of(c, quantity, of_gains=of_gains)
    peak = int(np.searchsorted(c.counts, c.customers - c.whale.loss_makers))
    figure = frame(palette, height=height, hovermode="x")
    figure.add_hline(y=0, line={"color": palette.zero, "width": 1})
    if not of_gains:
        _even_line(figure, curve, palette, below=True)
    _area(figure, curve, slice(0, peak + 1), palette.accent, palette.accent_tint)
    if c.whale.loss_makers:
        _area(figure, curve, slice(peak, None), palette.loss, palette.loss_tint)
        figure.add_annotation(_loss_note(curve, palette))
    top = max(float(curve.y.max()), _band(figure, curve, palette))
    _marks(figure, curve, palette)
    low = min(0.0, float(curve.y.min()))
    room = 0.16 if c.whale.loss_makers else 0.05
    figure.update_yaxes(**curve.axis(), range=[low - 0.02 * (top - low), top + room * (top - low)])
    figure.update_xaxes(share_axis([1]), range=[-0.01, 1.01], title_text=_("Customers, best first"))
    return figure


@drawn_once
def lorenz(c: Concentration, quantity: Quantity, *, palette: Palette, height: int = 380) -> go.Figure:
    """Customers from least to most valuable, cumulated: the further below the straight line, the more uneven.

    Raises NotEnoughData with fewer than two customers, or when the net total is not positive.
    """
    curve = Curve.of(c, quantity)
    if not c.net_positive:
        raise NotEnoughData(
            _("The net total is not positive, so there are no shares for a Lorenz curve."),
            _("Look at the whale curve, which shows amounts instead."),
        )
    x, y = 1 - curve.x[::-1], 1 - curve.y[::-1]
    figure = frame(palette, height=height, hovermode="x")
    _even_line(figure, curve, palette, below=False)
    hover = [
        _("The lowest {customers} of customers bring {share} of the net total.").format(
            customers=percent(a), share=percent(b)
        )
        for a, b in zip(x, y, strict=True)
    ]
    figure.add_scatter(x=x, y=y, line=_line(palette.accent), hovertext=hover, hoverinfo="text", mode="lines")
    if c.gini_normalised is not None:
        name = _("Gini {figure}") if c.gini is not None else _("Gini, losses allowed, {figure}")
        value = c.gini if c.gini is not None else c.gini_normalised
        text = name.format(figure=f"<b>{number(value, 2)}</b>")
        figure.add_annotation(note(text, palette, x=0.02, y=0.98, xref="paper", yref="paper", xanchor="left"))
    low = min(0.0, float(y.min()))
    figure.update_yaxes(share_axis(y), range=[low - 0.03, 1.03], title_text=_("Share of the net total"))
    figure.update_xaxes(share_axis([1]), range=[-0.01, 1.01], title_text=_("Customers, lowest first"))
    return figure


def _area(figure: go.Figure, curve: Curve, part: slice, colour: str, tint: str) -> None:
    figure.add_scatter(
        x=curve.x[part], y=curve.y[part], mode="lines", line=_line(colour), fill="tozeroy", fillcolor=tint,
        hovertext=_hovers(curve, part), hoverinfo="text",
    )  # fmt: skip


def _hovers(curve: Curve, part: slice) -> list[str]:
    texts = []
    for count, value in zip(curve.c.counts[part], curve.y[part], strict=True):
        text = plural(
            "The best {n} customer brings {what}.", "The best {n} customers bring {what}.", int(count)
        )
        texts.append(text.format(n=number(int(count)), what=curve.sentence(float(value))))
    return texts


def _line(colour: str) -> dict[str, object]:
    return {"color": colour, "width": 2.5}


def _even_line(figure: go.Figure, curve: Curve, palette: Palette, *, below: bool) -> None:
    end = float(curve.y[-1]) if curve.basis == "amount" else 1.0
    line = {"color": palette.zero, "width": 1, "dash": "dot"}
    figure.add_scatter(x=[0, 1], y=[0, end], mode="lines", line=line, hoverinfo="skip")
    if curve.basis == "net":
        font = {"color": palette.muted, "size": 12}
        side = {"xanchor": "left", "yanchor": "top"} if below else {"xanchor": "right", "yanchor": "bottom"}
        figure.add_annotation(note(_("if all brought the same"), palette, x=0.5, y=0.5, font=font, **side))


def _band(figure: go.Figure, curve: Curve, palette: Palette) -> float:
    """The interval of the top fifth's share as a band at 20 %; returns how high it reaches."""
    interval = curve.c.interval
    if interval is None or curve.basis != "net":
        return 0.0
    x = top_count(curve.c.customers, TOP_FIFTH) / curve.c.customers
    figure.add_shape(
        type="rect", x0=x - BAND, x1=x + BAND, y0=interval.low, y1=interval.high, layer="above", name="interval",
        fillcolor=palette.accent, opacity=0.32, line_width=0,
    )  # fmt: skip
    return interval.high


def _loss_note(curve: Curve, palette: Palette) -> dict[str, object]:
    c = curve.c
    losses = plural("{n} customer loses {amount}", "{n} customers lose {amount}", c.whale.loss_makers).format(
        n=number(c.whale.loss_makers), amount=curve.quantity.text(c.whale.losses)
    )
    if curve.basis == "gains":
        what = _("leaves {share} of all gains").format(share=f"<b>{percent(float(curve.y[-1]))}</b>")
    else:
        what = _("peak {figure}").format(figure=f"<b>{curve.text(float(curve.y.max()))}</b>")
    text = f'{what}<br><span style="color:{palette.loss_text}">{losses}</span>'
    place = {"x": 1, "y": float(curve.y.max()), "xanchor": "right", "yanchor": "bottom", "yshift": 4}
    return note(text, palette, **place, align="right")


def _marks(figure: go.Figure, curve: Curve, palette: Palette) -> None:
    """The customers for 80 %, and what the top fifth brings; one label for both where they lie together."""
    c, fifth = curve.c, top_count(curve.c.customers, TOP_FIFTH)
    falling = fifth > c.customers - c.whale.loss_makers
    points = [] if falling and curve.basis != "net" else [(fifth, _fifth_label(curve, palette))]
    if c.for_80 and curve.basis == "net":
        points.insert(0, (c.for_80.customers, _for_80_label(c)))
    together = len(points) == 2 and abs(points[0][0] - fifth) < CLOSE * c.customers
    for place, (count, text) in enumerate(points):
        x, y = count / c.customers, curve.at(count)
        marker = {"color": palette.accent, "size": 9, "line": {"color": palette.background, "width": 2}}
        figure.add_scatter(x=[x], y=[y], mode="markers", marker=marker, hoverinfo="skip")
        if together and place:
            continue
        label = f"{points[0][1]}<br>{points[1][1]}" if together else text
        figure.add_annotation(note(label, palette, x=x, y=y, **_beside(x, falling=falling)))


def _for_80_label(c: Concentration) -> str:
    count = c.for_80.customers if c.for_80 else 0
    text = plural("{share} from {n} customer ({part})", "{share} from {n} customers ({part})", count)
    part = percent(count / c.customers)
    return text.format(share=f"<b>{percent(PARETO_SHARE)}</b>", n=number(count), part=part)


def _fifth_label(curve: Curve, palette: Palette) -> str:
    """What the top fifth brings, and between what it would be expected to lie in another such book."""
    share = f"<b>{curve.text(curve.at(top_count(curve.c.customers, TOP_FIFTH)))}</b>"
    label = _("top {fraction} bring {share}").format(fraction=percent(TOP_FIFTH), share=share)
    interval = curve.c.interval
    if interval is None or curve.basis != "net":
        return label
    band = _("{level} interval {low} to {high}").format(
        level=percent(interval.level), low=percent(interval.low), high=percent(interval.high)
    )
    return f'{label}<br><span style="color:{palette.muted}">{band}</span>'


def _beside(x: float, *, falling: bool) -> dict[str, object]:
    """Where a label of a point crosses neither the curve, which bends downwards, nor the picture's edge."""
    if falling:
        return {"xanchor": "left", "yanchor": "bottom", "xshift": 6, "yshift": 2}
    if x < 0.45:
        return {"xanchor": "left", "yanchor": "top", "xshift": 8, "yshift": 4}
    return {"xanchor": "right", "yanchor": "bottom", "xshift": -6, "yshift": 2, "align": "right"}
