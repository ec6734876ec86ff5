"""Compare: do two ways agree?"""

import streamlit as st

from analytics.compare import compare_toml
from analytics.translation import translate as _
from pages._ui import choices, comparing, layout
from pages._ui.cache import answer, count
from pages._ui.messages import shown_to_user
from pages._ui.screen import screen, where_am_i

now = screen()
where_am_i(now, count(now.book, now.as_of))
headline = st.container()
first, second = comparing.chosen(now, choices.recipe())

with shown_to_user():
    if first.toml == second.toml:
        layout.headline(_("Choose two different recipes to compare."), headline)
        st.stop()
    found = answer(compare_toml, now.book, first.toml, second.toml)
    layout.headline(found.sentence, headline)
    comparing.picture(found, now)
    comparing.lost((first, second), now)
    for warning in found.warnings:
        st.info(layout.plain(warning), icon=":material/info:")
    comparing.cross_table(found, now)
    comparing.moved(found, now)
