"""The parts of the Rates page: what waits, what to bring in, where it comes from."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from analytics.charts import fx_history, price_history
from analytics.charts.palette import palette
from analytics.errors import AnalyticsError
from analytics.feed_status import STATES, Status
from analytics.feeds import FEEDS, Desk, accept_waiting, bring_in, permitted, refresh, refuse_waiting
from analytics.formats import NOTHING, day, in_a_row, moment, number
from analytics.settings import feeds_folder
from analytics.store.feeds import LONGEST_DAYS, LONGEST_HOURS
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.warehouse.engine import Warehouse
from analytics.warehouse.rates.delivery import shown
from analytics.warehouse.rates.history import history, quoted, used_currencies
from analytics.warehouse.rates.importing import Absurd
from pages._ui import layout
from pages._ui.choices import UPLOAD
from pages._ui.layout import Tile, plain
from pages._ui.messages import record_refusal

SAID = "rates_said"  # what the last action came to, shown once after it
LARGEST_MB = 50


def tiles(found: list[Status], warehouse: Warehouse) -> list[Tile]:
    """The newest day of each feed, and what is wrong in figures."""
    used = used_currencies(warehouse)
    by_key = {status.feed.key: status for status in found}
    old = sum(len(status.old) for status in found)
    return [
        Tile(_("Age of exchange rates"), _age(by_key["fx"].newest, warehouse.newest_as_of)),
        Tile(_("Age of product prices"), _age(by_key["products"].newest, warehouse.newest_as_of)),
        Tile(_("Currencies in use"), number(len(used)), help=_(", ").join(used) or None),
        Tile(_("Rates too old"), number(old)),
    ]


def _age(newest: date | None, as_of: date) -> str:
    """How old the newest rate is at the newest as-of date; short enough for a phone's tile."""
    if newest is None:
        return NOTHING
    days = max(0, (as_of - newest).days)
    return plural("{n} day", "{n} days", days).format(n=number(days))


def what_was_done(found: list[Status]) -> None:
    """The outcome of the last button, once; not what is told beneath anyway."""
    outcome, said = st.session_state.pop(SAID, ("", ""))
    if outcome and said not in [status.feed.said for status in found]:
        show = st.success if outcome == "done" else st.error
        show(plain(said), icon=":material/done:" if outcome == "done" else ":material/error:")


def attention(found: list[Status], desk: Desk, by: str) -> None:
    """What a steward should look at, with the two answers to what waits."""
    for status in found:
        if status.state == "current":
            if status.feed.said:
                st.info(f"**{plain(status.label)}.** {plain(status.feed.said)}",
                        icon=":material/currency_exchange:")  # fmt: skip
            continue
        words = [str(rate) for rate in status.old[:3]] if status.state == "old" else [status.feed.said]
        st.warning(f"**{plain(status.label)}: {plain(_(STATES[status.state]))}.** {plain(in_a_row(*words))}",
                   icon=":material/currency_exchange:")  # fmt: skip
        if status.feed.waiting:
            _decide(desk, status, status.feed.waiting, by)


def _decide(desk: Desk, status: Status, digest: str, by: str) -> None:
    key = status.feed.key
    with st.container(horizontal=True, key=f"decide_{key}"):
        if st.button(_("Accept these rates"), key=f"accept_{key}", type="primary"):
            act(lambda: _published(accept_waiting(desk, key, digest, by)))
        if st.button(_("Refuse them"), key=f"refuse_{key}"):
            act(lambda: _refused(desk, key, digest, by))


def _refused(desk: Desk, feed: str, digest: str, by: str) -> str:
    refuse_waiting(desk, feed, digest, by)
    return _("Refused: the earlier rates still serve.")


def status_table(found: list[Status]) -> None:
    """One row a feed: state, days, source."""
    rows = [
        {
            _("Rates"): status.label,
            _("State"): _(STATES[status.state]),
            _("Newest"): day(status.newest),
            _("Last asked"): moment(status.feed.checked_at),
            _("Last good"): moment(status.feed.good_at),
            _("Every"): _("{n} h").format(n=status.feed.every_hours) if status.feed.every_hours else _("by hand"),
            _("Allowed age"): _("{n} days").format(n=status.feed.oldest_days) if status.feed.oldest_days else NOTHING,
            _("Source"): shown(status.feed.source) or NOTHING,
        }
        for status in found
    ]  # fmt: skip
    layout.table(pd.DataFrame(rows), {}, key="rates_table")


