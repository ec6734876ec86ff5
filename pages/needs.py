"""Needs: what do the best want that they don't have?"""

import streamlit as st

from analytics.errors import NotEnoughData
from analytics.needs.report import needs_of
from analytics.needs.sentences import headline
from analytics.segmentation import segment_toml
from analytics.translation import translate as _
from pages._ui import choices, layout, needing, offering
from pages._ui.cache import answer, count
from pages._ui.messages import shown_to_user
from pages._ui.screen import screen, where_am_i

now = screen()
where_am_i(now, count(now.book, now.as_of))
title, choice = st.container(), st.container()

try:
    found = answer(segment_toml, now.book, choices.recipe().to_toml())
    told = answer(needs_of, now.book, found, needing.chosen(found, choice))
except NotEnoughData as error:
    needing.where_not(error, title)
    st.stop()
layout.headline(headline(told), title)
layout.tiles(needing.tiles(told))
needing.picture(told, now)
needing.in_words(told)
with shown_to_user():
    needing.products(found, told, now)
needing.panels(found, told, now)
with shown_to_user():
    offering.offers_section(now, told.customers, _("What to offer them"))
needing.plan_for(told)
