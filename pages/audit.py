"""Audit: is everything recorded, and is the trail whole?"""

import streamlit as st

from analytics.formats import day
from analytics.trail import require_auditor, summary, trail_sentence
from analytics.translation import translate as _
from pages._ui import layout, trail
from pages._ui.screen import of_the_bank, store

book = st.session_state["book"]
require_auditor(book)
warehouse, kept = book.warehouse, store().audit

of_the_bank(book, _("figures as of {day}").format(day=day(warehouse.newest_as_of)))
headline = st.container()
checked = trail.verdict(book)
readable = trail.recorded(book)
found = summary(kept)
sentence = trail_sentence(checked, found)
layout.headline(sentence, headline)
if checked is not None and not checked.whole:
    st.error(layout.plain(checked.why), icon=":material/gpp_bad:")
layout.tiles(trail.tiles(found))
if readable:
    trail.picture(kept, sentence)
    asked = trail.wanted(kept)
    if trail.recorded(book, asked):
        trail.listing(kept, asked)
trail.seal(kept, checked)
