/** Mail addresses, as they are typed and as the API takes them. */

export interface Recipients {
  /** null: the default, of all sources that have no addresses of their own. */
  source: string | null;
  emails: string[];
}

export interface Line {
  id: number;
  email: string;
}

let lastId = 0;

export const lineOf = (email: string): Line => ({ id: ++lastId, email });

/** The lines to send, without those that are empty. */
export const filled = (lines: Line[]): Line[] =>
  lines.map(({ id, email }) => ({ id, email: email.trim() })).filter(({ email }) => email);

/** What is wrong by line, from what is wrong by path ("emails.1") with the lines that were sent. */
export function wrongLines(at: Record<string, string>, sent: Line[]): Record<number, string> {
  const places = sent.map(({ id }, place) => [id, at[`emails.${place}`]] as const);
  return Object.fromEntries(places.filter((entry): entry is readonly [number, string] => entry[1] !== undefined));
}

/** What keeps a source from getting addresses of its own here; sending them would replace those that it has. */
export function sourceError(source: string, known: Recipients[]): string | undefined {
  if (!source) {
    return "Which source?";
  }
  return known.some((each) => each.source === source)
    ? `Source ${source} has addresses of its own already: change those.`
    : undefined;
}

/** Who hears of a source once it has no addresses of its own. */
export function withoutOwn(source: string, known: Recipients[]): string {
  const emails = known.find((each) => each.source === null)?.emails ?? [];
  return emails.length
    ? `Source ${source} will use the default addresses: ${emails.join(", ")}.`
    : `There are no default addresses either: nobody will be told of source ${source} by mail.`;
}
