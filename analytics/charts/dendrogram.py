"""The top of a hierarchy of customers: which groups join, and how unlike they are when they do."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from analytics.charts.base import frame, note, safe, shorten, wrap
from analytics.charts.palette import Palette
from analytics.errors import NotEnoughData
from analytics.formats import number
from analytics.translation import plural
from analytics.translation import translate as _

LANE, LETTERS = 116, 15  # pixels and letters beside the leaves, so that tree and names fit 390 px
LEAF, LINE = 17, 16  # pixels of a leaf and of a line of a name
Place = tuple[float, float]


def dendrogram(
    details: Mapping[str, Any], names: Mapping[int, str], *, order: Sequence[int], palette: Palette,
    height: int | None = None,
) -> go.Figure:  # fmt: skip
    """Leaves on the left, joined further right the less alike they are, in the colours of the segments.

    details : with "dendrogram", as `methods.hierarchical` leaves it. names : by segment number. order : the
    method's label of segment 1, 2, ... A leaf's customdata is its segment's number.
    Raises NotEnoughData without a tree.
    """
    tree = details.get("dendrogram")
    if not tree or not tree["merges"]:
        raise NotEnoughData(
            _("There is no tree to show."), _("Choose the hierarchical method, and indicators that differ.")
        )
    segments = [list(order).index(leaf["label"]) + 1 for leaf in tree["leaves"]]
    figure = frame(palette, height=height or 86 + LEAF * len(segments))
    _lines(figure, tree, segments, palette)
    _leaves(figure, tree, segments, names, palette)
    _joints(figure, tree, palette)
    _cut(figure, tree, len(set(segments)), palette)
    figure.update_layout(margin={"l": LANE, "t": 30})
    for label in _labels(segments, names, palette):
        figure.add_annotation(label)
    figure.update_yaxes(visible=False, range=[len(segments) - 0.5, -0.5])
    title = _("The further right two groups join, the less alike they are")
    top = max(merge[2] for merge in tree["merges"])
    figure.update_xaxes(showticklabels=False, range=[-0.02 * top, 1.03 * top], title_text=wrap(title, 36))
    return figure


def _places(tree: Mapping[str, Any]) -> list[Place]:
    """Where each node is: leaves at 0, one below the other; a merge at its height, halfway between its two."""
    places: list[Place] = [(0.0, float(at)) for at in range(len(tree["leaves"]))]
    for one, other, height, _customers in tree["merges"]:
        places.append((height, (places[one][1] + places[other][1]) / 2))
    return places


def _lines(figure: go.Figure, tree: Mapping[str, Any], segments: list[int], palette: Palette) -> None:
    """A bracket for each merge, in the colour of the segment that it lies in, or grey above the cut."""
    places, owners = _places(tree), list(segments)
    paths: dict[int, tuple[list[float | None], list[float | None]]] = {}
    for one, other, height, _customers in tree["merges"]:
        owners.append(owners[one] if height <= tree["cut"] else 0)
        xs, ys = paths.setdefault(owners[-1], ([], []))
        xs += [places[one][0], height, height, places[other][0], None]
        ys += [places[one][1], places[one][1], places[other][1], places[other][1], None]
    for owner, (xs, ys) in sorted(paths.items()):
        colour = palette.segment(owner) if owner else palette.zero
        figure.add_scatter(x=xs, y=ys, mode="lines", line={"color": colour, "width": 2}, hoverinfo="skip")


def _leaves(
    figure: go.Figure,
    tree: Mapping[str, Any],
    segments: list[int],
    names: Mapping[int, str],
    palette: Palette,
) -> None:
    hover = [
        f"{segment} {safe(names.get(segment, ''))}<br>{_people(leaf['customers'])}"
        for segment, leaf in zip(segments, tree["leaves"], strict=True)
    ]
    figure.add_scatter(
        x=[0.0] * len(segments), y=list(range(len(segments))), mode="markers", hovertext=hover, hoverinfo="text",
        marker={"color": [palette.segment(segment) for segment in segments], "size": 9}, customdata=segments,
    )  # fmt: skip


def _joints(figure: go.Figure, tree: Mapping[str, Any], palette: Palette) -> None:
    """A small mark where groups join, to ask how many customers are together there."""
    joints = _places(tree)[len(tree["leaves"]) :]
    hover = [
        _("joined: {customers}").format(customers=_people(customers)) for *_ends, customers in tree["merges"]
    ]
    figure.add_scatter(
        x=[x for x, _y in joints], y=[y for _x, y in joints], mode="markers", hovertext=hover, hoverinfo="text",
        marker={"color": palette.zero, "size": 5},
    )  # fmt: skip


def _cut(figure: go.Figure, tree: Mapping[str, Any], count: int, palette: Palette) -> None:
    figure.add_vline(x=tree["cut"], line={"color": palette.accent, "width": 1.5, "dash": "dash"})
    text = plural("cut here: {n} segment", "cut here: {n} segments", count).format(n=number(count))
    top = max(merge[2] for merge in tree["merges"])
    side = "left" if tree["cut"] < top / 2 else "right"
    place = {"x": tree["cut"], "xanchor": side, "y": 1, "yref": "paper", "yanchor": "bottom"}
    figure.add_annotation(note(text, palette, **place, font={"color": palette.text, "size": 12}))


def _labels(segments: list[int], names: Mapping[int, str], palette: Palette) -> list[dict[str, Any]]:
    """Number and name beside the middle of each segment's leaves, on as many lines as there is room for."""
    labels = []
    for segment in dict.fromkeys(segments):
        rows = [at for at, owner in enumerate(segments) if owner == segment]
        name = f"{segment} {names.get(segment, '')}"
        lines = wrap(name, LETTERS).split("<br>")
        if len(lines) > max(1, len(rows) * LEAF // LINE):
            lines = [safe(shorten(name, LETTERS))]
        place = {"x": 0, "xref": "paper", "xanchor": "right", "xshift": -4, "align": "right"}
        middle = sum(rows) / len(rows)
        font = {"color": palette.text, "size": 12}
        labels.append(note("<br>".join(lines), palette, **place, y=middle, yanchor="middle", font=font))
    return labels


def _people(customers: int) -> str:
    return plural("{n} customer", "{n} customers", customers).format(n=number(customers))
