"""What each tenth of the customers brings."""

import numpy as np
import plotly.graph_objects as go

from analytics.charts.base import amount_axis, frame, share_axis
from analytics.charts.cumulated import Curve
from analytics.charts.drawn import drawn_once
from analytics.charts.palette import Palette
from analytics.formats import number, percent
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.concentration import Concentration
from analytics.value.measures import top_count
from analytics.value.quantity import Quantity


@drawn_once
def pareto(c: Concentration, quantity: Quantity, *, palette: Palette, height: int = 340) -> go.Figure:
    """What each tenth of the customers brings, best first; with fewer than ten, what each customer brings.

    Raises NotEnoughData with fewer than two customers, or when every value is zero.
    """
    curve = Curve.of(c, quantity)
    ends = _group_ends(c.customers)
    heights = np.diff([curve.at(count) for count in ends], prepend=0.0)
    texts = [percent(value) if c.net_positive else quantity.bare(value) for value in heights]
    places = list(range(1, len(ends) + 1))
    figure = frame(palette, height=height, bargap=0.25)
    figure.add_bar(
        y=places, x=heights, orientation="h", hovertext=_hovers(ends, texts), hoverinfo="text",
        marker_color=[palette.loss if value < 0 else palette.accent for value in heights], text=texts,
        textposition="outside", cliponaxis=False, constraintext="none", textfont_color=palette.text,
    )  # fmt: skip
    low, high = min(0.0, float(heights.min())), max(0.0, float(heights.max()))
    room = (0.14 if c.net_positive else 0.25) * (high - low)
    figure.add_vline(x=0, line={"color": palette.zero, "width": 1})
    ticks = share_axis(heights) if c.net_positive else amount_axis(heights, quantity)
    figure.update_xaxes(**curve.axis() | ticks, range=[low - room * (low < 0), high + room], showgrid=True)
    by = _("Tenths of the customers, best first") if c.customers >= 10 else _("Customers, best first")
    figure.update_yaxes(
        tickmode="array", tickvals=places, title_text=by, autorange="reversed", showgrid=False
    )
    return figure


def _group_ends(customers: int) -> list[int]:
    """How many customers there are up to the end of each tenth, or up to each of fewer than ten."""
    groups = min(10, customers)
    return [top_count(customers, (group + 1) / groups) for group in range(groups)]


def _hovers(ends: list[int], texts: list[str]) -> list[str]:
    hovers = []
    for place, (size, what) in enumerate(zip(np.diff(ends, prepend=0), texts, strict=True), start=1):
        text = plural(
            "Place {place} of {groups}: {n} customer brings {what}.",
            "Place {place} of {groups}: {n} customers bring {what}.",
            int(size),
        )
        hovers.append(text.format(place=place, groups=len(ends), n=number(int(size)), what=what))
    return hovers
