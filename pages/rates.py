"""Rates: are exchange rates and product prices current, and where do they come from?"""

import streamlit as st

from analytics.feed_status import rates_sentence, statuses
from analytics.feeds import Desk, require_steward
from analytics.formats import day
from analytics.translation import translate as _
from pages._ui import layout, rates
from pages._ui.screen import store

book = st.session_state["book"]
require_steward(book)
warehouse, person = book.warehouse, book.person
desk = Desk(warehouse.root, store(), person.email)
found = statuses(warehouse, desk.store.feeds)

kind = _("demo bank, all made up") if warehouse.manifest.demo else _("your own data")
line = (person.name, _("figures as of {day}").format(day=day(warehouse.newest_as_of)),
        _("warehouse {version}").format(version=warehouse.version), kind)  # fmt: skip
st.caption(" · ".join(layout.plain(part) for part in line))
layout.headline(rates_sentence(found, warehouse.newest_as_of))
rates.what_was_done(found)
layout.tiles(rates.tiles(found, warehouse))
rates.attention(found, desk, person.email)
rates.chart(warehouse)
st.subheader(_("Where they come from"))
rates.status_table(found)
with st.expander(_("Bring rates in"), icon=":material/upload:", key="bring_rates"):
    rates.bring(desk)
with st.expander(_("Source and schedule"), icon=":material/schedule:", key="rates_schedule"):
    rates.schedule(desk, person.email)
