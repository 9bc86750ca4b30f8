"""Delivery: the loops that dispatch and send, and webhooks behind a guard of addresses."""
