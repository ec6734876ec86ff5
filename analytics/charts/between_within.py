"""How much of the inequality lies between groups, and how much within them: one bar."""

import plotly.graph_objects as go

from analytics.charts.base import frame, note
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import percent
from analytics.translation import translate as _
from analytics.value.decomposition import Decomposition


def between_within(parts: Decomposition, *, palette: Palette, height: int = 108) -> go.Figure:
    """The inequality as one bar: between the groups in blue, within them in grey, both labelled above.

    A dotted line says how much groups of these sizes, drawn at random, would explain.
    Raises NotEnoughData where everybody has the same.
    """
    between = parts.explained
    if between is None:
        raise NotEnoughData(
            _("Everybody above zero has the same, so there is no inequality to divide."),
            _("Choose another indicator, population or as-of date."),
        )
    figure = frame(palette, height=height, barmode="stack", bargap=0.1)
    for share, colour, text in (
        (between, palette.accent, _("{share} of the inequality lies between the groups.")),
        (1 - between, palette.rest, _("{share} of the inequality lies within the groups.")),
    ):
        figure.add_bar(
            x=[share], y=[""], orientation="h", marker={"color": colour, "line_width": 0}, hoverinfo="text",
            hovertext=[text.format(share=percent(share, 1))],
        )  # fmt: skip
    _labels(figure, between, palette)
    _chance(figure, parts.explained_by_chance or 0.0, palette)
    figure.update_xaxes(visible=False, range=[0, 1])
    figure.update_yaxes(visible=False)
    figure.update_layout(margin={"l": 8, "r": 8, "t": 26, "b": 24})
    return figure


def _labels(figure: go.Figure, between: float, palette: Palette) -> None:
    left = _("between the groups {share}").format(share=f"<b>{percent(between, 1)}</b>")
    right = _("within them {share}").format(share=f"<b>{percent(1 - between, 1)}</b>")
    above = {"y": 1, "yref": "paper", "yanchor": "bottom"}
    figure.add_annotation(note(left, palette, x=0, xanchor="left", **above))
    figure.add_annotation(note(right, palette, x=1, xanchor="right", **above))


def _chance(figure: go.Figure, share: float, palette: Palette) -> None:
    figure.add_shape(
        type="line", x0=share, x1=share, y0=-0.06, y1=1, yref="paper", layer="above",
        line={"color": palette.text, "width": 1.5, "dash": "dot"},
    )  # fmt: skip
    text = _("groups at random: {share}").format(share=percent(share, 1))
    side = {"xanchor": "left", "xshift": -3} if share < 0.5 else {"xanchor": "right", "xshift": 3}
    place = {"x": share, "y": 0, "yref": "paper", "yanchor": "top", "yshift": -2}
    font = {"color": palette.muted, "size": 12}
    figure.add_annotation(note(text, palette, **place, **side, font=font))
