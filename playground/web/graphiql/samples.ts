/** The sample queries of playground/queries: the first line of each says what it shows. */

export interface Sample {
  name: string;
  says: string;
  query: string;
}

const files = import.meta.glob<string>("../../queries/*.graphql", { query: "?raw", import: "default", eager: true });

export const samples: Sample[] = Object.entries(files).map(([path, query]) => ({
  name: path.replace(/^.*\/|\.graphql$/g, ""),
  says: query.slice(0, query.indexOf("\n")).replace(/^#\s*/, ""),
  query,
}));
