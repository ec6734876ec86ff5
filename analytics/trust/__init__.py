"""How far a segmentation can be trusted, and why its segments are what they are."""
