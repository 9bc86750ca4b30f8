"""The flow: load rows in a fixed number of statements, turn them into values, call the rules, return values.

Nothing here knows GraphQL or HTTP, and no arithmetic of the domain is done here: it is the calculator's.
"""
