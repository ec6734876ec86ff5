"""What a method wants shown beside its segments: the tree of groups, the weights, the gains."""

import pandas as pd
import streamlit as st

from analytics.charts import dendrogram
from analytics.formats import number
from analytics.segmentation import Segmentation
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from pages._ui import layout
from pages._ui.screen import Screen

SHARE = Quantity("share", "", "share")


def method_details(result: Segmentation, now: Screen) -> None:
    """Whatever of it there is for this method."""
    if "dendrogram" in result.details:
        _tree(result, now)
    if "weights" in result.details:
        _parts(result.details["weights"], _("What each indicator weighs"), now)
        ratio = result.details.get("consistency_ratio")
        if ratio is not None:
            text = _("Consistency ratio of the comparisons {ratio}: up to 0.10 they fit together.")
            st.caption(text.format(ratio=number(ratio, 2)))
    if "gains" in result.details:
        _parts(result.details["gains"], _("What each indicator adds to the tree"), now)


def _tree(result: Segmentation, now: Screen) -> None:
    names = dict(zip(result.segments["segment"], result.segments["name"], strict=True))
    st.subheader(_("How the groups join"))
    layout.chart(
        lambda: dendrogram(result.details, names, order=result.order, palette=now.colours),
        alt=_("Groups that are joined late are unlike each other; the line shows where the tree was cut"),
        key="dendrogram",
    )


def _parts(parts: dict[str, float], title: str, now: Screen) -> None:
    st.subheader(title)
    shown = pd.Series(parts).sort_values(ascending=False, kind="stable")
    rows = pd.DataFrame(
        {"indicator": [now.label(str(key)) for key in shown.index], "share": shown.to_numpy()}
    )
    layout.table(
        rows, {"share": SHARE}, labels={"indicator": _("Indicator"), "share": _("Share")}, key="parts"
    )
