"""Past one machine: Spark checks the tables and builds the marts where they lie, DuckDB serves what came of it."""
