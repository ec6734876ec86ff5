"""A waterfall: how an amount comes about, line by line, from nothing or from another amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import plotly.graph_objects as go

from analytics.charts.base import amount_axis, frame, note, safe, wrap
from analytics.charts.drawn import drawn_once
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.translation import translate as _
from analytics.value.quantity import Quantity

BAR = 46  # pixels a line
LABEL_ROOM = 0.34  # of the amounts' range, for the figures beside the bars


@dataclass(frozen=True)
class Step:
    """One bar. total : it is what there is so far, drawn from zero, and not something that is added."""

    label: str
    amount: float
    total: bool = False


@drawn_once
def waterfall(steps: Sequence[Step], quantity: Quantity, *, palette: Palette) -> go.Figure:
    """Bars from top to bottom, each beginning where the one before it ended; every figure beside its bar.

    steps : in order. What is added is blue, what is taken away orange, a total grey; zero is in the picture.
    Raises NotEnoughData where every amount is zero.
    """
    if not any(step.amount for step in steps):
        raise NotEnoughData(
            _("Every line is zero: there is nothing to draw."),
            _("Choose another as-of date, or load balances, prices and fees."),
        )
    starts, ends = _edges(steps)
    figure = frame(palette, height=44 + BAR * len(steps))
    figure.add_bar(
        orientation="h", y=list(range(len(steps))), base=starts, width=0.56,
        x=[end - start for start, end in zip(starts, ends, strict=True)],
        marker_color=[_colour(step, palette) for step in steps],
        hovertext=[_hover(step, end, quantity) for step, end in zip(steps, ends, strict=True)], hoverinfo="text",
    )  # fmt: skip
    for place, (here, _next) in enumerate(pairwise(ends)):
        line = {"color": palette.zero, "width": 1, "dash": "dot"}
        figure.add_shape(type="line", x0=here, x1=here, y0=place, y1=place + 1, line=line, layer="below")
    _write(figure, steps, starts, ends, quantity, palette)
    return figure


def _edges(steps: Sequence[Step]) -> tuple[list[float], list[float]]:
    """Where each bar begins and ends."""
    starts, ends, reached = [], [], 0.0
    for step in steps:
        starts.append(0.0 if step.total else reached)
        reached = step.amount if step.total else reached + step.amount
        ends.append(reached)
    return starts, ends


def _write(
    figure: go.Figure, steps: Sequence[Step], starts: list[float], ends: list[float], quantity: Quantity,
    palette: Palette,
) -> None:  # fmt: skip
    """The figures beside the bars, the names of the lines, and the axes."""
    low, high = min(0.0, *starts, *ends), max(0.0, *starts, *ends)
    for place, (step, start, end) in enumerate(zip(steps, starts, ends, strict=True)):
        text = quantity.text(step.amount)
        beside = {"x": max(start, end), "y": place, "xanchor": "left", "xshift": 4}
        figure.add_annotation(note(f"<b>{text}</b>" if step.total else text, palette, **beside))
    room = LABEL_ROOM * (high - low)
    figure.add_vline(x=0, line={"color": palette.zero, "width": 1})
    figure.update_xaxes(
        **amount_axis([low, high], quantity), title_text=quantity.axis, showgrid=True,
        range=[low - 0.02 * (high - low), high + room],
    )  # fmt: skip
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(steps))), ticktext=[wrap(step.label, 18) for step in steps],
        range=[len(steps) - 0.5, -0.5], showgrid=False, tickfont={"color": palette.text, "size": 13},
    )  # fmt: skip


def _colour(step: Step, palette: Palette) -> str:
    if step.total:
        return palette.zero if step.amount >= 0 else palette.loss_text
    return palette.gain if step.amount >= 0 else palette.loss


def _hover(step: Step, reached: float, quantity: Quantity) -> str:
    if step.total:
        return _("{label}: {amount}").format(
            label=safe(step.label), amount=quantity.text(step.amount, full=True)
        )
    return _("{label}: {amount}, which makes {total}").format(
        label=safe(step.label),
        amount=quantity.text(step.amount, full=True),
        total=quantity.text(reached, full=True),
    )
