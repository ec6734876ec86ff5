"""How a value is spread in each group: one row a group, all on one scale, quantiles under each."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from analytics.charts.base import axis_title, frame, note, safe, shorten, text_width
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import number
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from analytics.value.shapes import MOST_SHAPES, GroupDistribution, GroupShape

ROW = 94  # pixels: two lines of text, the shape, the quantiles
STEPS = 128  # points of one shape
HIGH, MARKS = 0.44, -0.09  # of a row: the shape above its line, the quantiles below it
LINE = 48  # letters of a name that a phone has room for
LANES = 5  # single customers stand above each other in so many lanes


def ridgeline(
    groups: GroupDistribution,
    quantity: Quantity,
    *,
    palette: Palette,
    numbers: Sequence[int] | None = None,
    height: int | None = None,
) -> go.Figure:
    """Each group as a shape, or as its customers one by one where they are few; both tails on one scale.

    Under each: a thin bar from the tenth to the nine tenths, a thick one around the middle half, a dot at the
    median. Shapes are of equal height, whatever the number of customers; what is below zero lies on orange.
    groups : at most MOST_SHAPES are drawn, in the order given. numbers : the segments' numbers, for their colours.
    Raises NotEnoughData without a group, or when everybody has the same value.
    """
    shapes = groups.shapes[:MOST_SHAPES]
    _need_groups(shapes, quantity)
    figure = frame(palette, height=height or 70 + ROW * len(shapes))
    low, high = _ends(shapes)
    _zero(figure, low, high, palette)
    for row, shape in enumerate(shapes):
        colour = palette.segment(numbers[row]) if numbers else palette.accent
        base = float(len(shapes) - 1 - row)
        hover = _hover(shape, quantity)
        if shape.points is None:
            _shape(figure, shape, base, colour, hover)
        else:
            _strip(figure, shape.points, groups, base, colour, quantity)
        _quantiles(figure, shape, groups, base, hover, palette)
        figure.add_annotation(_row_label(shape, numbers[row] if numbers else None, base, quantity, palette))
    _axes(figure, groups, len(shapes), (low, high), quantity)
    return figure


def _axes(
    figure: go.Figure, groups: GroupDistribution, rows: int, ends: tuple[float, float], quantity: Quantity
) -> None:
    figure.update_yaxes(visible=False, range=[-0.55 if ends[0] < 0 else -0.3, rows - 0.04])
    figure.update_xaxes(
        tickmode="array", tickvals=groups.tick_positions, range=list(ends), showgrid=True,
        ticktext=[quantity.bare(tick) for tick in groups.tick_values],
        title_text=axis_title(quantity, groups.threshold),
    )  # fmt: skip


def _need_groups(shapes: Sequence[GroupShape], quantity: Quantity) -> None:
    remedy = _("Widen the population, or choose another indicator.")
    if not shapes:
        raise NotEnoughData(_("No customer has a value for {label}.").format(label=quantity.label), remedy)
    extremes = {amount for shape in shapes for amount in (shape.lowest, shape.highest)}
    if len(extremes) == 1:
        same = quantity.text(extremes.pop(), full=True)
        raise NotEnoughData(
            _("Every customer has the same {label}: {value}.").format(label=quantity.label, value=same),
            remedy,
        )


def _ends(shapes: Sequence[GroupShape]) -> tuple[float, float]:
    low, high = float(shapes[0].positions[0]), float(shapes[0].positions[-1])
    room = 0.02 * (high - low)
    return low - room, high + room


def _zero(figure: go.Figure, low: float, high: float, palette: Palette) -> None:
    """The line that parts losses from gains, where both or either could be: left of it all is on orange."""
    if not low < 0 < high:
        return
    figure.add_vline(x=0, line={"color": palette.zero, "width": 1})
    figure.add_vrect(x0=low, x1=0, fillcolor=palette.loss_tint, line_width=0, layer="below")
    if -low > 0.12 * (high - low):
        font = {"color": palette.loss_text, "size": 12}
        place = {"x": 0, "y": 0, "yref": "paper", "xanchor": "right", "yanchor": "bottom", "xshift": -4}
        figure.add_annotation(note(_("below zero"), palette, **place, font=font))


def _shape(figure: go.Figure, shape: GroupShape, base: float, colour: str, hover: str) -> None:
    """The smoothed shape above its own line, its highest point as high as every other's."""
    held = np.flatnonzero(shape.density > 0)
    first, last = int(held[0]), int(held[-1])
    steps = np.unique(np.linspace(first, last, min(STEPS, last - first + 1)).round().astype(int))
    x, y = shape.positions[steps], shape.density[steps] / shape.density.max()
    x = np.concatenate(([x[0]], x, [x[-1]]))
    y = base + HIGH * np.concatenate(([0.0], y, [0.0]))
    figure.add_scatter(
        x=x, y=y, mode="lines", fill="toself", line={"color": colour, "width": 1.5},
        fillcolor=_translucent(colour), hovertext=[hover] * x.size, hoverinfo="text",
    )  # fmt: skip


