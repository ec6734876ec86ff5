"""What `streamlit run app.py` starts: the gate, and the script behind it."""

import streamlit as st
from starlette.middleware import Middleware

from pages._ui.gate import Gate

app = st.App("pages/_main.py", middleware=[Middleware(Gate)])
