/** Who is signed in. The token stays in this tab and goes with its closing. */

import { Provider } from "@urql/preact";
import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import { graphql, type ResultOf } from "../common/graphql";
import { token as held } from "../common/token";
import { clientOf } from "./api";
import { TextField } from "./ui/field";
import { Notice } from "./ui/notice";

const VIEWER = graphql(`
  query Viewer {
    viewer {
      name
      role
    }
  }
`);

type Viewer = ResultOf<typeof VIEWER>["viewer"];

interface Session {
  viewer: Viewer;
  signOut: () => void;
}

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
  const [token, setToken] = useState(held.read());
  const [viewer, setViewer] = useState<Viewer>();
  const [problem, setProblem] = useState<string>();
  const client = useMemo(() => clientOf(token), [token]);

  useEffect(() => {
    if (!token) {
      return;
    }
    let isCurrent = true;
    client
      .query(VIEWER, {})
      .toPromise()
      .then(({ data, error }) => {
        if (!isCurrent) {
          return;
        }
        if (data && data.viewer.role !== "SHOPPER") {
          held.write(token);
          setViewer(data.viewer);
          return;
        }
        held.write("");
        setToken("");
        setProblem(
          error?.networkError ? "The service cannot be reached; try again." : "This token is not valid; check it.",
        );
      });
    return () => {
      isCurrent = false;
    };
  }, [client, token]);

  if (viewer) {
    const signOut = () => {
      held.write("");
      setToken("");
      setViewer(undefined);
    };
    return (
      <SessionContext.Provider value={{ viewer, signOut }}>
        <Provider value={client}>{children}</Provider>
      </SessionContext.Provider>
    );
  }
  return token ? (
    <p class="loading" role="status">
      Signing in…
    </p>
  ) : (
    <SignIn
      problem={problem}
      onToken={(given) => {
        setProblem(undefined);
        setToken(given);
      }}
    />
  );
}

function SignIn({ problem, onToken }: { problem: string | undefined; onToken: (token: string) => void }) {
  const [token, setToken] = useState("");
  return (
    <main class="sign-in">
      <h1>salable</h1>
      {problem && <Notice kind="error" title={problem} />}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onToken(token.trim());
        }}
      >
        <TextField
          label="Token"
          help="make run prints one; salable token create makes more. It is kept in this tab only."
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
    </main>
  );
}
