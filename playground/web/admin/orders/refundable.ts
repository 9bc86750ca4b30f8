import type { OrderLine } from "./order-query";

/** Whether there are units of a line that were shipped and not refunded; how many there are, the service knows. */
export const isRefundable = (line: Pick<OrderLine, "shippedQty" | "refundedQty">): boolean =>
  line.shippedQty > line.refundedQty;
