"""What every page says when its figures use a rate that is too old."""

from datetime import date
from typing import Any

import streamlit as st

from analytics.access.book import Book
from analytics.formats import in_a_row
from analytics.translation import translate as _
from analytics.warehouse.rates.freshness import OldRate, old_rates
from pages._ui.cache import small
from pages._ui.layout import plain

MOST = 3


def rates_notice(book: Book, as_of: date, ages: dict[str, int], place: Any = st) -> None:
    """A warning that names the rates and their days; nothing where all are young enough."""
    found = small(_old, book, as_of, ages["fx"], ages["products"])
    if found:
        named = [str(rate) for rate in found[:MOST]]
        more = _("And {n} more.").format(n=len(found) - MOST) if len(found) > MOST else ""
        said = in_a_row(_("Some figures use old rates."), *named, more)
        place.warning(plain(said), icon=":material/currency_exchange:")


def _old(book: Book, as_of: date, fx_days: int, price_days: int) -> list[OldRate]:
    return old_rates(book.warehouse, as_of, {"fx": fx_days, "products": price_days})
