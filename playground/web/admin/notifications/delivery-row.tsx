/** One delivery: what goes to whom, how that goes, trying it again, and taking a dead one off the list. */

import { instantName } from "../words";
import { attemptsName, canRetry, isAhead, subjectAddress, subjectName } from "./delivery";
import type { Delivery } from "./delivery-list";
import { CHANNELS, EVENTS, STATES } from "./words";

export function DeliveryRow({
  delivery,
  isBusy,
  onRetry,
  onDismiss,
}: {
  delivery: Delivery;
  isBusy: boolean;
  onRetry: () => void;
  onDismiss: () => void;
}) {
  const { event, subject, channel, target, createdAt, error, state } = delivery;
  const named = `${EVENTS[event]} ${subjectName(event, subject)} to ${target}`;
  return (
    <tr class="delivery">
      <th scope="row">
        {EVENTS[event]}{" "}
        <a class="whole" href={subjectAddress(event, subject)}>
          {subjectName(event, subject)}
        </a>
        <p class="note">to {target}</p>
        <p class="dim small note">
          {CHANNELS[channel]}, {instantName(createdAt)}
        </p>
      </th>
      <td>
        <StateOf delivery={delivery} />
        {error !== null && <p class="note">{error}</p>}
        {canRetry(delivery) && (
          <p class="buttons">
            <button
              type="button"
              class="quiet"
              aria-label={`Retry ${named}`}
              aria-disabled={isBusy}
              onClick={() => isBusy || onRetry()}
            >
              Retry
            </button>
            {state === "DEAD" && (
              <button
                type="button"
                class="quiet"
                aria-label={`Dismiss ${named}`}
                aria-disabled={isBusy}
                onClick={() => isBusy || onDismiss()}
              >
                Dismiss
              </button>
            )}
          </p>
        )}
      </td>
    </tr>
  );
}

const BADGES = { PENDING: "info", DELIVERED: "good", DEAD: "bad" } as const;

function StateOf({ delivery: { state, attempts, nextAttemptAt, deliveredAt } }: { delivery: Delivery }) {
  const isWaiting = isAhead(nextAttemptAt, Date.now());
  return (
    <>
      <span class={`badge ${BADGES[state]}`}>{STATES[state]}</span>
      {deliveredAt && <p class="small note">{instantName(deliveredAt)}</p>}
      {attempts > 0 && <p class="small note">{attemptsName(attempts)}</p>}
      {nextAttemptAt && (
        <p class="small note">{isWaiting ? `Next attempt ${instantName(nextAttemptAt)}` : "Due now"}</p>
      )}
    </>
  );
}
