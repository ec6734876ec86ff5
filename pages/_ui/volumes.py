"""The Volumes page's tiles, picture, table and controls."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from analytics.access.book import Book
from analytics.access.totals import FIGURES
from analytics.charts import months_against_last_year
from analytics.charts.palette import palette
from analytics.formats import NOTHING, day, number
from analytics.translation import mark, plural
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from analytics.volumes import (
    LABELS,
    SPANS,
    VolumesView,
    change_of,
    hidden_sentence,
    rounded_sentence,
    written,
)
from analytics.warehouse.volumes import DIMENSIONS, SUMS
from pages._ui import layout
from pages._ui.layout import Tile, plain
from pages._ui.rates_notice import rates_notice
from pages._ui.screen import store

NAMES = {
    "transactions": mark("Transactions"),
    "amount_in": mark("Money in"),
    "amount_out": mark("Money out"),
    "fees": mark("Fees"),
    "customers": mark("Customers"),
}


@dataclass(frozen=True)
class Asked:
    """What the page is about: the span that ends at a month end, what divides it, and the pictured figure."""

    as_of: date
    span: str
    dimension: str
    figure: str
    base: str

    def quantity(self, figure: str) -> Quantity:
        """A figure as charts and tables write it."""
        return Quantity(figure, _(NAMES[figure]), "currency" if figure in SUMS else "count", self.base)


def asked(book: Book) -> Asked:
    """What was chosen below, or the newest month by branch. The month is that of all pages for who has these."""
    months = [month.isoformat() for month in book.warehouse.month_ends]
    chosen = st.session_state.get("as_of" if book.scope.rules else "volumes_month")
    return Asked(
        as_of=date.fromisoformat(chosen if chosen in months else months[-1]),
        span=_one_of("volumes_span", list(SPANS)),
        dimension=_one_of("volumes_by", list(DIMENSIONS)),
        figure=_one_of("volumes_figure", ["amount_in", *FIGURES]),
        base=book.warehouse.manifest.base_currency,
    )


def _one_of(key: str, known: list[str]) -> str:
    chosen = st.session_state.get(key)
    return chosen if chosen in known else known[0]


def where_am_i(book: Book, asked: Asked) -> None:
    """Whose totals, as of when, from which version, and whether they may see who is behind them."""
    manifest = book.warehouse.manifest
    parts = [
        book.person.name,
        _("totals only, no customers") if book.scope.totals_only else _("totals of your book"),
        _("as of {day}").format(day=day(asked.as_of)),
        _("warehouse {version}").format(version=manifest.version),
        _("demo bank, all made up") if manifest.demo else _("your own data"),
    ]
    st.caption(" · ".join(plain(part) for part in parts))
    rates_notice(book, asked.as_of, store().feeds.ages())


def tiles(found: VolumesView, asked: Asked) -> list[Tile]:
    """The span's totals, each against the span before."""
    shown = []
    for figure in FIGURES:
        value = found.now[figure] if found.now else None
        change = change_of(found, figure, found.before)
        text = NOTHING if value is None or pd.isna(value) else written(figure, value, asked.base)
        help_text = _("The change is against the period before, of as many months.")
        shown.append(Tile(_(NAMES[figure]), text, change, help=help_text))
    return shown


def picture(found: VolumesView, asked: Asked, *, alt: str) -> None:
    """A year of months against the year before."""
    st.subheader(_("{figure}, month by month").format(figure=_(NAMES[asked.figure])))
    months = found.months.assign(value=found.months[asked.figure])
    layout.chart(
        lambda: months_against_last_year(
            months, asked.quantity(asked.figure), palette=palette(st.context.theme.type)
        ),
        alt=alt,
        key="volumes_months",
    )


def divided(found: VolumesView, asked: Asked) -> None:
    """The span by one dimension, with its total, and what is not shown of it."""
    label = _(LABELS[asked.dimension])
    st.subheader(_("By {dimension}").format(dimension=label.lower()))
    rows = _with_total(found, asked.dimension)
    config: dict[str, Any] = {asked.dimension: st.column_config.Column(label)}
    for figure in FIGURES:
        quantity = asked.quantity(figure)
        config[figure] = st.column_config.NumberColumn(quantity.axis, format="localized")
    config["share"] = st.column_config.ProgressColumn(
        _("Share of transactions"), format="%.1f%%", min_value=0, max_value=100
    )
    order = [asked.dimension, "share", *FIGURES]
    st.dataframe(
        rows[order], column_config=config, hide_index=True, key="volumes_table", height="content",
        placeholder=NOTHING,
    )  # fmt: skip
    said = [text for text in (hidden_sentence(found.table), rounded_sentence(found.table)) if text]
    if said:
        st.caption(plain(" ".join(said)))


def _with_total(found: VolumesView, dimension: str) -> pd.DataFrame:
    """The parts, a row for those that are hidden, and the total."""
    parts, hidden = found.parts, found.table.suppressed
    extra: list[dict[str, Any]] = []
    if hidden:
        extra.append(
            {dimension: plural("{n} row hidden", "{n} rows hidden", hidden).format(n=number(hidden))}
        )
    if found.now is not None:
        extra.append({dimension: _("Total"), **found.now})
    rows = pd.DataFrame([*parts.to_dict("records"), *extra], columns=[dimension, *FIGURES])
    for figure in SUMS:
        rows[figure] = rows[figure].astype("float64").round(0)
    whole = found.now["transactions"] if found.now else None
    return rows.assign(share=100 * rows["transactions"].astype("float64") / whole if whole else None)


def controls(book: Book, asked: Asked) -> None:
    """What divides the table, which figure is pictured, and over how long."""
    left, right = st.columns(2)
    left.selectbox(
        _("Divide by"), list(DIMENSIONS), key="volumes_by", format_func=lambda key: _(LABELS[key]),
        index=DIMENSIONS.index(asked.dimension), persist_state="session",
    )  # fmt: skip
    right.selectbox(
        _("Totals of"), list(SPANS), key="volumes_span", format_func=lambda key: _(SPANS[key]),
        index=list(SPANS).index(asked.span), persist_state="session",
    )  # fmt: skip
    with st.expander(_("More"), icon=":material/tune:", key="volumes_more"):
        figures = ["amount_in", *(name for name in FIGURES if name != "amount_in")]
        st.selectbox(
            _("Figure in the picture"), figures, key="volumes_figure", format_func=lambda key: _(NAMES[key]),
            index=figures.index(asked.figure), persist_state="session",
        )  # fmt: skip
        if not book.scope.rules:
            months = [month.isoformat() for month in reversed(book.warehouse.month_ends)]
            st.selectbox(
                _("Month"), months, key="volumes_month", index=months.index(asked.as_of.isoformat()),
                format_func=lambda text: day(date.fromisoformat(text)), persist_state="session",
            )  # fmt: skip
        st.markdown(
            _(
                "Every transaction is converted at its month's exchange rate and rounded to the cent, so that parts "
                "add up to their total. Branch, region and department are the customer's, as they are today."
            )
        )
