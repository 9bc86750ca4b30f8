"""What shoppers see: products as a sales channel sells them, lists of them, what is low, and the live hub.

Goods from one statement, rules from another; every number is the calculator's.
"""
