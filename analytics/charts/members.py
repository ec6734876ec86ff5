"""Customers as points: the one chart that a person picks customers from."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts.base import MOST_POINTS, axis_title, frame, note, safe
from analytics.charts.drawn import drawn_once
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import labelled, number
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from analytics.value.scale import Ruler, ruler_for


@drawn_once
def members_scatter(
    members: pd.DataFrame,
    x: Quantity,
    y: Quantity,
    *,
    palette: Palette,
    height: int = 440,
    boxes: bool = False,
) -> go.Figure:
    """Customers by two indicators, coloured by segment; a point carries its customer_id for a click or a box.

    members : columns customer_id, segment, segment_name, and the two indicators. More than 2,000 with both
        figures are sampled, always the same ones for the same customers, and the picture says so.
    boxes : dragging picks by a box, which takes the clicks away.
    Raises NotEnoughData when fewer than two customers have both figures.
    """
    known = _with_both(members, x, y)
    drawn = known.sample(MOST_POINTS, random_state=7) if len(known) > MOST_POINTS else known
    figure = frame(palette, height=height, showlegend=True)
    rulers = (ruler_for(known[x.key]), ruler_for(known[y.key]))
    for segment, group in drawn.groupby(drawn["segment"].astype(int)):
        _points(figure, group, (int(segment), str(group["segment_name"].iloc[0])), (x, y), rulers, palette)
    sampled = ""
    if len(drawn) < len(known):
        text = _("{drawn} of {all} customers, drawn at random")
        sampled = "<br>" + text.format(drawn=number(len(drawn)), all=number(len(known)))
    figure.update_xaxes(_axis(known[x.key], x, rulers[0], sampled), showgrid=True)
    figure.update_yaxes(_axis(known[y.key], y, rulers[1]))
    figure.update_layout(
        dragmode="select" if boxes else False,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "itemsizing": "constant",
                "font": {"color": palette.text, "size": 12}}
    )  # fmt: skip
    return figure


def _with_both(members: pd.DataFrame, x: Quantity, y: Quantity) -> pd.DataFrame:
    known = members[members[x.key].notna() & members[y.key].notna()]
    if len(known) < 2:
        raise NotEnoughData(
            plural(
                "{n} customer has both {x} and {y}: a picture needs two.",
                "{n} customers have both {x} and {y}: a picture needs two.",
                len(known),
            ).format(n=number(len(known)), x=x.label, y=y.label),
            _("Choose other indicators for the axes."),
        )
    return known


def _points(
    figure: go.Figure, group: pd.DataFrame, segment: tuple[int, str], quantities: tuple[Quantity, Quantity],
    rulers: tuple[Ruler, Ruler], palette: Palette,
) -> None:  # fmt: skip
    x, y = quantities
    place, name = segment
    label = f"{place} {safe(name)}" if place > 0 else safe(name)
    hover = [
        f"{safe(customer)} · {label}<br>{labelled(safe(x.label), x.text(a))}<br>{labelled(safe(y.label), y.text(b))}"
        for customer, a, b in zip(group["customer_id"], group[x.key], group[y.key], strict=True)
    ]
    across, up = rulers[0].position(group[x.key]), rulers[1].position(group[y.key])
    figure.add_scatter(
        x=across, y=up, mode="markers", name=label, hovertext=hover, hoverinfo="text",
        marker={"color": palette.segment(place), "size": 7, "opacity": 0.7, "line": {"width": 0}},
        customdata=group["customer_id"].astype(str).tolist(),
        selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 0.2}},
    )  # fmt: skip
    if place > 0:
        middle = {"x": float(np.median(across)), "y": float(np.median(up))}
        pill = {"bgcolor": palette.background, "bordercolor": palette.segment(place), "borderpad": 2}
        figure.add_annotation(note(f"<b>{place}</b>", palette, **middle, **pill))


def _axis(values: pd.Series, quantity: Quantity, ruler: Ruler, more: str = "") -> dict[str, object]:
    ticks = ruler.ticks(values.to_numpy(dtype=np.float64))
    return {
        "tickmode": "array",
        "tickvals": ruler.position(ticks).tolist(),
        "ticktext": [quantity.bare(tick) for tick in ticks],
        "title": {"text": axis_title(quantity, ruler.threshold) + more},
    }
