/** Asking for a token: on a page of its own, or in front of what was typed. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "./api";
import { TextField } from "./ui/field";
import { Notice } from "./ui/notice";

interface Given {
  /** Why it is asked for. */
  said: string | undefined;
  onToken: (token: string) => void;
}

export function SignIn(given: Given) {
  return (
    <main class="sign-in">
      <h1>salable</h1>
      <TokenForm {...given} />
    </main>
  );
}

export function SignInDialog({ onClose, ...given }: Given & { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-label="Sign in again" onClose={onClose}>
      <header>
        <h2>Sign in again</h2>
        <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      <TokenForm {...given} />
    </dialog>
  );
}

function TokenForm({ said, onToken }: Given) {
  const [token, setToken] = useState("");
  return (
    <>
      {said && <Notice kind="error" title={said} />}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onToken(token.trim());
        }}
      >
        <TextField
          label="Token"
          help="make run prints one; salable token create makes more. It is kept for the tabs of this browser until you sign out or close it."
          type="password"
          autoComplete="off"
          required
          value={token}
          onValue={setToken}
        />
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
    </>
  );
}

const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000, 30_000];

/** The service has not said who this is: it is asked again, by itself too, and nobody is signed out by that. */
export function Waiting({
  problem,
  isTyped,
  again,
  onOther,
}: {
  problem: Problem;
  /** It was just typed, and has never been valid. */
  isTyped: boolean;
  again: () => void;
  onOther: () => void;
}) {
  useEffect(() => {
    const timer = tries < PAUSES_MS.length ? setTimeout(again, PAUSES_MS[tries++]) : undefined;
    addEventListener("online", again);
    return () => {
      clearTimeout(timer);
      removeEventListener("online", again);
    };
  }, [problem]); // another one for each answer that failed
  return (
    <main class="sign-in">
      <h1>salable</h1>
      <Notice kind="error" title={problem.message}>
        <p>{isTyped ? "Your token is kept" : "You are still signed in"}: the page comes once the service answers.</p>
        <button type="button" onClick={again}>
          Try again
        </button>{" "}
        <button type="button" onClick={onOther}>
          Use another token
        </button>
      </Notice>
    </main>
  );
}

/** How often it was asked by itself since the page was loaded. */
let tries = 0;