def _translucent(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.4)"


def _strip(
    figure: go.Figure, points: np.ndarray[Any, Any], groups: GroupDistribution, base: float, colour: str,
    quantity: Quantity,
) -> None:  # fmt: skip
    """Every customer a dot; neighbours in different lanes, so that they do not hide each other."""
    lanes = (np.arange(points.size) * 2) % LANES
    figure.add_scatter(
        x=groups.ruler.position(points), y=base + HIGH * (lanes + 0.5) / LANES, mode="markers",
        marker={"color": colour, "size": 7, "opacity": 0.75, "line": {"width": 0}},
        hovertext=[_("One customer: {amount}").format(amount=quantity.text(amount)) for amount in points],
        hoverinfo="text",
    )  # fmt: skip


def _quantiles(
    figure: go.Figure, shape: GroupShape, groups: GroupDistribution, base: float, hover: str, palette: Palette
) -> None:
    marks = {
        share: float(groups.ruler.position(shape.quantiles[share])) for share in (0.1, 0.25, 0.5, 0.75, 0.9)
    }
    y = base + MARKS
    for low, high, width in ((0.1, 0.9, 1.5), (0.25, 0.75, 5)):
        figure.add_scatter(
            x=[marks[low], marks[high]], y=[y, y], mode="lines", hovertext=[hover] * 2, hoverinfo="text",
            line={"color": palette.muted, "width": width},
        )  # fmt: skip
    dot = {"color": palette.background, "size": 9, "line": {"color": palette.text, "width": 2}}
    figure.add_scatter(x=[marks[0.5]], y=[y], mode="markers", marker=dot, hovertext=[hover], hoverinfo="text")


def _row_label(
    shape: GroupShape, segment: int | None, base: float, quantity: Quantity, palette: Palette
) -> dict[str, Any]:
    """Name, and under it size and median, as wide as a phone has room for."""
    crowd = plural("{n} customer", "{n} customers", shape.customers).format(n=number(shape.customers))
    median = _("median {amount}").format(amount=quantity.bare(shape.quantiles[0.5]))
    name = f"{segment} {shape.name}" if segment else shape.name
    while text_width(name) > LINE:
        name = shorten(name, len(name) - 1)
    text = f'<b>{safe(name)}</b><br><span style="color:{palette.muted}">{crowd} · {median}</span>'
    place = {"x": 0, "xref": "paper", "y": base + HIGH + 0.05, "xanchor": "left", "yanchor": "bottom"}
    return note(text, palette, **place, font={"color": palette.text, "size": 12})


def _hover(shape: GroupShape, quantity: Quantity) -> str:
    if shape.customers == 1:
        text = _("{name}, one customer: {median}")
    else:
        text = _(
            "{name}, {n} customers: half have {median} or less, a tenth {low} or less, a tenth {high} or more."
        )
    return text.format(
        name=safe(shape.name),
        n=number(shape.customers),
        median=quantity.text(shape.quantiles[0.5]),
        low=quantity.text(shape.quantiles[0.1]),
        high=quantity.text(shape.quantiles[0.9]),
    )
