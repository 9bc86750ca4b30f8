/** Nobody leaves what is typed and not sent without being asked, by whatever way: a link, Back, a reload, closing the tab. */

export const QUESTION = "What you typed here is not sent yet. Leave, and lose it?";

interface Guarded {
  isUnsent: () => boolean;
  /** The address to stay at; undefined where going to another page of ours loses nothing. */
  here: string | undefined;
}

const guarded = new Set<Guarded>();
let isAsked = true;

const isLostByGoing = (): Guarded | undefined => [...guarded].find((each) => each.here && each.isUnsent());

function onUnload(event: BeforeUnloadEvent): void {
  if (isAsked && [...guarded].some(({ isUnsent }) => isUnsent())) {
    event.preventDefault();
  }
}

// Both come before the router's listeners, which would have gone already.
function onBack(event: PopStateEvent): void {
  const lost = isLostByGoing();
  if (lost && !confirm(QUESTION)) {
    event.stopImmediatePropagation();
    history.pushState(null, "", lost.here);
  }
}

function onClick(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const isElsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0;
  if (link?.href && !link.target && !isElsewhere && isLostByGoing() && !confirm(QUESTION)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}

/** Asks before what `isUnsent` is lost; `isKept` where another page of ours does not lose it. Returns how to stop. */
export function guard(isUnsent: () => boolean, { isKept }: { isKept: boolean }): () => void {
  const one: Guarded = { isUnsent, here: isKept ? undefined : location.href };
  if (!guarded.size) {
    addEventListener("beforeunload", onUnload);
    addEventListener("popstate", onBack, true);
    addEventListener("click", onClick, true);
  }
  guarded.add(one);
  return () => {
    guarded.delete(one);
    if (!guarded.size) {
      removeEventListener("beforeunload", onUnload);
      removeEventListener("popstate", onBack, true);
      removeEventListener("click", onClick, true);
    }
  };
}

/** Loads the page anew without asking: what is typed is kept over it. */
export function reload(): void {
  isAsked = false;
  location.reload();
}
