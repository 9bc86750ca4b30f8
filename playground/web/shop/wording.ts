/** How the shop words what the service says. */

import { show } from "../common/quantity";

export interface Stand {
  availability: "IN_STOCK" | "LIMITED_AVAILABILITY" | "BACK_ORDER" | "OUT_OF_STOCK";
  onlyXLeftInStock: number | null;
}

export interface Label {
  text: string;
  tone: "good" | "few" | "later" | "gone";
}

/**
 * The labels of a product. "Only 5 left" may come with "Ships when stock arrives": under backorders the last five that may
 * be sold are not there yet.
 */
export function labelsOf({ availability, onlyXLeftInStock }: Stand): Label[] {
  if (availability === "OUT_OF_STOCK") {
    return [{ text: "Out of stock", tone: "gone" }];
  }
  const labels: Label[] = [];
  if (onlyXLeftInStock !== null) {
    labels.push({ text: `Only ${show(onlyXLeftInStock)} left`, tone: "few" });
  }
  if (availability === "BACK_ORDER") {
    labels.push({ text: "Ships when stock arrives", tone: "later" });
  }
  return labels.length ? labels : [{ text: "In stock", tone: "good" }];
}

/** What to offer instead of a quantity that is too large, or null where nothing helps. */
export const insteadOf = (asked: { requestedQty: number; maxSalableQty: number }): number | null =>
  0 < asked.maxSalableQty && asked.maxSalableQty < asked.requestedQty ? asked.maxSalableQty : null;
