/** Narrows a list to one scope; the address of the page carries it, so that other pages can link to it. */

import { useLocation } from "preact-iso";
import { useState } from "preact/hooks";
import { useAsk } from "../api";
import { graphql } from "../../common/graphql";
import { typedKey } from "../../common/key";
import { SelectField, TextField } from "../ui/field";
import type { ScopeLike } from "../words";

const SOURCES = graphql(`
  query FilterSources {
    sources(first: 250) {
      nodes {
        code
        name
      }
    }
  }
`);

const TYPES = [
  { value: "", label: "All scopes" },
  { value: "GLOBAL", label: "Global" },
  { value: "SOURCE", label: "A source" },
  { value: "PRODUCT", label: "A product" },
  { value: "PRODUCT_SOURCE", label: "A product at a source" },
] as const;

type Type = (typeof TYPES)[number]["value"];
type NamedScope = { type: Exclude<ScopeLike["type"], "DEFAULT">; source: string | null; sku: string | null };

const namesSource = (type: string) => type === "SOURCE" || type === "PRODUCT_SOURCE";
const namesProduct = (type: string) => type === "PRODUCT" || type === "PRODUCT_SOURCE";

/** The scope that an address names, or null: all of them. */
export function scopeOf(query: Record<string, string>): NamedScope | null {
  const type = TYPES.find(({ value }) => value && value === query["type"])?.value;
  if (!type || (namesSource(type) && !query["source"]) || (namesProduct(type) && !query["sku"])) {
    return null;
  }
  return {
    type,
    source: namesSource(type) ? (query["source"] ?? null) : null,
    sku: namesProduct(type) ? (query["sku"] ?? null) : null,
  };
}

export function ScopeFilter({ scope }: { scope: NamedScope | null }) {
  const { path, route } = useLocation();
  const [type, setType] = useState<Type>(scope?.type ?? "");
  const [source, setSource] = useState(scope?.source ?? "");
  const [sku, setSku] = useState(scope?.sku ?? "");
  const sources = useAsk(SOURCES, {}, !namesSource(type));
  const options = (sources.data?.sources.nodes ?? []).map(({ code, name }) => ({
    value: code,
    label: `${name} (${code})`,
  }));
  const isWhole = (!namesSource(type) || source) && (!namesProduct(type) || sku.trim());
  return (
    <form
      class="sheet row"
      role="search"
      aria-label="Filter by scope"
      onSubmit={(event) => {
        event.preventDefault();
        const asked = new URLSearchParams({
          ...(type && { type }),
          ...(namesSource(type) && { source }),
          ...(namesProduct(type) && { sku: typedKey(sku, scope?.sku ? [scope.sku] : []) }),
        });
        route(asked.size ? `${path}?${asked}` : path);
      }}
    >
      <SelectField
        label="Scope"
        value={type}
        options={[...TYPES]}
        onValue={(value) => setType(TYPES.find((each) => each.value === value)?.value ?? "")}
      />
      {namesProduct(type) && <TextField label="SKU" value={sku} onValue={setSku} />}
      {namesSource(type) && (
        <SelectField
          label="Source"
          value={source}
          options={[{ value: "", label: "Choose a source" }, ...options]}
          onValue={setSource}
        />
      )}
      <button type="submit" disabled={!isWhole}>
        Show
      </button>
    </form>
  );
}
