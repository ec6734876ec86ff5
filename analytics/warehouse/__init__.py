"""The warehouse: from source files to published marts."""
