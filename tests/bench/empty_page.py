"""The least that Streamlit can be asked: a press, and a text that counts it. `tests.bench.browser` runs it."""

import streamlit as st

pressed = int(st.session_state.get("pressed", 0)) + st.button("Press", key="press")
st.session_state["pressed"] = pressed
st.title(f"Pressed {pressed} times")
