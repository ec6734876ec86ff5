"""What a segment holds beside what comparable customers hold, each with its interval."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analytics.charts.base import frame, safe, share_axis, wrap
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import number, percent
from analytics.translation import translate as _

MOST_ROWS = 10
APART = 0.17  # rows: the segment's dot lies above, the peers' below the middle
LABEL = 22  # letters of a product's name in a line


def gap_chart(
    rows: pd.DataFrame, names: Mapping[str, str], *, palette: Palette, number: int, most: int = MOST_ROWS
) -> go.Figure:
    """A row a product: the segment's share as a dot in its colour, its peers' in grey, both with 95% intervals.

    rows : as `needs.gaps` gives them, in order; those that differ surely are filled, others hollow.
    names : what products are called. number : the segment's, for its colour. Raises NotEnoughData without a product.
    """
    return _dots(
        rows.head(most), [names.get(str(key), str(key)) for key in rows.index[:most]], palette, number,
        _("Share that holds the product"), "held_share", "peer_share",
    )  # fmt: skip


def share_chart(
    rows: pd.DataFrame, labels: list[str], title: str, *, palette: Palette, number: int
) -> go.Figure:
    """The same of shares of another kind, as `needs.habits` has them: here, there and the segment's interval."""
    given = rows.assign(peer_low=rows["there"], peer_high=rows["there"])
    given["differs"] = (rows["low"] > 0).astype(int) - (rows["high"] < 0).astype(int)
    return _dots(given, labels, palette, number, title, "here", "there")


def _dots(
    rows: pd.DataFrame, labels: list[str], palette: Palette, number: int, title: str, here: str, there: str
) -> go.Figure:
    if rows.empty:
        raise NotEnoughData(
            _("There is nothing to compare."), _("Choose another segment or an earlier date.")
        )
    figure = frame(palette, height=70 + 42 * len(rows))
    cells = rows.to_dict("records")
    hovers = [_hover(label, row, here, there) for label, row in zip(labels, cells, strict=True)]
    places = range(len(cells))
    figure.add_scatter(
        x=rows[there], y=[place + APART for place in places], mode="markers", hoverinfo="text", hovertext=hovers,
        cliponaxis=False, error_x=_bars(rows, there, "peer_low", "peer_high", palette.zero),
        marker={"size": 9, "symbol": "diamond", "color": palette.zero},
    )  # fmt: skip
    colour = palette.segment(number)
    figure.add_scatter(
        x=rows[here], y=[place - APART for place in places], mode="markers", hoverinfo="text", hovertext=hovers,
        cliponaxis=False, error_x=_bars(rows, here, "own_low", "own_high", colour), customdata=[str(key) for key in rows.index],
        marker={"size": 11, "color": colour, "line": {"width": 2, "color": colour},
                "symbol": ["circle" if row["differs"] else "circle-open" for row in cells]},
    )  # fmt: skip
    most = float(pd.concat([rows[here], rows[there], rows["own_high"], rows["peer_high"]]).max()) or 1.0
    figure.update_xaxes(
        **share_axis([0.0, most]), showgrid=True, title={"text": title}, range=[-0.02 * most, 1.04 * most]
    )
    figure.update_yaxes(
        tickmode="array", tickvals=list(places), ticktext=[wrap(label, LABEL) for label in labels], showgrid=False,
        range=[len(cells) - 0.5, -0.5], tickfont={"color": palette.text, "size": 12},
    )  # fmt: skip
    return figure


def _bars(rows: pd.DataFrame, middle: str, low: str, high: str, colour: str) -> dict[str, Any]:
    return {
        "type": "data", "symmetric": False, "array": rows[high] - rows[middle], "arrayminus": rows[middle] - rows[low],
        "color": colour, "thickness": 1.5, "width": 4,
    }  # fmt: skip


def _hover(label: str, row: Mapping[Any, Any], here: str, there: str) -> str:
    text = _("{label}: {here} of the segment, {there} of comparable customers")
    text = text.format(label=safe(label), here=percent(row[here], 1), there=percent(row[there], 1))
    between = _("difference {points} points, 95% interval from {low} to {high}")
    figures = (number(100 * row[key], 1) for key in ("difference", "low", "high"))
    return f"{text}<br>{between.format(**dict(zip(('points', 'low', 'high'), figures, strict=True)))}"
