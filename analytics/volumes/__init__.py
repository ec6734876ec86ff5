"""Business volumes: how much there was, against what was before, and divided by whatever is asked."""
