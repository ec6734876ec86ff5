"""The parts that pages are laid out from: the answer, tiles, charts, tables."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from analytics.errors import NotEnoughData
from analytics.formats import NOTHING
from analytics.indicators import CATALOGUE, UNITS
from analytics.translation import translate as _
from analytics.value.quantity import Quantity

ICON = Path(__file__).with_name("icon.png")
UNLINKED = "\u2060"  # the word joiner: nothing to see, and no letter of an address
_ADDRESS = re.compile(r"(?=@)|(?<=www)(?=\.)|(?=://)", re.IGNORECASE)
# A phone gets tiles two by two, so that the picture stays above the fold. Where there is room, a Chinese
# title breaks behind its punctuation alone.
_CSS = """<style>
[data-testid="stMainBlockContainer"] { padding-top: 3rem; padding-bottom: 3rem; }
@media (max-width: 640px) { [data-testid="stMainBlockContainer"] { padding-top: 4.5rem; } }
h1 { text-wrap: balance; }
@media (min-width: 641px) { h1 { word-break: keep-all; overflow-wrap: anywhere; } }
.st-key-tiles { display: grid !important; grid-template-columns: repeat(auto-fit, minmax(148px, 1fr)); gap: .75rem; }
.st-key-tiles > * { width: 100% !important; min-width: 0; }
</style>"""


@dataclass(frozen=True)
class Tile:
    """One figure. `better` says which way is good; `change` is written out, with its sign."""

    label: str
    figure: str
    change: str | None = None
    better: str | None = None
    help: str | None = None


def headline(sentence: str, place: Any = st) -> None:
    """The page's answer; an amount keeps its currency and scale on one line."""
    whole = re.sub(
        r"([A-Z]{3}) (?=[-\d])|(?<=\d) (?=(?:k|m|bn|tn)\b)", lambda gap: (gap[1] or "") + "\u00a0", sentence
    )
    place.title(plain(whole))


def tiles(shown: Sequence[Tile]) -> None:
    """Three to five figures side by side; good is blue and bad orange, and which is which is written."""
    with st.container(key="tiles", horizontal=True):
        for tile in shown:
            rising = bool(tile.change) and not str(tile.change).startswith(("-", "−"))
            good = tile.better and (tile.better == "higher") == rising
            colour: Literal["gray", "blue", "orange"] = "gray"
            if tile.better and tile.change:
                colour = "blue" if good else "orange"
            st.metric(
                tile.label, tile.figure, tile.change, delta_color=colour, help=tile.help, border=True,
                height="stretch",
            )  # fmt: skip


def chart(draw: Callable[[], go.Figure], *, alt: str, key: str, **options: Any) -> Any:
    """Draw a chart, or say what is missing instead of an empty frame."""
    try:
        figure = draw()
    except NotEnoughData as error:
        st.info(plain(str(error)), icon=":material/bar_chart:")
        return None
    return st.plotly_chart(figure, theme=None, key=key, alt=alt, config={"displayModeBar": False}, **options)


def table(
    rows: pd.DataFrame,
    quantities: Mapping[str, Quantity],
    *,
    key: str,
    labels: Mapping[str, str] | None = None,
    opens_customer: bool = False,
    picks: bool = False,
    height: int | Literal["content"] | None = None,
) -> int | None:
    """A sortable table: figures to the right with separators, labels instead of column names.

    opens_customer : a click on a row leads to that customer (column customer_id). picks : a click picks the
    row, whose place is returned.
    """
    rows = rows.drop(columns=[name for name in ("name",) if name in rows and rows[name].isna().all()])
    named = labels or {}
    opens_customer = opens_customer and may_open_customers()
    figures = {name: quantities[name] for name in rows.columns if name in quantities}
    config = {str(name): _column(str(name), figures.get(name), named.get(str(name))) for name in rows.columns}
    options: dict[str, Any] = (
        {"on_select": "rerun", "selection_mode": "single-row"} if opens_customer or picks else {}
    )
    if height:
        options["height"] = height
    shown = rows.assign(**{name: _rounded(rows[name], quantity) for name, quantity in figures.items()})
    if (
        opens_customer
    ):  # a table that led to a customer comes back without its selection, or it would lead again
        key = f"{key}_{st.session_state.get('customers_opened', 0)}"
    event = st.dataframe(
        shown, column_config=config, hide_index=True, key=key, placeholder=NOTHING, **options
    )
    chosen = event.selection.rows if options.get("on_select") else []
    if opens_customer and chosen:
        open_customer(str(rows["customer_id"].iloc[chosen[0]]))
    return int(chosen[0]) if chosen else None


def _rounded(column: "pd.Series[Any]", quantity: Quantity) -> "pd.Series[Any]":
    """Figures as a table shows them: whole units of money, percent with one decimal.

    >>> _rounded(pd.Series([0.5, 2.5, -2.5, -0.2]), Quantity("fee", "Fee", "currency", "CNY")).tolist()
    [1.0, 3.0, -3.0, 0.0]
    """
    if quantity.unit == "share":
        return column * 100
    if quantity.unit != "currency":
        return column
    whole = (column.abs() + 0.5) // 1  # a half goes up, as in sentences
    return whole.where(column > 0, 0.0 - whole)


def plain(text: object) -> str:
    """Somebody's text as it stands: nothing in a name may become a link, a picture or a format.

    Where an address stands bare, Markdown makes a link of it, escaped or not: a mark of no width breaks it.

    >>> print(plain("A*B [x](y)"))
    A\\*B \\[x\\]\\(y\\)
    >>> [part.replace(UNLINKED, "|") for part in (plain("a@b.c"), plain("www.b.c"), plain("http://b"))]
    ['a|\\\\@b\\\\.c', 'www|\\\\.b\\\\.c', 'http|\\\\://b']
    """
    broken = _ADDRESS.sub(UNLINKED, str(text))
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:@&=^])", r"\\\1", broken)


def open_customer(customer_id: str) -> None:
    """Go to one customer's page."""
    st.session_state["shown_customer"] = customer_id
    st.session_state["customers_opened"] = st.session_state.get("customers_opened", 0) + 1
    st.switch_page("customer.py")


def may_open_customers() -> bool:
    """Whether this person's roles have the page of one customer."""
    return "customer" in st.session_state["book"].person.pages


def _column(name: str, quantity: Quantity | None, label: str | None) -> Any:
    if quantity is None or quantity.unit == "category":
        return st.column_config.Column(label or (quantity.label if quantity else name))
    formats = {"share": "%.1f%%", "years": "%.1f"}
    return st.column_config.NumberColumn(
        label or quantity.axis, format=formats.get(quantity.unit, "localized")
    )


def explain(key: str) -> None:
    """How a figure is computed, from the catalogue."""
    row = CATALOGUE[key]
    with st.popover(_("How is this computed?"), icon=":material/help:", type="tertiary"):
        st.markdown(_("{label} ({unit})").format(label=f"**{_(row.label)}**", unit=_(UNITS[row.unit])))
        st.markdown(_(row.meaning))
        if row.needs:
            st.caption(_("Made from: {columns}.").format(columns=_(", ").join(row.needs)))


def style() -> None:
    """The few rules that the theme has no setting for."""
    st.html(_CSS)
