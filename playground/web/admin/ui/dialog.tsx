/**
 * A question in front of the page: the browser's own dialog keeps the focus inside, and Escape closes it. What was typed
 * into it goes with it, so whoever closes it, or leaves the page, is asked first.
 */

import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { guard, QUESTION } from "../../common/leaving";
import { InDialog } from "./sign-in-end";

export function Dialog({
  title,
  isKept = false,
  onClose,
  children,
}: {
  title: string;
  /** What is typed into it is there again when it is opened again. */
  isKept?: boolean;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const isUnsent = useTyped(dialog, isKept);
  const isLeft = useRef(false);
  const mayClose = () => (isLeft.current ||= !isUnsent() || confirm(QUESTION));
  useEffect(() => {
    dialog.current?.showModal();
    return guard(isUnsent, { isKept });
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => mayClose() || event.preventDefault()}
      onClose={() => (mayClose() ? onClose() : dialog.current?.showModal())}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="quiet" onClick={() => mayClose() && dialog.current?.close()}>
          Close
        </button>
      </header>
      <InDialog.Provider value={true}>{children}</InDialog.Provider>
    </dialog>
  );
}

/** Whether what stands in the inputs is another thing than when somebody first came to them. */
function useTyped(dialog: RefObject<HTMLDialogElement | null>, isKept: boolean): () => boolean {
  const before = useRef<string | undefined>(undefined);
  const isTyped = useRef(false);
  useEffect(() => {
    const remember = () => (before.current ??= standing(dialog.current));
    const note = () => (isTyped.current ||= before.current === undefined);
    const comings = ["focusin", "pointerdown", "keydown"] as const;
    comings.forEach((name) => dialog.current?.addEventListener(name, remember, true));
    dialog.current?.addEventListener("input", note, true);
  }, []);
  return () => !isKept && (isTyped.current || (before.current ?? standing(dialog.current)) !== standing(dialog.current));
}

/** What stands in the inputs of a dialog; undefined where there are none yet. */
function standing(dialog: HTMLDialogElement | null): string | undefined {
  const inputs = [...(dialog?.querySelectorAll<HTMLInputElement | HTMLSelectElement>("form :is(input, select)") ?? [])];
  const values = inputs.map((each) => (each instanceof HTMLInputElement && each.type === "checkbox" ? each.checked : each.value));
  return inputs.length ? JSON.stringify(values) : undefined;
}
