/** What a change came to, said above the list that it changed; the focus goes there. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Notice } from "../ui/notice";

export interface News {
  kind: "success" | "error";
  title: string;
}

export function useNews() {
  const [news, tell] = useState<News>();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(), [news]);
  return {
    tell,
    shown: news && (
      <div ref={place} tabIndex={-1}>
        <Notice {...news} />
      </div>
    ),
  };
}
