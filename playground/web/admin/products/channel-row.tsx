/** One sales channel's answer for a product, and on demand the sum behind it. */

import { useId, useState } from "preact/hooks";
import { show } from "../../common/quantity";
import { Answer } from "../ui/answer";
import { useAskSince } from "./ask-since";
import { AvailabilityBadge } from "./availability";
import { WHY, type Explained, type Item } from "./product-queries";
import type { Channel } from "./queries";
import { Why } from "./why";

export function ChannelRow({
  sku,
  channel,
  items,
  changes,
}: {
  sku: string;
  channel: Channel;
  items: Item[];
  changes: number;
}) {
  const asked = useAskSince(changes, WHY, { sku, channel: channel.code });
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <section class="channel" aria-labelledby={id}>
      <h3 id={id}>
        {channel.name} <span class="small dim">sells from {channel.stock.name}</span>
      </h3>
      <Answer of={asked}>
        {({ product }) =>
          product && (
            <>
              <div class="row middle facts">
                <Fact of={product} />
                <AvailabilityBadge of={product.availability} />
                <span class="small dim">
                  Stock status: {product.stockStatus === "IN_STOCK" ? "In stock" : "Out of stock"}
                </span>
                <button
                  type="button"
                  aria-expanded={isOpen}
                  aria-controls={`${id}-why`}
                  onClick={() => setOpen(!isOpen)}
                >
                  Why?<span class="unseen"> {channel.name}</span>
                </button>
              </div>
              <div id={`${id}-why`} hidden={!isOpen}>
                {isOpen && <Why product={product} stock={channel.stock.name} items={items} />}
              </div>
            </>
          )
        }
      </Answer>
    </section>
  );
}

function Fact({ of: { salableQty, effectiveBackorderConfig } }: { of: Explained }) {
  if (salableQty === null) {
    return (
      <p class="fact">
        <strong>any number</strong> <span class="dim">stock is not managed</span>
      </p>
    );
  }
  return effectiveBackorderConfig.backorderLimit.kind === "UNLIMITED" ? (
    <p class="fact">
      <strong>any number</strong> <span class="dim">salable quantity {show(salableQty)}, without limit</span>
    </p>
  ) : (
    <p class="fact">
      <strong>{show(salableQty)}</strong> <span class="dim">salable</span>
    </p>
  );
}
