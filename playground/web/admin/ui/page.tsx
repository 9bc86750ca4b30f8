/** A page whose code is loaded when it is first shown. Where it cannot be, the page says so, and no other stands there. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { forgetTries, keepTrying, tryAgain } from "../../common/missing-code";

export function page<Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>,
): ComponentType<Props> {
  let found: ComponentType<Props> | undefined;
  return function Page(props: Props) {
    const [state, setState] = useState<"loading" | "there" | "missing">(found ? "there" : "loading");
    useEffect(() => {
      if (found) {
        return;
      }
      load().then(
        ({ default: component }) => {
          found = component;
          forgetTries();
          setState("there");
        },
        () => setState("missing"),
      );
    }, []);
    const Found = found;
    if (Found) {
      return <Found {...props} />;
    }
    return state === "missing" ? (
      <Missing />
    ) : (
      <p class="loading" role="status">
        Loading…
      </p>
    );
  };
}

function Missing() {
  const [said, say] = useState("It is tried again by itself.");
  useEffect(() => keepTrying(() => say("It is not tried by itself any more.")), []);
  const again = async () => {
    say("Trying…");
    if (!(await tryAgain())) {
      say("The service cannot be reached.");
    }
  };
  return (
    <>
      <div class="notice error" role="alert">
        <h1>This page could not be loaded</h1>
        <p>The network or the service is gone, or there is a new version. What you typed on other pages is kept.</p>
        <button type="button" onClick={() => void again()}>
          Try again
        </button>
      </div>
      <p class="dim small" role="status">
        {said}
      </p>
    </>
  );
}
