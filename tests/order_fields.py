"""What the role orders may ask and do: each field of the roots, as a selection that answers something."""

ORDERS_QUERIES = {
    "order": 'order(number: "1001") { number lines { sku } }',
    "orders": "orders { totalCount nodes { number } }",
    "backorders": "backorders { totalCount }",
    "sourceSelection": 'sourceSelection(lines: [{ sku: "TENT", quantity: 1 }]) { shippable items { source } }',
    "reservationInconsistencies": "reservationInconsistencies { totalCount }",
}
ORDERS_MUTATIONS = {
    "placeOrder": 'placeOrder(input: { number: "1002", lines: [{ sku: "TENT", quantity: 2 }], idempotencyKey: "k" })'
    " { order { number } userErrors { code } }",
    "shipOrder": 'shipOrder(number: "1001", lines: [{ sku: "TENT", quantity: 1, source: "default" }], idempotencyKey: "k")'
    " { order { number } userErrors { code } }",
    "refundOrder": 'refundOrder(number: "1001", lines: [{ sku: "TENT", quantity: 1 }], idempotencyKey: "k")'
    " { order { number } userErrors { code } }",
    "cancelOrder": 'cancelOrder(number: "1001", idempotencyKey: "k") { order { number } userErrors { code } }',
    "receiveStock": 'receiveStock(source: "default", lines: [{ sku: "TENT", quantity: 1 }], idempotencyKey: "k")'
    " { sourceItems { sku quantity status source { code name enabled } } userErrors { code } }",
}
"""In an order in which each takes effect, given order 1001 with three open TENT, all at the default source."""
