/** A product's SKU, as a link for those who may see its page. */

import { useSession } from "../session";
import { productAddress } from "./address";

export function Sku({ sku }: { sku: string }) {
  const { viewer } = useSession();
  return viewer.role === "ADMIN" ? <a href={productAddress(sku)}>{sku}</a> : <>{sku}</>;
}
