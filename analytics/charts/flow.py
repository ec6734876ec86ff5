"""Two segmentations as streams of customers from the one to the other."""

from typing import Any, Protocol

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts.base import frame, note, safe, shorten, wrap
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import number, percent
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.quantity import Quantity

FEW_SEGMENTS = 6
LANE, LETTERS = 112, 15  # pixels and letters of a label, so that both sides and the streams fit 390 px
LINES = 3  # of a name
TOP, BOTTOM = 62, 16  # two lines of Chinese above


class TwoSegmentations(Protocol):
    """What the picture needs of a `compare.Comparison`."""

    @property
    def table(self) -> pd.DataFrame: ...
    @property
    def worth(self) -> pd.DataFrame: ...
    @property
    def first_names(self) -> dict[int, str]: ...
    @property
    def second_names(self) -> dict[int, str]: ...
    @property
    def matched(self) -> dict[int, int]: ...


def flow(
    comparison: TwoSegmentations, value: Quantity, *, palette: Palette, height: int | None = None
) -> go.Figure:
    """The first's segments on the left, the second's on the right, a stream for each pair with customers.

    A segment of the second has the colour of the one that it stands for. Streams of those who moved are
    stronger, and beside each segment stands how many of it stay. A stream's customdata is [first, second].
    Raises NotEnoughData without a customer.
    """
    streams = _streams(comparison.table)
    if not streams:
        raise NotEnoughData(_("There is nobody to compare."), _("Widen the population."))
    links = _links(comparison, streams, value, palette)
    key = _("Left the first, right the second; strong grey: moved")
    return sankey(comparison, links, key, palette=palette, height=height)


def sankey(
    comparison: TwoSegmentations,
    links: dict[str, Any],
    key: str,
    *,
    palette: Palette,
    height: int | None = None,
) -> go.Figure:
    """Segments on both sides with streams between them, whatever these are coloured and said by.

    links : Plotly's; sources are places in first_names, targets those in second_names after them. key : what is to be
    known of sides and colours.
    """
    most = max(comparison.table.shape)
    roomy = most <= FEW_SEGMENTS
    pad = 44 if roomy else 18
    figure = frame(palette, height=height or TOP + BOTTOM + most * (pad + (46 if roomy else 22)))
    inside = figure.layout.height - TOP - BOTTOM
    places = [_centres(comparison.table.sum(axis=axis).tolist(), inside, pad, most) for axis in (1, 0)]
    figure.add_sankey(
        arrangement="fixed",
        node=_nodes(comparison, palette, places) | {"pad": pad, "thickness": 14},
        link=links,
    )
    figure.update_layout(annotations=_labels(comparison, places, palette, roomy=roomy))
    figure.add_annotation(_key(key, palette))
    figure.update_layout(margin={"l": LANE, "r": LANE, "t": TOP, "b": BOTTOM})
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def _streams(table: pd.DataFrame) -> list[tuple[int, int, int]]:
    """first, second and customers of each pair that has any."""
    return [
        (int(one), int(other), int(n))
        for one, row in zip(table.index, table.to_numpy(), strict=True)
        for other, n in zip(table.columns, row, strict=True)
        if n
    ]


def _centres(sizes: list[int], inside: float, pad: float, most: int) -> list[float]:
    """How far down the middle of each node is, 0 to 1: one below the other, `pad` pixels apart, centred."""
    heights = np.array(sizes) * (inside - pad * (most - 1)) / sum(sizes)
    used = heights.sum() + pad * (len(sizes) - 1)
    ends = (inside - used) / 2 + np.cumsum(heights) + pad * np.arange(len(sizes))
    return [float(end) for end in (ends - heights / 2) / inside]


