"""The flow: load rows in a fixed number of statements, turn them into values, call the rules, return values.

Nothing here knows GraphQL or HTTP, and no arithmetic of the domain is done here: it is the calculator's.

On shelves, each of which uses only what stands below it:
    catalogue/                                   products, sources, items, stocks, and the files that bring them in
    orders/                                      orders, their queues, the ledger
    availability/  rule_store/  notifications/   what shoppers see; the rules; telling. These three do not know each other
    the files of this folder                     the ground: goods, queues, keys, pages, the rules in force, the outbox, ...
"""
