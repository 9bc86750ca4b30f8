/** The list as it was last looked at, so that a product's page leads back to its filters and page. */

import { useEffect } from "preact/hooks";
import { LIST } from "./filter";

let seen = LIST;

export const wayBack = {
  remember: (address: string): void => void (seen = address),
  address: (): string => seen,
};

/** The title of the tab while a page is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    const before = document.title;
    document.title = `${title} · salable`;
    return () => {
      document.title = before;
    };
  }, [title]);
}
