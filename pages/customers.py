"""Customers: who has this feature?"""

import streamlit as st

from analytics.people import feature
from analytics.translation import translate as _
from pages._ui import choices, layout, people
from pages._ui.cache import answer
from pages._ui.screen import screen, where_am_i

now = screen()
if st.session_state.pop("linked_customer", False):  # links to one customer led here once
    st.switch_page("customer.py")

key, where = people.chosen_feature(now), people.chosen_filter()
found = answer(feature, now.book, key, now.as_of, where)
where_am_i(now, found.customers)
layout.headline(people.feature_sentence(found, now.quantity(key), now.as_of))
people.feature_chart(found, now.quantity(key), now)
people.controls(now)
people.the_list(now, key, where)
if where and st.button(_("Make this a population"), icon=":material/groups:"):
    st.session_state["recipe"] = choices.recipe().model_copy(update={"where": where})
    st.switch_page("segments.py")
