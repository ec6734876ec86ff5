"""Rates and prices that come in by themselves: fetched, read, judged, and only then published."""
