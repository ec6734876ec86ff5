"""What all charts share: one calm frame, axes written like the sentences, labels that fit a phone."""

import re
from collections.abc import Sequence
from html import escape
from typing import Any
from unicodedata import east_asian_width

import plotly.graph_objects as go
from numpy.typing import ArrayLike

from analytics.charts.palette import Palette
from analytics.formats import percent
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from analytics.value.scale import round_ticks

FONTS = '"Source Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif'
MOST_POINTS = 2000
HANGING = " 、，；：。"  # what may stand beyond the end of a line
NAME = 8  # letters of the widest personal name, four Chinese characters


def frame(palette: Palette, *, height: int = 340, **layout: Any) -> go.Figure:
    """An empty figure in the house style. Draw it with the page's own theme switched off (`theme=None`)."""
    axis = axis_style(palette)
    house: dict[str, Any] = {
        "template": "none",
        "height": height,
        "margin": {"l": 8, "r": 14, "t": 10, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONTS, "color": palette.text, "size": 13},
        "showlegend": False,
        "dragmode": False,
        "hoverlabel": {
            "bgcolor": palette.background,
            "bordercolor": palette.zero,
            "font": {"color": palette.text, "size": 13, "family": FONTS},
            "align": "left",
        },
        "xaxis": {**axis, "showgrid": False},
        "yaxis": axis,
    }
    figure = go.Figure(layout=house)  # given at once it takes a tenth of the time of `update_layout`
    return figure.update_layout(layout) if layout else figure


def axis_style(palette: Palette) -> dict[str, Any]:
    """What every axis has: thin grid, quiet labels, room made for them."""
    return {
        "gridcolor": palette.grid,
        "gridwidth": 1,
        "zeroline": False,
        "showline": False,
        "automargin": True,
        "ticks": "",
        "ticklabelstandoff": 4,
        "tickfont": {"color": palette.muted, "size": 12},
        "title": {"font": {"color": palette.muted, "size": 13}, "standoff": 10},
        "fixedrange": True,
    }


def share_axis(values: ArrayLike) -> dict[str, Any]:
    """Ticks for an axis of shares that holds these values: at most about six, written like everywhere."""
    return _ticked(round_ticks(values), percent)


def amount_axis(values: ArrayLike, quantity: Quantity) -> dict[str, Any]:
    """Ticks for an axis of amounts with zero in it, without the unit that the axis title gives."""
    return _ticked(round_ticks(values), quantity.bare)


def axis_title(quantity: Quantity, threshold: float | None = None) -> str:
    """Name and unit of an axis, and where its scale turns logarithmic if it does."""
    if threshold is None:
        return safe(quantity.axis)
    scale = _("linear to ±{amount}, logarithmic beyond").format(amount=quantity.text(threshold))
    return f"{safe(quantity.axis)}<br>{scale}"


def note(text: str, palette: Palette, **place: Any) -> dict[str, Any]:
    """A label inside the plot, without an arrow."""
    font = {"color": palette.text, "size": 13}
    return {"text": text, "showarrow": False, "align": "left", "font": font, **place}


def safe(text: object) -> str:
    """Text from the data, so that a name can't put marks of its own into a chart."""
    return escape(str(text), quote=False)


def shorten(text: object, most: int) -> str:
    """Cut a long word where there is no room for it.

    >>> shorten("South-west", 6)
    'South…'
    """
    whole = str(text)
    return whole if len(whole) <= most else whole[: most - 1].rstrip("-") + "…"


def wrap(text: object, width: int = 16) -> str:
    """Break a long name into lines for a narrow screen; a Chinese character counts as two.

    >>> wrap("Affluent and drifting away")
    'Affluent and<br>drifting away'
    >>> wrap("Zhong Yanhan 钟艳涵", 18)
    'Zhong Yanhan<br>钟艳涵'
    """
    lines = [""]
    for word in _pieces(str(text), width):
        if lines[-1].strip() and text_width(lines[-1] + word.rstrip(HANGING)) > width:
            lines.append("")
        lines[-1] += word
    return "<br>".join(safe(line.strip()) for line in lines)


def _pieces(text: str, width: int) -> Sequence[str]:
    """Where a line may end: behind Chinese punctuation first, else between words or Chinese characters."""
    clauses = re.findall(r"[^、，；：。]*[、，；：。]|[^、，；：。]+$", text)
    if len(clauses) < 2:
        return _words(text)
    return [piece for clause in clauses for piece in _even_pieces(clause, width)]


def _even_pieces(clause: str, width: int) -> Sequence[str]:
    lines = -(-text_width(clause.rstrip(HANGING)) // width)
    pieces = [""]
    for word in _words(clause):
        if len(pieces) < lines and text_width(pieces[-1]) * lines >= text_width(clause):
            pieces.append("")
        pieces[-1] += word
    return pieces


def _words(text: str) -> Sequence[str]:
    """Between words, behind hyphens, and between Chinese characters, but not within a person's name."""
    words = re.findall(r"[^\s/-]*[\s/-]|[^\s/-]+$", text)
    return [
        piece
        for word in words
        for piece in ([word] if text_width(word.rstrip()) <= NAME else _characters(word))
    ]


def _characters(word: str) -> Sequence[str]:
    pieces, current = [], ""
    for character in word:
        current += character
        if east_asian_width(character) in "WF":
            pieces.append(current)
            current = ""
    return [*pieces, current] if current else pieces


def text_width(text: str) -> int:
    """How many letters wide a text is; a Chinese character counts as two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _ticked(ticks: Sequence[float], write: Any) -> dict[str, Any]:
    return {"tickmode": "array", "tickvals": list(ticks), "ticktext": [write(tick) for tick in ticks]}
