/** Starts a page: its code is loaded apart, so that something is there to say that it could not be. */

import { keepTrying, tryAgain } from "./missing-code";

export function start(load: () => Promise<unknown>): void {
  load().catch((error: unknown) => {
    console.info(error);
    sayMissing(document.getElementById("page")!);
  });
}

/** Says in this place that code is missing, with the way to try again; tries by itself too. */
export function sayMissing(place: HTMLElement): void {
  const title = document.createElement("h1");
  title.textContent = "This page could not be loaded";
  const reason = document.createElement("p");
  reason.textContent = "The network or the service is gone, or there is a new version of the page.";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Try again";
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  said.textContent = "It is tried again by itself.";
  button.addEventListener("click", async () => {
    said.textContent = "Trying…";
    if (!(await tryAgain())) {
      said.textContent = "The service cannot be reached.";
    }
  });
  const notice = document.createElement("div");
  notice.setAttribute("role", "alert");
  notice.className = "missing";
  notice.append(title, reason, button);
  place.replaceChildren(notice, said);
  keepTrying(() => (said.textContent = "It is not tried by itself any more."));
}
