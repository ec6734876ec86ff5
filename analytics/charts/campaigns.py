"""Response of those contacted and of those left alone, each with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from analytics.charts.base import frame, note, safe, share_axis, wrap
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import number, percent
from analytics.translation import translate as _

ROW = 92  # pixels a group


@dataclass(frozen=True)
class Response:
    """One group. share, low, high : its response with the interval. answers of customers."""

    label: str
    share: float
    low: float
    high: float
    answers: int
    customers: int
    is_holdout: bool


def response_chart(groups: Sequence[Response], *, palette: Palette) -> go.Figure:
    """A dot for each group with its interval, from zero on; the contacted blue, those left alone grey.

    Raises NotEnoughData without a group.
    """
    if not groups:
        raise NotEnoughData(
            _("Nobody was contacted yet, so there is no response to draw."),
            _("Tick customers of the call list off as they are contacted."),
        )
    figure = frame(palette, height=70 + ROW * len(groups))
    for place, group in enumerate(groups):
        colour = palette.muted if group.is_holdout else palette.accent
        figure.add_scatter(
            x=[group.share], y=[place], mode="markers", hoverinfo="text", hovertext=[_hover(group)],
            marker={"size": 14, "color": colour},
            error_x={"type": "data", "symmetric": False, "array": [group.high - group.share],
                     "arrayminus": [group.share - group.low], "color": colour, "thickness": 2.5, "width": 7},
        )  # fmt: skip
        beside = {"x": group.share, "y": place, "xanchor": "center", "yanchor": "bottom", "yshift": 12}
        figure.add_annotation(note(_label(group), palette, **beside))
    _axes(figure, groups, palette)
    return figure


def _axes(figure: go.Figure, groups: Sequence[Response], palette: Palette) -> None:
    most = max(group.high for group in groups)
    figure.add_vline(x=0, line={"color": palette.zero, "width": 1})
    figure.update_xaxes(
        **share_axis([0.0, most]), range=[-0.01 * most, 1.12 * most], showgrid=True,
        title_text=_("Share that answered, with 95% intervals"),
    )  # fmt: skip
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(groups))), showgrid=False, range=[len(groups) - 0.5, -0.7],
        ticktext=[wrap(group.label, 14) for group in groups], tickfont={"color": palette.text, "size": 13},
    )  # fmt: skip


def _label(group: Response) -> str:
    shape = _("<b>{share}</b>: {answers} of {customers}")
    return shape.format(
        share=percent(group.share, 1), answers=number(group.answers), customers=number(group.customers)
    )


def _hover(group: Response) -> str:
    return _("{label}: {share} answered, 95% interval from {low} to {high}").format(
        label=safe(group.label), share=percent(group.share, 1), low=percent(group.low, 1),
        high=percent(group.high, 1),
    )  # fmt: skip
