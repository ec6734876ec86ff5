"""Review: how does each segment do across the bank?"""

import streamlit as st

from analytics.errors import NotEnoughData
from analytics.review import sentences
from analytics.review.report import review
from pages._ui import agreeing, comparing, layout, needing, reviewing
from pages._ui.cache import answer, count
from pages._ui.messages import shown_to_user
from pages._ui.screen import screen, where_am_i

now = screen()
where_am_i(now, count(now.book, now.as_of))
title, body, end = st.container(), st.container(), st.container()
with end:
    asked = reviewing.asked(now)
with title, shown_to_user():
    try:
        found = answer(review, now.book, asked.way.toml, now.as_of, asked.by, asked.since)
    except NotEnoughData as error:
        needing.where_not(error, title)
        st.stop()
    targets = agreeing.standings(now, asked, found)
    layout.headline(sentences.headline(found, now.value))
    layout.tiles(reviewing.tiles(found, targets, now))
    with body:
        comparing.lost((asked.way,), now)
        reviewing.picture(found, asked, now)
        reviewing.table(found, asked, now)
        unit, segment = reviewing.chosen(found, asked)
        reviewing.detail(found, unit, segment, now)
        agreeing.targets(now, found, unit, segment, targets)
        agreeing.comments(now, found, unit, segment)
        reviewing.panels(found, unit, segment, targets, now)
