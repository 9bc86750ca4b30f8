/** Who is signed in: once for all tabs of the browser, and until somebody signs out or the service knows the token no more. */

import { Provider } from "@urql/preact";
import { createContext, type ComponentChildren } from "preact";
import { useCallback, useContext, useEffect, useRef, useState } from "preact/hooks";
import { graphql, type ResultOf } from "../common/graphql";
import { joinTabs, token as held } from "../common/token";
import { clientOf, problemOf, type Problem } from "./api";
import { SignIn, SignInDialog, Waiting } from "./sign-in";
import { clearDrafts, keepDraftsOf } from "./ui/kept";
import { SignInEnd } from "./ui/sign-in-end";

const VIEWER = graphql(`
  query Viewer {
    viewer {
      name
      role
    }
  }
`);

type Viewer = ResultOf<typeof VIEWER>["viewer"];

interface Session extends Pick<SignInEnd, "isOver"> {
  viewer: Viewer;
  signOut: () => void;
}

interface SignedInAs {
  viewer: Viewer;
  token: string;
  client: ReturnType<typeof clientOf>;
}

/** How long another tab may take to give its token to a new one. */
const ANSWER_MS = 300;
/** What a token that is no more is answered with where the service has another reason to refuse, too. */
const DOUBTFUL = ["FORBIDDEN", "TOO_MANY"];

const SessionContext = createContext<Session | null>(null);

/** The session of whoever is signed in. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) {
    throw new Error("nobody is signed in");
  }
  return session;
}

/** Shows the page to whom has a token of the role orders or admin, and asks everybody else for one. */
export function SignedIn({ children }: { children: ComponentChildren }) {
  const { signedIn, isOver, checked, problem, said, isAskingTabs, check, forget, signOut } = useSignIn();
  const [isAskedAgain, askAgain] = useState(false);
  useEffect(() => askAgain(false), [signedIn]);
  const form = { said: problem && checked?.isTyped ? problem.message : said, onToken: (token: string) => check(token, true) };
  if (signedIn) {
    const { viewer, client } = signedIn;
    return (
      <SessionContext.Provider value={{ viewer, isOver, signOut }}>
        <SignInEnd.Provider value={{ isOver, signInAgain: () => askAgain(true) }}>
          <Provider value={client} key={viewer.name}>
            {children}
          </Provider>
        </SignInEnd.Provider>
        {isAskedAgain && <SignInDialog {...form} onClose={() => askAgain(false)} />}
      </SessionContext.Provider>
    );
  }
  if (checked && problem) {
    return <Waiting problem={problem} {...checked} again={() => void check(checked.token, false)} onOther={forget} />;
  }
  return checked || isAskingTabs ? (
    <p class="loading" role="status">
      Signing in…
    </p>
  ) : (
    <SignIn {...form} />
  );
}

function useSignIn() {
  const [signedIn, setSignedIn] = useState<SignedInAs>();
  const [over, setOver] = useState(""); // the token of which the service said that it is no more
  const [checked, setChecked] = useState<{ token: string; isTyped: boolean }>();
  const [problem, setProblem] = useState<Problem>();
  const [said, say] = useState<string>();
  const [isAskingTabs, setAskingTabs] = useState(false);
  const refused = useRef(new Set<string>());
  const turn = useRef(0); // what was asked before somebody signed out, or typed another token, is not waited for

  const askTabs = () => {
    setAskingTabs(true);
    setTimeout(() => setAskingTabs(false), ANSWER_MS);
    held.ask();
  };

  const check = useCallback(async (token: string, isTyped: boolean) => {
    const mine = ++turn.current;
    setChecked({ token, isTyped });
    if (isTyped) {
      setProblem(undefined); // else what was said stays till there is an answer
    }
    say(undefined);
    const { data, error } = await clientOf(token).query(VIEWER, {}).toPromise();
    if (mine !== turn.current) {
      return;
    }
    const failure = error && problemOf(error);
    if (failure && failure.code !== "UNAUTHENTICATED") {
      setProblem(failure); // says nothing of the token: it stays
      return;
    }
    setChecked(undefined);
    setProblem(undefined);
    if (!data || data.viewer.role === "SHOPPER") {
      refused.current.add(token);
      say(isTyped ? "This token is not valid; check it." : failure?.message);
      if (held.read() === token) {
        held.drop();
        askTabs(); // one that has signed in since has another one
      }
      return;
    }
    held.write(token);
    keepDraftsOf(data.viewer.name ?? data.viewer.role);
    setSignedIn({ token, viewer: data.viewer, client: clientOf(token, (found) => void doubt(token, found)) });
  }, []);

  /** Whether the token is behind what the service refused. */
  const doubt = async (token: string, { code }: Problem) => {
    if (code === "UNAUTHENTICATED") {
      setOver(token);
    } else if (DOUBTFUL.includes(code)) {
      const { error } = await clientOf(token).query(VIEWER, {}).toPromise();
      if (error && problemOf(error).code === "UNAUTHENTICATED") {
        setOver(token);
      }
    }
  };

  const forget = useCallback(() => {
    ++turn.current;
    held.drop();
    setChecked(undefined);
    setProblem(undefined);
    say(undefined);
  }, []);

  const leave = useCallback(() => {
    forget();
    clearDrafts();
    setSignedIn(undefined);
  }, []);

  const isOver = signedIn !== undefined && signedIn.token === over;
  const now = useRef({ isWanting: true });
  now.current.isWanting = isOver || (!signedIn && !checked);
  useEffect(() => {
    const kept = held.read();
    if (kept) {
      void check(kept, false);
    } else {
      askTabs();
    }
    return joinTabs(
      (token) => now.current.isWanting && !refused.current.has(token) && void check(token, false),
      leave,
    );
  }, []);

  const signOut = useCallback(() => {
    held.signOut();
    leave();
  }, []);
  return { signedIn, isOver, checked, problem, said, isAskingTabs, check, forget, signOut };
}
