"""Saved recipes, personal defaults and grants."""
