"""Telling: what is noted in the outbox becomes deliveries, which are claimed, sent, tried again or given up.

An event is told once: what was told last stands beside what holds now, and only a difference is told.
"""
