/** What GraphiQL's editors lack for those who do not see them: a name, and a way to scroll by keyboard. */

export function nameEditors(root: HTMLElement): () => void {
  const name = () => {
    for (const editor of root.querySelectorAll<HTMLElement>(".CodeMirror")) {
      const input = editor.querySelector("textarea");
      const region = editor.closest("section[aria-label]")?.getAttribute("aria-label");
      if (input && !input.hasAttribute("aria-label")) {
        input.setAttribute("aria-label", region ?? "Editor");
      }
      editor.querySelector(".CodeMirror-scroll")?.setAttribute("tabindex", "0");
    }
  };
  const observer = new MutationObserver(name);
  observer.observe(root, { childList: true, subtree: true });
  return () => observer.disconnect();
}
