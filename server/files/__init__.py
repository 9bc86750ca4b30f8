"""Files: CSV and rules, in and out, row by row, with what was refused beside them."""
