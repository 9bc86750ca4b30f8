/** What a shipment, a cancellation or a refund moved, as a sentence. */

import { show } from "../../common/quantity";

interface Moved {
  sku: string;
  quantity: number;
}

/** "Shipped 25 TENT from berlin, 1 GIFTCARD." */
export function moved<Line extends Moved>(
  verb: string,
  lines: Line[],
  where: (line: Line) => string = () => "",
): string {
  const parts = lines.map((line) => [show(line.quantity), line.sku, where(line)].filter(Boolean).join(" "));
  return `${verb} ${parts.join(", ")}.`;
}