def _nodes(comparison: TwoSegmentations, palette: Palette, places: list[list[float]]) -> dict[str, Any]:
    stands_for = {other: one for one, other in comparison.matched.items()}
    first = [(name, palette.segment(at)) for at, name in comparison.first_names.items()]
    second = [(name, palette.segment(stands_for.get(at, 0))) for at, name in comparison.second_names.items()]
    sizes = [*comparison.table.sum(axis=1), *comparison.table.sum(axis=0)]
    return {
        "x": [0.001] * len(first) + [0.999] * len(second),
        "y": [*places[0], *places[1]],
        "label": [""] * len(sizes),
        "color": [colour for _name, colour in (*first, *second)],
        "customdata": [
            _("{name}: {customers}").format(name=safe(name), customers=customers_in_words(int(n)))
            for (name, _colour), n in zip((*first, *second), sizes, strict=True)
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
        "line": {"width": 0},
    }


def _labels(
    comparison: TwoSegmentations, places: list[list[float]], palette: Palette, *, roomy: bool
) -> list[dict[str, Any]]:
    """A name beside each node; where there is room with the share that stays together, beside the first's."""
    found = []
    for at, name, centre in zip(*_columns(comparison.first_names), places[0], strict=True):
        text = _name(at, name, roomy=roomy)
        if roomy and at:  # nobody stays in no segment
            stay = percent(_staying(comparison, at) / _size(comparison, at))
            stays = _("{share} stay").format(share=stay)
            text += f'<br><span style="color:{palette.muted}">{stays}</span>'
        place = {"x": 0, "xanchor": "right", "xshift": -6, "align": "right"}
        found.append(_beside(text, centre, palette) | place)
    for at, name, centre in zip(*_columns(comparison.second_names), places[1], strict=True):
        place = {"x": 1, "xanchor": "left", "xshift": 6, "align": "left"}
        found.append(_beside(_name(at, name, roomy=roomy), centre, palette) | place)
    return found


def _columns(names: dict[int, str]) -> tuple[list[int], list[str]]:
    return list(names), list(names.values())


def _staying(comparison: TwoSegmentations, at: int) -> int:
    counterpart = comparison.matched.get(at)
    return 0 if counterpart is None else int(_cell(comparison.table, at, counterpart))


def _cell(table: pd.DataFrame, row: int, column: int) -> float:
    return float(table.to_numpy()[table.index.get_loc(row), table.columns.get_loc(column)])


def _size(comparison: TwoSegmentations, at: int) -> int:
    """How many customers are in a segment of the first."""
    return int(comparison.table.to_numpy()[comparison.table.index.get_loc(at)].sum())


def _name(at: int, name: str, *, roomy: bool) -> str:
    head = str(at or "")
    if not roomy:
        return f"<b>{head}</b> {safe(shorten(name, LETTERS))}".removeprefix("<b></b> ")
    lines = wrap(f"{head} {name}".strip(), LETTERS).split("<br>")
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], f"{lines[LINES - 1]}…"]
    return "<br>".join([f"<b>{head}</b>{lines[0].removeprefix(head)}" if head else lines[0], *lines[1:]])


def _beside(text: str, centre: float, palette: Palette) -> dict[str, Any]:
    place = {"xref": "paper", "y": 1 - centre, "yref": "paper", "yanchor": "middle"}
    return note(text, palette, font={"color": palette.text, "size": 12}, **place)


def _links(
    comparison: TwoSegmentations, streams: list[tuple[int, int, int]], value: Quantity, palette: Palette
) -> dict[str, Any]:
    left = {at: place for place, at in enumerate(comparison.first_names)}
    right = {at: place + len(left) for place, at in enumerate(comparison.second_names)}
    moved = [comparison.matched.get(one) != other for one, other, _n in streams]
    return {
        "source": [left[one] for one, _other, _n in streams],
        "target": [right[other] for _one, other, _n in streams],
        "value": [n for _one, _other, n in streams],
        "color": [ink(palette.muted, 0.4) if away else ink(palette.rest, 0.5) for away in moved],
        "line": {"width": 0},
        "label": [
            _sentence(comparison, stream, value, moved=away)
            for stream, away in zip(streams, moved, strict=True)
        ],
        "hovertemplate": "%{label}<extra></extra>",
        "customdata": [[one, other] for one, other, _n in streams],
    }


def _sentence(
    comparison: TwoSegmentations, stream: tuple[int, int, int], value: Quantity, *, moved: bool
) -> str:
    one, other, n = stream
    worth = _cell(comparison.worth, one, other)
    shape = _("{customers} of “{first}” ({share}): in “{second}” of the second")
    if not moved:
        shape = _("{customers} of “{first}” ({share}): still together, in “{second}”")
    text = shape.format(
        customers=customers_in_words(n), share=percent(n / _size(comparison, one)),
        first=wrap(comparison.first_names[one], 40), second=wrap(comparison.second_names[other], 40),
    )  # fmt: skip
    return f"{text}<br>{value.label}: {value.text(worth)}"


def customers_in_words(n: int) -> str:
    return plural("{n} customer", "{n} customers", n).format(n=number(n))


def ink(colour: str, strength: float) -> str:
    """The colour, so that what lies behind it is seen.

    >>> ink("#FF0080", 0.5)
    'rgba(255, 0, 128, 0.5)'
    """
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {strength})"


def _key(text: str, palette: Palette) -> dict[str, Any]:
    place = {"x": 0.5, "xref": "paper", "xanchor": "center", "y": 1, "yref": "paper", "yanchor": "bottom"}
    font = {"color": palette.muted, "size": 12}
    return note(wrap(text, 56), palette, **place, yshift=20, font=font, align="center")
