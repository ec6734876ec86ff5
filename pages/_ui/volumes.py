"""The Volumes page's tiles, picture, figures against those before, and controls."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from analytics.access.book import Book
from analytics.access.proof import FIGURES
from analytics.charts import months_against_last_year
from analytics.charts.palette import palette
from analytics.formats import NOTHING, day
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from analytics.volumes.layout import Layout, layout_of
from analytics.volumes.pivot import LABELS, MOST_ROWS, divisions
from analytics.volumes.report import (
    SPANS,
    VolumesView,
    Whole,
    change_of,
    told_measures,
    volumes_months,
    written,
)
from analytics.warehouse.measures import MEASURES
from pages._ui import layout
from pages._ui.cache import later
from pages._ui.layout import Tile
from pages._ui.rates_notice import rates_notice
from pages._ui.screen import of_the_bank, store

CHOICES = ("rows", "column", "measure", "span")  # of a layout, each in a session key of its own


@dataclass(frozen=True)
class Asked:
    """What the page is about: a layout, and the month end that its span ends at."""

    as_of: date
    layout: Layout
    base: str

    def quantity(self, key: str) -> Quantity:
        """A measure as charts and tables write it."""
        return Quantity(key, _(MEASURES[key].label), MEASURES[key].unit, self.base)


def asked(book: Book) -> Asked:
    """What was chosen below, or how the page begins. The month is that of all pages for who has these."""
    months = [month.isoformat() for month in book.warehouse.month_ends]
    chosen = st.session_state.get("as_of" if book.scope.rules else "volumes_month")
    told = {name: st.session_state.get(f"volumes_{name}") for name in CHOICES}
    return Asked(
        as_of=date.fromisoformat(chosen if chosen in months else months[-1]),
        layout=layout_of(book, told),
        base=book.warehouse.manifest.base_currency,
    )


def where_am_i(book: Book, asked: Asked) -> None:
    """Whose totals, as of when, from which version, and whether they may see who is behind them."""
    whose = _("totals only, no customers") if book.scope.totals_only else _("totals of your book")
    of_the_bank(book, whose, _("as of {day}").format(day=day(asked.as_of)))
    rates_notice(book, asked.as_of, store().feeds.ages())


def tiles(found: VolumesView, asked: Asked) -> list[Tile]:
    """The span's totals, each against the span before."""
    help_text = _("The change is against the period before, of as many months.")
    return [
        Tile(
            _(MEASURES[key].label), _figure(found.now, key, asked), change_of(found, key, found.before),
            help=help_text,
        )
        for key in FIGURES
    ]  # fmt: skip


def _figure(whole: Whole | None, key: str, asked: Asked) -> str:
    value = whole[key] if whole else None
    return NOTHING if value is None or pd.isna(value) else written(key, value, asked.base)


def picture(book: Book, asked: Asked, *, alt: str) -> None:
    """A year of months against the year before; where that takes long, the rest of the page does not wait."""
    measure = asked.layout.measure
    st.subheader(_("{figure}, month by month").format(figure=_(MEASURES[measure].label)))
    months = later(volumes_months, book, asked.as_of, measure, key="volumes_history")
    if months is None:
        return
    colours = palette(st.context.theme.type)
    layout.chart(
        lambda: months_against_last_year(months, asked.quantity(measure), palette=colours),
        alt=alt,
        key="volumes_months",
    )


def every_figure(found: VolumesView, asked: Asked) -> None:
    """Every measure that is told, beside the period before and the year before."""
    with st.expander(_("Every figure, against the period before and the year before"), key="volumes_figures"):
        rows = [
            {
                "figure": _(MEASURES[key].label),
                "now": _figure(found.now, key, asked),
                "before": _figure(found.before, key, asked),
                "change": change_of(found, key, found.before) or NOTHING,
                "year_before": _figure(found.year_before, key, asked),
                "yearly": change_of(found, key, found.year_before) or NOTHING,
            }
            for key in found.now or ()
        ]
        named = {
            "figure": _("Figure"), "now": _("This period"), "before": _("Period before"), "change": _("Change"),
            "year_before": _("Year before"), "yearly": _("Change over the year"),
        }  # fmt: skip
        st.dataframe(
            pd.DataFrame(rows), column_config=dict(named), hide_index=True, key="volumes_every_figure",
            height="content",
        )  # fmt: skip


def controls(book: Book, asked: Asked) -> None:
    """Which measure, by which rows and columns, and over how long."""
    known = divisions(book, asked.layout.measure)
    left, right = st.columns(2)
    _choice(left, _("Measure"), list(told_measures(book)), "measure", asked.layout.measure, _measure_word)
    _choice(right, _("Totals of"), list(SPANS), "span", asked.layout.span, lambda key: _(SPANS[key]))
    st.session_state["volumes_rows"] = list(asked.layout.rows)
    left.multiselect(
        _("Rows of the table"), list(known), max_selections=MOST_ROWS, key="volumes_rows", format_func=_division_word,
        persist_state="session",
    )  # fmt: skip
    free = ["", *(name for name in known if name not in asked.layout.rows)]
    _choice(right, _("Columns of the table"), free, "column", asked.layout.column, _division_word)
    if book.scope.totals_only:
        st.caption(
            _("Totals are divided by one thing, and by periods: two at once would single customers out.")
        )
    if not book.scope.rules:
        months = [month.isoformat() for month in reversed(book.warehouse.month_ends)]
        st.selectbox(
            _("Month"), months, key="volumes_month", index=months.index(asked.as_of.isoformat()),
            format_func=lambda text: day(date.fromisoformat(text)), persist_state="session",
        )  # fmt: skip


def _choice(
    place: Any, label: str, options: list[str], name: str, chosen: str, word: Callable[[str], str]
) -> None:
    st.session_state[f"volumes_{name}"] = chosen
    place.selectbox(label, options, key=f"volumes_{name}", format_func=word, persist_state="session")


def _measure_word(key: str) -> str:
    return _(MEASURES[key].label)


def _division_word(name: str) -> str:
    return _(LABELS[name]) if name else _("None")
