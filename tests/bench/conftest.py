"""Apps of their own: imported for their doctests, they would run, or change the product for the tests."""

collect_ignore = ["analyst_app.py", "empty_page.py"]
