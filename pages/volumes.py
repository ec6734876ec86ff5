"""Volumes: how much business did we do?"""

import streamlit as st

from analytics.translation import translate as _
from analytics.volumes.report import volumes_sentence, volumes_view
from pages._ui import layout, volumes, volumes_layouts, volumes_pivot
from pages._ui.cache import small

book = st.session_state["book"]
asked = volumes.asked(book)
found = small(volumes_view, book, asked.as_of, asked.layout.span)
sentence = volumes_sentence(found, asked.as_of, asked.layout.span, asked.base)
volumes.where_am_i(book, asked)
layout.headline(sentence)
if found.now is None:
    st.info(_("There is no total of this period that you may see."), icon=":material/visibility_off:")
else:
    layout.tiles(volumes.tiles(found, asked))
    volumes_pivot.table(book, asked, found)
    volumes.picture(book, asked, alt=sentence)
    volumes.every_figure(found, asked)
volumes.controls(book, asked)
volumes_layouts.panel(book, asked)
