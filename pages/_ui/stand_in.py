"""What every page says while an earlier version stands in for a damaged one."""

from datetime import datetime

import streamlit as st

from analytics.access.book import Book
from analytics.formats import day
from analytics.translation import translate as _
from pages._ui.layout import plain


def stand_in_notice(book: Book) -> None:
    """That the figures are older than they should be; to a steward also why, and what to do. Else nothing."""
    warehouse = book.warehouse
    if warehouse.instead_of is None:
        return
    published = day(datetime.fromisoformat(warehouse.manifest.published_at).date())
    if "steward" not in book.person.roles:
        text = _(
            "The newest figures can't be read. You see those that were published on {day} until that is mended."
        )
        st.warning(plain(text.format(day=published)), icon=":material/history:")
        return
    told = _("The file of version {damaged} is damaged.").format(damaged=warehouse.instead_of.version)
    serves = _(
        "Version {version}, published on {day}, serves in its place, with those loaded grants alone that both have."
    ).format(version=warehouse.version, day=published)
    remedy = _("Load the data again, or let the earlier version serve for good with `rollback`.")
    st.error(plain(f"{told} {serves} {remedy}"), icon=":material/history:")
