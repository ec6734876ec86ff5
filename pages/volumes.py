"""Volumes: how much business did we do?"""

import streamlit as st

from analytics.translation import translate as _
from analytics.volumes import volumes_sentence, volumes_view
from pages._ui import layout, volumes
from pages._ui.cache import answer

book = st.session_state["book"]
asked = volumes.asked(book)
found = answer(volumes_view, book, asked.as_of, asked.dimension, asked.span)
sentence = volumes_sentence(found, asked.as_of, asked.span, asked.base)
volumes.where_am_i(book, asked)
layout.headline(sentence)
if found.months.empty:
    st.info(_("No month has a total that you may see."), icon=":material/visibility_off:")
else:
    layout.tiles(volumes.tiles(found, asked))
    volumes.picture(found, asked, alt=sentence)
    volumes.divided(found, asked)
volumes.controls(book, asked)
