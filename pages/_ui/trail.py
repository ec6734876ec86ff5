"""The parts of the Audit page: what was recorded, by day and one by one, and whether the trail is whole."""

import secrets
from datetime import UTC, date, datetime, time
from typing import Any

import pandas as pd
import streamlit as st

from analytics.access.book import Book
from analytics.charts import entries_by_day
from analytics.charts.palette import palette
from analytics.errors import AnalyticsError
from analytics.formats import day, number
from analytics.store.audit import Audit, Entry
from analytics.store.chain import Verdict
from analytics.trail import (
    ACTIONS,
    SHOWN_DAYS,
    Summary,
    action_label,
    details_of,
    kind_labels,
    per_day,
    rows_of,
    verified,
)
from analytics.translation import mark
from analytics.translation import translate as _
from pages._ui import cache, layout
from pages._ui.layout import Tile, plain
from pages._ui.messages import tell

LISTED = 500
HOW = (
    mark(
        "Every entry is signed with a key that is kept outside the store, together with the entry before it, "
        "and the number of entries is sealed. An edit, a removal, an addition or another order is found."
    ),
    mark(
        "An older copy of the whole store can only be told from the newest by its head. Write this one down "
        "elsewhere now and then: `audit verify --known HEAD` says whether the trail still holds it."
    ),
)
ASKED = "trail_asked"  # what this session has been recorded with already


def verdict(book: Book) -> Verdict | None:
    """Whether the trail is whole, walked anew for every session and whenever it is asked; None meanwhile."""
    st.session_state.setdefault("trail_check", secrets.token_hex(8))
    found: Verdict | None = cache.later(verified, book, st.session_state["trail_check"], key="trail")
    return found


def tiles(found: Summary) -> list[Tile]:
    """The trail in figures."""
    return [
        Tile(_("Entries today"), number(found.today), help=_("Since midnight, in UTC.")),
        Tile(_("People today"), number(found.people_today)),
        Tile(_("Files, seven days"), number(found.files)),
        Tile(_("Refusals, seven days"), number(found.refusals)),
    ]  # fmt: skip


def picture(trail: Audit, alt: str) -> None:
    """Entries per day by kind."""
    st.subheader(_("What was recorded in the last {n} days").format(n=number(SHOWN_DAYS)))
    counted, colours = per_day(trail), palette(st.context.theme.type)
    layout.chart(lambda: entries_by_day(counted, kind_labels(), palette=colours), alt=alt, key="trail_days")
    st.caption(_("Days are counted in UTC. What one session reads again is one entry."))


def wanted(trail: Audit) -> dict[str, Any]:
    """Whose entries, which action, since when, with which text."""
    st.subheader(_("Entries"))
    who, what, when, which = st.columns(4)
    person = who.selectbox(
        _("Person"), trail.people(), index=None, key="trail_person", placeholder=_("Everybody")
    )
    action = what.selectbox(
        _("Action"), list(ACTIONS), index=None, key="trail_action", format_func=action_label,
        placeholder=_("Everything"),
    )  # fmt: skip
    since: date | None = when.date_input(_("Since"), None, key="trail_since", format="YYYY-MM-DD")
    text = which.text_input(
        _("With the text"), key="trail_text", placeholder=_("such as a customer's number")
    )
    start = datetime.combine(since, time(), UTC) if since else None
    return {"person": person or "", "action": action or "", "since": start, "text": text.strip()}


def recorded(book: Book, asked: dict[str, Any] | None = None) -> bool:
    """Whether the trail may be read: that is recorded too, each question once a session, before it is answered."""
    known = st.session_state.setdefault(ASKED, set())
    told = {key: str(part) for key, part in (asked or {}).items() if part}
    question = tuple(told.items())
    if question not in known:
        try:
            book.append("audit read", told)
        except AnalyticsError as error:
            tell(error)
            return False
        known.add(question)
    return True


def listing(trail: Audit, asked: dict[str, Any]) -> None:
    """The entries, newest first; a click shows all that one says."""
    found = trail.entries(**asked, limit=LISTED)
    if not found:
        st.info(_("Nothing was recorded that fits. Ask for less."), icon=":material/search_off:")
        return
    chosen = layout.table(
        rows_of(found), {}, key="trail_entries", picks=True, height=420,
        labels={"entry": _("No."), "at": _("Time (UTC)"), "person": _("Person"), "action": _("Action"),
                "details": _("Details")},
    )  # fmt: skip
    all_of_them = trail.count(**asked)
    if all_of_them > LISTED:
        told = _("The newest {n} of {all} are listed; ask for less to see others.")
        st.caption(told.format(n=number(LISTED), all=number(all_of_them)))
    if chosen is None:
        st.caption(_("Choose a row to see all that an entry says."))
    else:
        _one(found[chosen])


def _one(entry: Entry) -> None:
    st.subheader(_("Entry {n}").format(n=number(entry.id)))
    said = _("{person}, {day} at {time} UTC: {action}").format(
        person=entry.person, day=day(entry.at.date()), time=f"{entry.at:%H:%M:%S}",
        action=action_label(entry.action).lower(),
    )  # fmt: skip
    st.text(said)
    rows = pd.DataFrame(details_of(entry), columns=["label", "text"])
    st.table(
        rows.map(plain).rename(columns={"label": _("Detail"), "text": _("Recorded")}).set_index(_("Detail"))
    )


def seal(trail: Audit, checked: Verdict | None) -> None:
    """What is wrong, if something is; the head to keep elsewhere; and verifying it again."""
    with st.expander(_("How is this known?"), icon=":material/verified_user:", key="trail_seal"):
        for paragraph in HOW:
            st.markdown(_(paragraph))
        st.code(str(trail.head()), language=None, wrap_lines=True)
        if st.button(
            _("Verify it again"), key="trail_again", icon=":material/refresh:", disabled=checked is None
        ):
            st.session_state["trail_check"] = secrets.token_hex(8)
            st.rerun()
