/** A product: how many of it each sales channel can sell and why, where it lies, and its own rules. */

import { useRoute } from "preact-iso";
import { useCallback, useState } from "preact/hooks";
import { useAsk } from "../api";
import { SettingsForm } from "../rules/settings-form";
import { Answer } from "../ui/answer";
import { useAskSince } from "./ask-since";
import { ChannelRow } from "./channel-row";
import { CouldISell } from "./could-i-sell";
import { LIST } from "./filter";
import { PRODUCT } from "./product-queries";
import { CHOICES } from "./queries";
import { SourceItems } from "./source-items";
import "./product.css";
import { useTitle, wayBack } from "./way-back";

export default function Page() {
  const sku = useRoute().params["sku"] ?? "";
  return (
    <div class="products">
      <p>
        <a href={wayBack.address()}>← Products</a>
      </p>
      <Product key={sku} sku={sku} />
    </div>
  );
}

function Product({ sku }: { sku: string }) {
  const [changes, setChanges] = useState(0);
  const onChanged = useCallback(() => setChanges((changes) => changes + 1), []);
  const asked = useAskSince(changes, PRODUCT, { sku });
  const choices = useAsk(CHOICES, {});
  useTitle(asked.data?.product?.name ?? sku);
  return (
    <Answer of={asked}>
      {({ product }) =>
        product ? (
          <>
            <h1>
              {product.name} <span class="sku">{sku}</span>
            </h1>
            <Answer of={choices}>
              {({ sources, salesChannels: { nodes: channels } }) => (
                <>
                  <section class="sheet" aria-labelledby="salable">
                    <h2 id="salable">What can be sold</h2>
                    {channels.map((channel) => (
                      <ChannelRow
                        key={channel.code}
                        sku={sku}
                        channel={channel}
                        items={product.sourceItems ?? []}
                        changes={changes}
                      />
                    ))}
                  </section>
                  <section class="sheet" aria-labelledby="could-i-sell">
                    <h2 id="could-i-sell">Could I sell …?</h2>
                    <CouldISell sku={sku} channels={channels} changes={changes} />
                  </section>
                  <section class="sheet" aria-labelledby="source-items">
                    <h2 id="source-items">Sources</h2>
                    <SourceItems
                      sku={sku}
                      items={product.sourceItems ?? []}
                      sources={sources.nodes}
                      changes={changes}
                      onChanged={onChanged}
                    />
                  </section>
                </>
              )}
            </Answer>
            <section aria-labelledby="advanced-inventory">
              <h2 id="advanced-inventory">Advanced Inventory</h2>
              <SettingsForm scope={{ type: "PRODUCT", sku }} onSaved={onChanged} />
            </section>
          </>
        ) : (
          <Unknown sku={sku} />
        )
      }
    </Answer>
  );
}

function Unknown({ sku }: { sku: string }) {
  return (
    <>
      <h1>No such product</h1>
      <p>
        No product has the SKU <strong class="sku">{sku}</strong>. SKUs are exact: capitals and small letters differ.
      </p>
      <p>
        <a href={`${LIST}?${new URLSearchParams({ search: sku })}`}>Search the catalogue for it</a>
      </p>
    </>
  );
}
