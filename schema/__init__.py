"""The GraphQL API: types, inputs, the two roots, who may see what, and the limits of a request.

A field reads an attribute or awaits one resolver; what can be expected to go wrong is a value.
"""
