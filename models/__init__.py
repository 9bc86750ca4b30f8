"""The tables: one noun a file, quantities as whole ten-thousandths, instants as microseconds of UTC.

SQLite and PostgreSQL hold the same bytes and answer the same; what differs stands in `database` and `sql`, nowhere else.
"""
