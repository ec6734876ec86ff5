"""Clientele's logic: everything that is true without a screen."""
