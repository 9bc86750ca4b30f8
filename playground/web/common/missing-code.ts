/**
 * Code that could not be loaded: the network is gone, or there is a new version that has other files.
 *
 * A browser remembers that a module could not be loaded and asks for it no second time, so the whole page is loaded anew;
 * but only where the service answers, since the browser's own page of errors would stand there otherwise.
 */

import { reload } from "./leaving";

const TRIES = "salable.loads";
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000];
const FORGOTTEN_MS = 300_000;

/** How often this tab has tried by itself, on this page and before it was loaded anew. */
function tries(): number {
  try {
    const { count, at } = JSON.parse(sessionStorage.getItem(TRIES) ?? "") as { count: number; at: number };
    return Date.now() - at < FORGOTTEN_MS ? count : 0;
  } catch {
    return 0;
  }
}

/** The code is there: the next time that some is missing, it is tried as often again. */
export const forgetTries = (): void => sessionStorage.removeItem(TRIES);

/** Loads the page anew, at the same address; false where the service does not answer. */
export async function tryAgain(): Promise<boolean> {
  try {
    const { ok } = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
    if (ok) {
      reload();
    }
    return ok;
  } catch {
    return false;
  }
}

/** Tries again by itself, ever more slowly and at last no more (`onEnd`); at once when the network is back. */
export function keepTrying(onEnd: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  let isOver = false;
  const wait = () => {
    const count = tries();
    const pause = PAUSES_MS[count];
    if (isOver) {
      return;
    }
    if (pause === undefined) {
      onEnd();
      return;
    }
    timer = setTimeout(async () => {
      sessionStorage.setItem(TRIES, JSON.stringify({ count: count + 1, at: Date.now() }));
      if (!(await tryAgain())) {
        wait();
      }
    }, pause);
  };
  const onOnline = () => void tryAgain();
  addEventListener("online", onOnline);
  wait();
  return () => {
    isOver = true;
    clearTimeout(timer);
    removeEventListener("online", onOnline);
  };
}
