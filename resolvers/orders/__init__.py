"""Orders: placed, shipped, canceled, returned; the queues of their lines, and the ledger of reservations.

Each write locks its balances in one order, is answered again by its key, and tells what it changed in its own transaction.
"""
