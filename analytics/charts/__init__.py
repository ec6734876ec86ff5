"""A frame in, a Plotly figure out. No queries, no streamlit."""
