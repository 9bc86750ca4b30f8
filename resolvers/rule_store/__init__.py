"""The rule store: the rules of each scope, their changes with revisions, previews, undo and files.

A change is checked, then committed at the next revision with its record; nothing else writes a rule.
"""
