"""The segments of a recipe side by side by unit, the targets set for them and what was said of them."""
