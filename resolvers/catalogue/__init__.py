"""The catalogue: products, sources, items, stocks and sales channels, and the files that bring them in.

What a write of the catalogue changes for open orders and for what was told is asked of the shelves below.
"""
