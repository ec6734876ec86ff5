"""Rates: are exchange rates and product prices current, and where do they come from?"""

import streamlit as st

from analytics.feed_status import rates_sentence, statuses
from analytics.feeds import Desk, require_steward
from analytics.formats import day
from analytics.translation import translate as _
from pages._ui import layout, rates
from pages._ui.screen import of_the_bank, store

book = st.session_state["book"]
require_steward(book)
warehouse, person = book.warehouse, book.person
desk = Desk(warehouse.root, store(), person.email)
found = statuses(warehouse, desk.store.feeds)

of_the_bank(book, _("figures as of {day}").format(day=day(warehouse.newest_as_of)))
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
