/**
 * The caller's token: one sign-in for all tabs of a browser, until it closes or somebody signs out.
 *
 * Each tab holds the token in its own session storage, which ends with the browser. A new tab asks the others for it, over
 * a channel that only pages of this origin hear. Local storage, which outlives the browser, holds no more than a mark that
 * changes with every sign-out: a tab that slept through one sees it when it wakes.
 */

const TOKEN = "salable.token";
const SIGN_OUTS = "salable.sign-outs";
/** All that a signed-in tab keeps has a name that begins so. */
const OURS = "salable.";

type Message = { kind: "ask" } | { kind: "token"; token: string };

const tabs = new BroadcastChannel("salable.tabs");

const mark = (): string => localStorage.getItem(SIGN_OUTS) ?? "";

function forget(): void {
  for (const key of Object.keys(sessionStorage).filter((each) => each.startsWith(OURS))) {
    sessionStorage.removeItem(key);
  }
  sessionStorage.setItem(SIGN_OUTS, mark());
}

export const token = {
  /** The token of this tab; "" for none, and for one from before the last sign-out. */
  read(): string {
    if ((sessionStorage.getItem(SIGN_OUTS) ?? "") !== mark()) {
      forget();
    }
    return sessionStorage.getItem(TOKEN) ?? "";
  },

  /** Holds a token that another tab has told. */
  take(token: string): void {
    sessionStorage.setItem(TOKEN, token);
    sessionStorage.setItem(SIGN_OUTS, mark());
  },

  /** Holds a token that is valid, and tells it to tabs that have none. */
  write(token: string): void {
    this.take(token);
    tabs.postMessage({ kind: "token", token } satisfies Message);
  },

  /** Forgets a token that is not valid any more, in this tab alone: the others hear it from the service. */
  drop: (): void => sessionStorage.removeItem(TOKEN),

  /** Signs out in all tabs, and forgets all that this one keeps. */
  signOut(): void {
    localStorage.setItem(SIGN_OUTS, String(crypto.getRandomValues(new Uint32Array(2))));
    forget();
  },

  /** Asks the other tabs for theirs. */
  ask: (): void => tabs.postMessage({ kind: "ask" } satisfies Message),
};

/** Answers other tabs that ask, and hears of their tokens and of a sign-out; returns how to stop. */
export function joinTabs(onToken: (token: string) => void, onSignOut: () => void): () => void {
  const hear = ({ data }: MessageEvent<Message>) => {
    if (data.kind === "token") {
      onToken(data.token);
    } else if (token.read()) {
      tabs.postMessage({ kind: "token", token: token.read() } satisfies Message);
    }
  };
  const see = ({ key }: StorageEvent) => {
    if (key === SIGN_OUTS || key === null) {
      forget();
      onSignOut();
    }
  };
  tabs.addEventListener("message", hear);
  addEventListener("storage", see);
  return () => {
    tabs.removeEventListener("message", hear);
    removeEventListener("storage", see);
  };
}
