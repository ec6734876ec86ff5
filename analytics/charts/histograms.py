"""How an indicator is distributed: histograms that show both tails, and bars for categories."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from analytics.charts.base import axis_title, frame, note, safe, wrap
from analytics.charts.drawn import drawn_once
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import number, percent
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.distribution import Distribution
from analytics.value.quantity import Quantity
from analytics.value.scale import round_ticks

MOST_CATEGORIES = 12


@drawn_once
def value_histogram(
    distribution: Distribution, quantity: Quantity, *, palette: Palette, height: int = 340
) -> go.Figure:
    """Customers by amount: losses left in orange, exact zeros in grey, gains right in blue.

    Raises NotEnoughData when fewer than two customers have a value, or all have the same one.
    """
    _need_spread(distribution, quantity)
    d = distribution
    figure = frame(palette, height=height, bargap=0)
    colours = [_colour(low, high, palette) for low, high in zip(d.low, d.high, strict=True)]
    figure.add_bar(
        x=(d.left + d.right) / 2, y=d.count, width=d.right - d.left, hovertext=_bar_hovers(d, quantity),
        hoverinfo="text", marker={"color": colours, "line": {"color": palette.background, "width": 1}},
    )  # fmt: skip
    _median(figure, d, quantity, palette)
    figure.add_hline(y=0, line={"color": palette.zero, "width": 1})
    _histogram_axes(figure, d, quantity)
    return figure


def category_bars(
    values: Sequence[object], quantity: Quantity, *, palette: Palette, height: int | None = None
) -> go.Figure:
    """Customers by category, most frequent first; beyond twelve the others are one grey bar.

    values : one category a customer; None or NaN is "not known".
    Raises NotEnoughData without any customer.
    """
    names, counts, rest = _counted(values)
    if not names:
        raise NotEnoughData(
            _("No customer has a value for {label}.").format(label=quantity.label),
            _("Widen the population, or choose another indicator."),
        )
    total = sum(counts)
    texts = [f"{percent(count / total)} · {number(count)}" for count in counts]
    hover = [_category_hover(name, count, total) for name, count in zip(names, counts, strict=True)]
    figure = frame(palette, height=height or 70 + 32 * len(names), bargap=0.35)
    colours = [palette.rest if place in rest else palette.accent for place in range(len(names))]
    figure.add_bar(
        y=[wrap(name, 18) for name in names], x=counts, orientation="h", marker_color=colours, text=texts,
        textposition="outside", cliponaxis=False, hovertext=hover, hoverinfo="text", constraintext="none",
        textfont={"color": palette.text, "size": 12},
    )  # fmt: skip
    # A category that is called 3 is no amount of 3.
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, tickfont_color=palette.text)
    # A third of the width stays free for the longest bar's own label.
    figure.update_xaxes(
        visible=True, showticklabels=False, range=[0, max(counts) * 1.45], title_text=_("Customers")
    )
    return figure


def _histogram_axes(figure: go.Figure, d: Distribution, quantity: Quantity) -> None:
    ticks = [tick for tick in round_ticks(d.count) if tick % 1 == 0]
    figure.update_yaxes(
        tickmode="array",
        tickvals=ticks,
        ticktext=[number(tick) for tick in ticks],
        title_text=_("Customers"),
        range=[0, float(d.count.max()) * 1.16],
    )
    edge = 0.004 * float(d.right[-1] - d.left[0])  # a tick on the very edge would not be drawn
    figure.update_xaxes(
        tickmode="array", tickvals=d.tick_positions, ticktext=[quantity.bare(tick) for tick in d.tick_values],
        title_text=axis_title(quantity, d.threshold), range=[float(d.left[0]) - edge, float(d.right[-1]) + edge],
    )  # fmt: skip


def _need_spread(d: Distribution, quantity: Quantity) -> None:
    remedy = _("Widen the population, or choose another indicator.")
    if d.customers < 2:
        raise NotEnoughData(
            plural(
                "Only {n} customer has a value for {label}: a distribution needs two.",
                "{n} customers have a value for {label}: a distribution needs two.",
                d.customers,
            ).format(n=number(d.customers), label=quantity.label),
            remedy,
        )
    if d.quantiles[0.01] == d.quantiles[0.99] and (d.count > 0).sum() == 1:
        same = quantity.text(d.quantiles[0.5], full=True)
        raise NotEnoughData(
            _("Every customer has the same {label}: {value}.").format(label=quantity.label, value=same),
            remedy,
        )


def _colour(low: float, high: float, palette: Palette) -> str:
    if low == high == 0:
        return palette.rest
    return palette.loss if low < 0 else palette.accent


def _bar_hovers(d: Distribution, quantity: Quantity) -> list[str]:
    texts = []
    for low, high, count in zip(d.low, d.high, d.count, strict=True):
        if low == high:
            what = quantity.text(float(low))
        else:
            what = _("{low} to {high}").format(low=quantity.text(float(low)), high=quantity.text(float(high)))
        text = plural("{n} customer: {what}", "{n} customers: {what}", int(count))
        texts.append(text.format(n=number(int(count)), what=what))
    return texts


def _median(figure: go.Figure, d: Distribution, quantity: Quantity, palette: Palette) -> None:
    """A quiet line at the median, with its figure."""
    median = d.quantiles[0.5]
    bar = int(np.clip(np.searchsorted(d.high, median), 0, d.high.size - 1))
    low, high = float(d.low[bar]), float(d.high[bar])
    # Inside one bar the scale is near enough to even.
    within = (median - low) / (high - low) if high > low and d.scale != "whole" else 0.5
    x = float(d.left[bar] + within * (d.right[bar] - d.left[bar]))
    figure.add_vline(x=x, line={"color": palette.text, "width": 1, "dash": "dot"})
    left_half = x < (d.left[0] + d.right[-1]) / 2
    place = {"x": x, "y": 1, "yref": "paper", "yanchor": "top", "xanchor": "left" if left_half else "right"}
    text = _("half have {amount} or less").format(amount=f"<b>{quantity.text(median)}</b>")
    figure.add_annotation(note(text, palette, **place, xshift=5 if left_half else -5))


def _category_hover(name: str, count: int, total: int) -> str:
    text = plural("{n} customer ({share}): {name}", "{n} customers ({share}): {name}", count)
    return text.format(n=number(count), share=percent(count / total), name=safe(name))


def _counted(values: Sequence[object]) -> tuple[list[str], list[int], set[int]]:
    """Names and counts to draw, and which of the bars are for comparison only."""
    unknown, known = 0, dict[str, int]()
    for value in values:
        if value is None or value != value:  # NaN is the one value unequal to itself
            unknown += 1
        else:
            known[str(value)] = known.get(str(value), 0) + 1
    ranked = sorted(known.items(), key=lambda item: (-item[1], item[0]))
    names, counts = [name for name, _n in ranked[:MOST_CATEGORIES]], [n for _n, n in ranked[:MOST_CATEGORIES]]
    grey = set()
    for name, count in (
        (_("all others"), sum(n for _n, n in ranked[MOST_CATEGORIES:])),
        (_("not known"), unknown),
    ):
        if count:
            grey.add(len(names))
            names.append(name)
            counts.append(count)
    return names, counts, grey
