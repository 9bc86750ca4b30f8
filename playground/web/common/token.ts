/** The caller's token lives in this browser tab only: closing the tab forgets it. */

const KEY = "salable.token";

export const token = {
  read: (): string => sessionStorage.getItem(KEY) ?? "",
  write: (value: string): void => (value ? sessionStorage.setItem(KEY, value) : sessionStorage.removeItem(KEY)),
};
