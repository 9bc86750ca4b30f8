/** The receipt on the screen: what is typed of it, to which the address of the page may add. */

import { useEffect, useState } from "preact/hooks";
import { useKept } from "../ui/kept";
import { type Began, beganWith, isUntyped, withAsked } from "./receipt";

export function useReceipt(asked: Began) {
  const [typed, change] = useKept("receipt", () => beganWith(asked), isUntyped);
  const [isOther, setOther] = useState(false);
  useEffect(() => {
    const both = withAsked(typed, asked);
    setOther(!both);
    if (both && (both.lines !== typed.lines || both.source !== typed.source)) {
      change(() => both);
    }
  }, []);
  return {
    typed,
    change,
    /** What stands here is of another source than the address asks for. */
    isOther,
    clear: () => {
      setOther(false);
      change(() => beganWith(asked));
    },
  };
}
