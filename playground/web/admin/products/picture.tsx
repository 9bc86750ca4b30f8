/**
 * The catalogue by availability: one bar, and a legend that says the same in words and sets the filter.
 *
 * Counting reads the whole catalogue once for each part, so a large one is counted only where somebody asks for it.
 */

import { useState } from "preact/hooks";
import type { ResultOf } from "../../common/graphql";
import { useAsk } from "../api";
import { Answer } from "../ui/answer";
import { AVAILABILITY } from "../words";
import { partsOf } from "./bars";
import type { Availability } from "./filter";
import { BY_AVAILABILITY, TOTAL } from "./queries";

const LARGE = 10_000;
const SECONDS_PER_PRODUCT = 16 / 100_000;
const STATES = Object.keys(AVAILABILITY) as Availability[];

interface Given {
  /** "" is the default sales channel. */
  channel: string;
  chosen: Availability | "";
  onChoose: (availability: Availability | "") => void;
}

/** Asks nothing before it `isAllowed` to: the grid goes first. */
export function Picture({ isAllowed, ...given }: Given & { isAllowed: boolean }) {
  const total = useAsk(TOTAL, {}, !isAllowed);
  return (
    <section class="sheet picture" aria-labelledby="by-availability">
      <h2 id="by-availability">The catalogue by availability</h2>
      <Answer of={total}>
        {({ products: { totalCount } }) =>
          totalCount === 0 ? <p class="dim">There are no products yet.</p> : <Counted {...given} total={totalCount} />
        }
      </Answer>
    </section>
  );
}

function Counted({ channel, total, ...given }: Given & { total: number }) {
  const [wanted, setWanted] = useState<string>();
  const isAsked = total <= LARGE || wanted === channel;
  const counts = useAsk(BY_AVAILABILITY, { channel: channel || null }, !isAsked);
  if (!isAsked) {
    const seconds = Math.ceil(total * SECONDS_PER_PRODUCT);
    return (
      <div class="row middle">
        <button type="button" onClick={() => setWanted(channel)}>
          Count {total.toLocaleString("en")} products
        </button>
        <span class="small dim">The service looks at each of them: this takes about {seconds} seconds.</span>
      </div>
    );
  }
  return <Answer of={counts}>{(data) => <Bar {...given} counts={data} />}</Answer>;
}

function Bar({ counts, chosen, onChoose }: Omit<Given, "channel"> & { counts: ResultOf<typeof BY_AVAILABILITY> }) {
  const parts = partsOf(STATES.map((state) => counts[state].totalCount));
  return (
    <>
      <svg class="stack" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        {parts.map(({ from, size }, index) => (
          <rect key={STATES[index]} class={STATES[index]} x={from} y={0} width={size} height={4} />
        ))}
      </svg>
      <ul class="legend">
        {STATES.map((state) => (
          <li key={state}>
            <button
              type="button"
              aria-pressed={state === chosen}
              onClick={() => onChoose(state === chosen ? "" : state)}
            >
              <span class={`swatch ${state}`} aria-hidden="true" />
              {AVAILABILITY[state]} <strong>{counts[state].totalCount.toLocaleString("en")}</strong>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
