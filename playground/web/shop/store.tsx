/** What the shop remembers: the cart and the order placed last, in this tab only. A reload keeps them. */

import { createContext, type ComponentChildren } from "preact";
import { useCallback, useContext, useState } from "preact/hooks";
import { newCart, parseCart, type Cart } from "./cart";
import type { Placed } from "./checkout";

interface Store {
  cart: Cart;
  setCart: (cart: Cart) => void;
  placed: Placed | null;
  setPlaced: (placed: Placed) => void;
}

const StoreContext = createContext<Store | null>(null);

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (!store) {
    throw new Error("there is no store around this component");
  }
  return store;
}

export function StoreProvider({ children }: { children: ComponentChildren }) {
  const [cart, setCart] = useKept("shop.cart", () => newCart(), parseCart);
  const [placed, setPlaced] = useKept<Placed | null>("shop.placed", () => null, JSON.parse);
  return <StoreContext.Provider value={{ cart, setCart, placed, setPlaced }}>{children}</StoreContext.Provider>;
}

/** A state that outlives a reload, as far as the browser keeps anything. */
function useKept<Value>(name: string, fresh: () => Value, parse: (text: string) => Value | undefined) {
  const [value, setValue] = useState<Value>(() => {
    try {
      return parse(sessionStorage.getItem(name) ?? "null") ?? fresh();
    } catch {
      return fresh();
    }
  });
  const keep = useCallback(
    (next: Value) => {
      setValue(next);
      try {
        sessionStorage.setItem(name, JSON.stringify(next));
      } catch {
        // A browser that keeps nothing still shops until the next reload.
      }
    },
    [name],
  );
  return [value, keep] as const;
}
