/** Where an order is, in words and colour. */

export const ORDER_STATUS = {
  PROCESSING: "Processing",
  COMPLETE: "Complete",
  CANCELED: "Canceled",
} as const;

export const PAYMENT_STATUS = {
  CAPTURED: "Captured",
  PARTIALLY_REFUNDED: "Partially refunded",
  REFUNDED: "Refunded",
} as const;

const COLOURS = { PROCESSING: "info", COMPLETE: "good", CANCELED: "" } as const;

export const StatusBadge = ({ status }: { status: keyof typeof ORDER_STATUS }) => (
  <span class={`badge ${COLOURS[status]}`}>{ORDER_STATUS[status]}</span>
);

export const HoldBadge = ({ isOnHold }: { isOnHold: boolean }) =>
  isOnHold ? <span class="badge warn">Waits for stock</span> : <span class="dim">No</span>;
