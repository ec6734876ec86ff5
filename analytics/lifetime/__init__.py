"""Models of what customers will bring: fitted to a bank's history, read by the warehouse's build and by value.

Numbers in, numbers out: nothing here reads a warehouse or draws.
"""
