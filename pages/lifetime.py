"""Lifetime value: what will they bring, and how well did the last prediction come true?"""

import streamlit as st

from analytics.translation import translate as _
from analytics.value.lifetime.sentences import model_words, outlook_sentence
from pages._ui import ahead, layout
from pages._ui.cache import count
from pages._ui.earning import base
from pages._ui.screen import screen, where_am_i

now = screen()
found = ahead.expected(now)
everyone = count(now.book, now.as_of)
where_am_i(now, everyone)
layout.headline(outlook_sentence(found, now.as_of, base(now)))
ahead.left_out(everyone - found.count)
layout.tiles(ahead.tiles(found, now))
layout.explain(ahead.KEY)

ahead.came_true(now)

st.subheader(_("Your customers of the highest lifetime value"))
ahead.customers(found, now)
with st.expander(_("The model"), icon=":material/functions:"):
    st.markdown(layout.plain(model_words(found.model)))
with st.expander(_("More: horizon and discount"), icon=":material/tune:"):
    ahead.settings()
