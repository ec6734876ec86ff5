"""One customer's story: balance and money in and out month by month, and beneath it what happened when."""

import pandas as pd
import plotly.graph_objects as go

from analytics.charts.base import axis_style, safe
from analytics.charts.months import customer_timeline
from analytics.charts.palette import Palette
from analytics.formats import day, labelled

ROW = 26  # pixels of one kind of event
SYMBOLS = ("triangle-up", "triangle-down", "circle", "star", "diamond", "square")


def customer_story(
    months: pd.DataFrame, events: pd.DataFrame, kinds: dict[str, str], currency: str, *, palette: Palette
) -> go.Figure:
    """The timeline, with one row of marks for each kind of event that there is.

    months : as for `customer_timeline`. events : columns day, kind, about. kinds : what each kind is called, in
        their order. Events before the first month are not drawn: how many is for the page to say.
    Raises NotEnoughData as `customer_timeline`.
    """
    shown = drawn_events(months, events)
    there = [key for key in kinds if key in set(shown["kind"])]
    figure = customer_timeline(months, currency, palette=palette)
    if not there:
        return figure
    strip = ROW * len(there) + 16
    height = int(figure.layout.height) + strip
    part = strip / height
    for axis in figure.select_yaxes():  # one, where there is no balance or no money in and out
        low, high = axis.domain or (0.0, 1.0)
        axis.domain = [part + low * (1 - part), part + high * (1 - part)]
    for place, key in enumerate(there):
        _marks(
            figure,
            shown[shown["kind"] == key],
            (place, SYMBOLS[list(kinds).index(key) % len(SYMBOLS)]),
            kinds[key],
            palette,
        )
    figure.update_layout(
        height=height,
        yaxis3={
            **axis_style(palette), "domain": [0, part * 0.86], "range": [len(there) - 0.4, -0.6],
            "tickmode": "array", "tickvals": list(range(len(there))), "ticktext": [safe(kinds[key]) for key in there],
        },
    )  # fmt: skip
    figure.update_xaxes(anchor="y3")
    return figure


def drawn_events(months: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """The events that lie within the months of the picture."""
    if months.empty:
        return events.iloc[:0]
    first = pd.Timestamp(months["month_end"].min()).replace(day=1)
    return events[events["day"] >= first]


def _marks(
    figure: go.Figure, rows: pd.DataFrame, place: tuple[int, str], label: str, palette: Palette
) -> None:  # fmt: skip
    at, symbol = place
    hover = [
        f"{day(moment.date())}<br>" + (labelled(safe(label), safe(about)) if about else safe(label))
        for moment, about in zip(rows["day"], rows["about"], strict=True)
    ]
    figure.add_scatter(
        x=rows["day"], y=[at] * len(rows), yaxis="y3", mode="markers", hovertext=hover, hoverinfo="text",
        marker={"symbol": symbol, "size": 10, "color": palette.text, "opacity": 0.8},
    )  # fmt: skip
