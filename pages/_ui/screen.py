"""What every page knows: whose book, as of when, value in what, in which colours."""

from dataclasses import dataclass
from datetime import date

import streamlit as st

from analytics.access.book import Book
from analytics.charts.palette import Palette, palette
from analytics.formats import day, number
from analytics.indicators import CATALOGUE
from analytics.settings import warehouse_folder
from analytics.store.store import Store, open_store
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from analytics.warehouse.engine import open_warehouse
from pages._ui.layout import plain
from pages._ui.rates_notice import rates_notice

YEAR = 12  # months of most figures' windows


@dataclass(frozen=True)
class Screen:
    """The book in front of the person and what was chosen once for all pages."""

    book: Book
    store: Store
    as_of: date
    value: Quantity
    colours: Palette

    def quantity(self, key: str) -> Quantity:
        """An indicator as charts and sentences write it."""
        return Quantity.of(CATALOGUE[key], self.book.warehouse.manifest.base_currency)

    def label(self, key: str) -> str:
        return _(CATALOGUE[key].label)


@st.cache_resource(show_spinner=False)
def _store(folder: str) -> Store:
    return open_store(None, warehouse_folder())


def store() -> Store:
    """The store, opened once a process."""
    return _store(str(warehouse_folder()))


def open_book(email: str) -> Book:
    """The person's book in the version that serves now; grants are looked up at every rerun."""
    seen = st.session_state.setdefault("recorded_reads", set())
    return Book.open(open_warehouse(warehouse_folder()), store(), email, seen)


def screen() -> Screen:
    """The screen that `_main` prepared for this rerun."""
    book: Book = st.session_state["book"]
    chosen = date.fromisoformat(st.session_state["as_of"])
    value = Quantity.of(CATALOGUE[st.session_state["value"]], book.warehouse.manifest.base_currency)
    return Screen(book, store(), chosen, value, palette(st.context.theme.type))


def of_the_bank(book: Book, *dated: str) -> None:
    """The quiet line of the pages that show no customer. dated : what they show and as of when, in words."""
    version = _("warehouse {version}").format(version=book.warehouse.version)
    st.caption(" · ".join(plain(part) for part in (book.person.name, *dated, version, _kind(book))))


def _kind(book: Book) -> str:
    return _("demo bank, all made up") if book.warehouse.manifest.demo else _("your own data")


def where_am_i(now: Screen, customers: int) -> None:
    """The quiet line on every page, and beneath it what is wrong with the rates, where something is."""
    manifest = now.book.warehouse.manifest
    parts = [
        now.book.person.name,
        plural("{n} customer", "{n} customers", customers).format(n=number(customers)),
        _("as of {day}").format(day=day(now.as_of)),
        _("warehouse {version}").format(version=manifest.version),
        _("names shown") if "pii" in now.book.scope.columns else _("names masked"),
        _kind(now.book),
    ]
    st.caption(" · ".join(plain(part) for part in parts))
    _short_history(now)
    rates_notice(now.book, now.as_of, now.store.feeds.ages())


def _short_history(now: Screen) -> None:
    """Where the data begin after what the figures look back on: a year, or longer where the value does."""
    ends = now.book.warehouse.month_ends
    months = sum(end <= now.as_of for end in ends)
    asked = max(YEAR, CATALOGUE[now.value.key].window)
    if months < asked:
        text = _("The data begin in the month to {first}: of the {all} months to this date they hold {n}.")
        st.caption(plain(text.format(first=day(ends[0]), n=number(months), all=number(asked))))
