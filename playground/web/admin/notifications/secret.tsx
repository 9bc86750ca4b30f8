/**
 * A secret that was just made. It stands in the page, not in a dialog: a stray Escape does not take away what is shown
 * once.
 */

import { useId, useRef, useState } from "preact/hooks";
import { Notice } from "../ui/notice";

export interface Made {
  code: string;
  secret: string;
}

export function Secret({ made: { code, secret }, onHide }: { made: Made; onHide: () => void }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [said, say] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      say("Copied.");
    } catch {
      // Not allowed, or not there, as without HTTPS.
      input.current?.select();
      say("Your browser does not let this page copy. It is selected: press Ctrl+C or ⌘C.");
    }
  };
  return (
    <section class="sheet secret" aria-label={`Secret of endpoint ${code}`}>
      <h2>Secret of endpoint {code}</h2>
      <Notice kind="warning" title="Copy it now: it is not shown again.">
        <p>Who receives the messages checks their signature with it. Lost, it is replaced by “New secret”.</p>
      </Notice>
      <label for={id}>Secret</label>
      <div class="row middle">
        <input id={id} ref={input} type="text" readOnly value={secret} onFocus={() => input.current?.select()} />
        <button type="button" class="primary" onClick={() => void copy()}>
          Copy
        </button>
        <button type="button" onClick={onHide}>
          I have it: hide it
        </button>
      </div>
      <p class="small" role="status">
        {said}
      </p>
    </section>
  );
}
