"""Glossary: what does this word mean?"""

import streamlit as st

from analytics.formats import labelled
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS
from analytics.translation import plural
from analytics.translation import translate as _
from pages._ui import layout, words

available = st.session_state["book"].available
layout.headline(
    _("{indicators} and {methods}, each with what it means.").format(
        indicators=plural("{n} indicator", "{n} indicators", len(CATALOGUE)).format(n=len(CATALOGUE)),
        methods=plural("{n} method", "{n} methods", len(METHODS)).format(n=len(METHODS)),
    )
)
wanted = st.text_input(_("Search"), key="glossary_search", placeholder=_("a word, such as balance"))
indicators = words.indicator_rows(available, wanted)
methods = words.method_rows(wanted)
if indicators.empty and methods.empty:
    st.info(
        _("Nothing has “{text}” in it. Try another word.").format(text=layout.plain(wanted)),
        icon=":material/search_off:",
    )
if not indicators.empty:
    st.subheader(_("Indicators"))
    layout.table(indicators, {}, key="glossary_indicators", height=460)
if not methods.empty:
    st.subheader(_("Methods"))
    layout.table(methods, {}, key="glossary_methods")
st.subheader(_("Words"))
for word, meaning in words.WORDS:
    if wanted.lower() in (_(word) + _(meaning)).lower():
        st.markdown(labelled(f"**{_(word)}**", _(meaning)))
