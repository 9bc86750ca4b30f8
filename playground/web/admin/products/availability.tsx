/** What a product page can say, and how many can be sold, as a cell of a table shows them. */

import { show } from "../../common/quantity";
import { AVAILABILITY } from "../words";
import type { Availability } from "./filter";

const LOOK = {
  IN_STOCK: "good",
  LIMITED_AVAILABILITY: "warn",
  BACK_ORDER: "info",
  OUT_OF_STOCK: "bad",
} as const;

export function AvailabilityBadge({ of }: { of: Availability }) {
  return <span class={`badge ${LOOK[of]}`}>{AVAILABILITY[of]}</span>;
}

interface Salable {
  salableQty: number | null;
  effectiveBackorderConfig: { backorderLimit: { kind: "NONE" | "LIMITED" | "UNLIMITED" } };
}

/** The salable quantity in short; null is a product whose stock is not managed. */
export function SalableQty({ of: { salableQty, effectiveBackorderConfig } }: { of: Salable }) {
  if (salableQty === null) {
    return <span class="dim">not managed</span>;
  }
  return effectiveBackorderConfig.backorderLimit.kind === "UNLIMITED" ? (
    <>
      any number <span class="dim">({show(salableQty)})</span>
    </>
  ) : (
    <>{show(salableQty)}</>
  );
}