def chart(warehouse: Warehouse) -> None:
    """The history of one currency or product."""
    kinds, names = st.columns([1, 2])
    feed = kinds.segmented_control(
        _("Rates"), list(FEEDS), key="rates_shown", default="fx", required=True, format_func=lambda key: _(FEEDS[key])
    )  # fmt: skip
    known = quoted(warehouse, str(feed))
    if not known:
        st.info(_("There is none yet: bring some in below."), icon=":material/bar_chart:")
        return
    name = names.selectbox(
        _("Currency or product"), list(known), key=f"rates_name_{feed}", format_func=lambda key: known[key]
    )
    rows, colours = history(warehouse, str(feed), name), palette(st.context.theme.type)
    draw: Callable[[], Any] = (
        (lambda: fx_history(rows, name, warehouse.manifest.base_currency, palette=colours))
        if feed == "fx"
        else (lambda: price_history(rows, known[name], warehouse.newest_as_of, palette=colours))
    )
    layout.chart(draw, alt=_("History of {name}").format(name=known[name]), key="rates_chart")


def bring(desk: Desk) -> None:
    """Ask the sources now, or upload a file."""
    for key, label in FEEDS.items():
        st.markdown(f"**{_(label)}**")
        _ask(desk, key)
        _upload(desk, key)


def _ask(desk: Desk, key: str) -> None:
    if desk.store.feeds.get(key).source and st.button(_("Ask the source now"), key=f"refresh_{key}"):
        with st.spinner(_("Bringing rates in …")):
            act(lambda: _published(refresh(desk, key)))


def _upload(desk: Desk, key: str) -> None:
    file = st.file_uploader(
        _("{rates}: a file").format(rates=_(FEEDS[key])), key=f"{UPLOAD}{key}",
        type=["csv", "zip", "gz", "xlsx"], max_upload_size=LARGEST_MB, help=_COLUMNS[key](),
    )  # fmt: skip
    if file and st.button(_("Take this file"), key=f"take_{key}", type="primary"):
        with st.spinner(_("Bringing rates in …")):
            act(lambda: _published(bring_in(desk, key, file.getvalue(), file.name)))


_COLUMNS = {
    "fx": lambda: _("The European Central Bank's own file, or columns currency, rate_date and rate."),
    "products": lambda: _("Columns product_id, effective_from, customer_rate and transfer_rate; 0.03 is 3%."),
}


_EXAMPLES = {
    "fx": "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip",
    "products": "https://intranet.example/prices.xlsx",
}


def schedule(desk: Desk, by: str) -> None:
    """Where each feed comes from, how often it is asked, how old its rates may be."""
    where = (
        _("An http(s) address.")
        if feeds_folder() is None
        else _("An http(s) address, or a file of the folder for feeds.")
    )
    for key, label in FEEDS.items():
        feed = desk.store.feeds.get(key)
        with st.form(f"schedule_{key}"):
            st.markdown(f"**{_(label)}**")
            source = st.text_input(
                _("Source"), feed.source, key=f"source_{key}", help=where, placeholder=_EXAMPLES[key]
            )
            left, right = st.columns(2)
            hours = left.number_input(
                _("Ask every … hours"),
                0,
                LONGEST_HOURS,
                feed.every_hours,
                key=f"hours_{key}",
                help=_("0: by hand alone"),
            )
            days = right.number_input(
                _("Allowed age in days"), 0, LONGEST_DAYS, feed.oldest_days, key=f"days_{key}",
                help=_("Figures that use an older rate say so on every page. 0: no age is too old"),
            )  # fmt: skip
            if st.form_submit_button(_("Keep these settings"), key=f"keep_{key}"):
                act(lambda: _set(desk, key, source, int(hours), int(days), by))  # noqa: B023  # runs at once


def _set(desk: Desk, key: str, source: str, hours: int, days: int, by: str) -> str:
    permitted(source)
    desk.record(key, "settings", source=shown(source), every_hours=hours, oldest_days=days)
    desk.store.feeds.set(key, source, hours, days, by)
    return _("Kept.")


def act(work: Callable[[], str]) -> None:
    """Do something and start the page over: what it came to is told on top of it."""
    try:
        st.session_state[SAID] = ("done", work())
    except Absurd:
        pass  # it waits now, and the page says so
    except AnalyticsError as error:
        record_refusal(error)
        st.session_state[SAID] = ("failed", str(error))
    st.rerun()


def _published(document: dict[str, Any]) -> str:
    if not document["published"]:
        return _("Nothing is new: what serves stays.")
    said = _("{new} new and {changed} changed rates serve now.")
    words = said.format(new=number(document["new"]), changed=number(document["changed"]))
    return in_a_row(words, *document["warnings"])
