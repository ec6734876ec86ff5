"""Data: is what was loaded whole? Counts and reasons alone: no row of it is shown."""

import streamlit as st

from analytics.data_status import lacking, loaded, loaded_sentence, published, require_steward
from analytics.formats import day
from analytics.translation import translate as _
from pages._ui import layout, loading
from pages._ui.screen import of_the_bank

book = st.session_state["book"]
require_steward(book)
warehouse = book.warehouse
found, lacks = loaded(warehouse), lacking(warehouse)

of_the_bank(book, _("figures as of {day}").format(day=day(warehouse.newest_as_of)))
layout.headline(loaded_sentence(found, warehouse))
layout.tiles(loading.tiles(found, warehouse, lacks))
loading.noticed(warehouse)
st.subheader(_("What came in"))
loading.tables(found)
loading.refused(found, warehouse)
with st.expander(_("Figures not to be had"), icon=":material/visibility_off:", key="data_lacking"):
    loading.lacking(lacks)
versions = st.expander(_("Versions"), icon=":material/history:", key="data_versions", on_change="rerun")
if versions.open:
    with versions:
        loading.versions(published(warehouse))
