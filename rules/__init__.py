"""The law, in ten lines. Pure: values in, values out; no clock, no database, no environment.

A rule is one row: a scope (global, source, product, product-at-source) gives a setting a value.
The walk asks product-at-source, product, source, global, shipped default: the first that answers wins.
Q sums the source items that count (linked, enabled, in stock); R sums the reservations, 0 or below.
With backorders on a threshold T counts as min(T, 0), without as max(T, 0).
Every rule counts once, however many sources inherit it: EFF is the sum over the rules.
Salable quantity = Q + R - EFF. 25 on hand, backorders on, threshold -50: 75 salable.
Backorders on and a threshold of 0 or more: unlimited, EFF is 0.
IN_STOCK where unlimited or Q + R - EFF > 0; nothing that counts: OUT_OF_STOCK.
An order of q is salable when no check fails; its late part is q - (Q + R), within 0 and q.
Every answer keeps its proof: the terms that add up to it, the rule that won, the rules it hid.
"""
