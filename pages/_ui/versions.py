"""One screen, one version: a run reads the version that it began with, and a page follows a newer one as a whole."""

import streamlit as st

from analytics.errors import NoWarehouse
from analytics.settings import warehouse_folder
from analytics.warehouse.versions import current_version

FOLLOW_SECONDS = 20.0


@st.fragment(run_every=FOLLOW_SECONDS)
def follow(version: str) -> None:
    """Draw the whole page anew once another version serves, also for somebody who only looks at it."""
    if _serving() != version:
        st.rerun()


def _serving() -> str | None:
    try:
        return current_version(warehouse_folder())
    except NoWarehouse:
        return None
