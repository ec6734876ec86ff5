"""Why one customer is in their segment, and what would move them."""

import streamlit as st

from analytics.population import words_of
from analytics.segmentation import segment_toml
from analytics.translation import translate as _
from analytics.trust.moves import why
from analytics.value.quantity import Quantity
from pages._ui import layout
from pages._ui.cache import answer
from pages._ui.screen import Screen

MOST_MOVES = 3


def placed(now: Screen, customer_id: str, recipe: str, key: str) -> None:
    """The customer's segment in a recipe, the nearest others, and the smallest steps to them.

    key : tells one recipe's table from another's.
    """
    result = answer(segment_toml, now.book, recipe)
    found = why(result, customer_id, words_of(now.book.warehouse.manifest.base_currency))
    st.markdown(f"**{layout.plain(found.sentence)}**")
    for heading, better in (
        (_("What would put them in a segment worth more"), True),
        (_("What would put them in a segment worth less"), False),
    ):
        there = [move for move in found.moves if move.better == better]
        moves = [move for move in there if not (better and move.worsens)][:MOST_MOVES]
        if moves:
            st.markdown(heading)
            st.markdown("\n".join(f"- {layout.plain(move.sentence)}" for move in moves))
    if not found.nearest.empty:
        layout.table(
            found.nearest, {"distance": Quantity("distance", _("Distance"), "score")},
            labels={"segment": _("No."), "name": _("Segment")}, key=f"nearest_{key}",
        )  # fmt: skip
        st.caption(
            _("Distance to what is typical of each segment, in standard deviations over all indicators.")
        )
