"""Which pages there are, in which group, and how to get from one to another."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st

from analytics.access.book import Book
from analytics.errors import NotAllowed
from analytics.translation import mark as _
from analytics.translation import translate


@dataclass(frozen=True)
class PageRow:
    """One page. Adding one is a row here, its file, and its key in analytics/access/roles.py.

    hidden : it has an address, but is come to from lists and pictures, not from the navigation.
    """

    key: str
    title: str
    icon: str
    group: str
    hidden: bool = False


PAGE_ROWS = (
    PageRow("overview", _("Overview"), ":material/home:", _("My book")),
    PageRow("customers", _("Customers"), ":material/person_search:", _("My book")),
    PageRow("customer", _("Customer"), ":material/person:", _("My book"), hidden=True),
    PageRow("segments", _("Segments"), ":material/groups:", _("My book")),
    PageRow("compare", _("Compare"), ":material/compare_arrows:", _("My book")),
    PageRow("value", _("Value"), ":material/monitoring:", _("Value")),
    PageRow("profit", _("Profit"), ":material/waterfall_chart:", _("Value")),
    PageRow("lifetime", _("Lifetime value"), ":material/update:", _("Value")),
    PageRow("movement", _("Movement"), ":material/conversion_path:", _("Value")),
    PageRow("needs", _("Needs"), ":material/lightbulb:", _("Act")),
    PageRow("campaigns", _("Campaigns"), ":material/campaign:", _("Act")),
    PageRow("volumes", _("Volumes"), ":material/bar_chart:", _("Manage")),
    PageRow("team", _("Team"), ":material/badge:", _("Manage")),
    PageRow("review", _("Review"), ":material/rate_review:", _("Manage")),
    PageRow("rates", _("Rates"), ":material/currency_exchange:", _("Run")),
    PageRow("data", _("Data"), ":material/database:", _("Run")),
    PageRow("access", _("Access"), ":material/key:", _("Run")),
    PageRow("audit", _("Audit"), ":material/policy:", _("Run")),
    PageRow("glossary", _("Glossary"), ":material/menu_book:", _("Words")),
)


def asked_page() -> str:
    """The page that the browser's address names."""
    return urlsplit(st.context.url or "").path.rstrip("/").rpartition("/")[2]


def closed_page(allowed: Collection[str]) -> PageRow | None:
    """The page that the address names and the person's role does not open."""
    asked = asked_page()
    return next((row for row in PAGE_ROWS if row.key == asked and asked not in allowed), None)


def record_closed(book: Book) -> None:
    """Record that somebody asked for a page by its address that their role does not open: once a session."""
    if closed := closed_page(book.person.pages):
        book.refused(NotAllowed(_not_open(closed)))


def _not_open(closed: PageRow) -> str:
    return translate("The page {page} is not open to you.").format(page=translate(closed.title))


def navigate(allowed: Collection[str]) -> st.Page:
    """The page to run: one of those that the person may open, or what is said in the place of another."""
    groups: dict[str, list[st.Page]] = {}
    for row in PAGE_ROWS:
        if row.key in allowed:
            page = st.Page(
                f"{row.key}.py", title=translate(row.title), icon=row.icon, url_path=row.key,
                visibility="hidden" if row.hidden else "visible",
            )  # fmt: skip
            groups.setdefault(translate(row.group), []).append(page)
    if closed := closed_page(allowed):
        instead = st.Page(
            lambda: _refuse(closed), title=translate(closed.title), url_path=closed.key, visibility="hidden"
        )
        groups.setdefault(translate(closed.group), []).append(instead)
    return st.navigation(groups, expanded=True)  # else some hide behind "more"


def _refuse(closed: PageRow) -> None:
    """Without the page's file: nothing of it is there for this person."""
    st.title(translate(closed.title))
    st.info(_not_open(closed), icon=":material/lock:")
    st.markdown(
        translate(
            "Choose another page in the navigation, or ask a data steward of your bank for a role that opens this one."
        )
    )
