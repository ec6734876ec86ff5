"""The app, but its Overview asks what takes hours; a file says that the query has begun, and why it ended."""

import os
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

import analytics.overview as real
from pages._ui.gate import Gate

ENDLESS = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b WHERE (a.range + b.range) % 7 <> 3"


def endless(book, change):
    said = Path(os.environ["CLIENTELE_WAREHOUSE"]) / "endless.txt"
    said.write_text("begun")
    try:
        return book.warehouse.query(ENDLESS)
    except Exception as error:
        said.write_text(type(error).__name__)
        raise


real.overview = endless
app = st.App(Path(__file__).parents[2] / "pages" / "_main.py", middleware=[Middleware(Gate)])
