/** Whether the token of who is signed in is no more, for all that is shown then. */

import { createContext } from "preact";

export interface SignInEnd {
  isOver: boolean;
  signInAgain: () => void;
}

export const SignInEnd = createContext<SignInEnd>({ isOver: false, signInAgain: () => undefined });

/** Whether something stands in a dialog, which hides the page behind it. */
export const InDialog = createContext(false);
