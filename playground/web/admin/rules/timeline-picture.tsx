/** The picture of what is scheduled. The table below it says the same in words. */

import { valueName } from "../words";
import type { ScheduledRule } from "./schedules-query";
import { timelineOf, type Bar } from "./timeline";

const AXIS = 26;
const TITLE = 24;
const LANE = 24;
const GAP = 12;
const MOST_ROWS = 40;
/** A bar that is as wide as this holds its value itself. */
const WIDE = 0.3;
/** A mark that stands further right has no room for its name. */
const LAST_NAME = 0.86;

const percent = (part: number) => `${(part * 100).toFixed(3)}%`;

export function Timeline({ rules, labels }: { rules: ScheduledRule[]; labels: Record<string, string> }) {
  const { rows, now, ticks } = timelineOf(rules, Date.now());
  const shown = rows.slice(0, MOST_ROWS);
  let height = AXIS;
  const tops = shown.map(({ lanes }) => {
    const top = height;
    height += TITLE + lanes * LANE + GAP;
    return top;
  });
  return (
    <figure class="timeline">
      <svg width="100%" height={height + 18} role="img" aria-label="What is scheduled; the table says the same.">
        <defs>
          <linearGradient id="fade-end">
            <stop offset="70%" stop-color="white" />
            <stop offset="100%" stop-color="black" />
          </linearGradient>
          <linearGradient id="fade-start">
            <stop offset="0%" stop-color="black" />
            <stop offset="30%" stop-color="white" />
          </linearGradient>
          {["start", "end"].map((side) => (
            <mask key={side} id={`mask-${side}`} maskContentUnits="objectBoundingBox">
              <rect width="1" height="1" fill={`url(#fade-${side})`} />
            </mask>
          ))}
        </defs>
        {ticks.map(({ at, label }) => (
          <g key={label} class="tick">
            <line x1={percent(at)} x2={percent(at)} y1={0} y2={height} />
            {at < LAST_NAME && (
              <text x={percent(at)} y={15} dx={5}>
                {label}
              </text>
            )}
          </g>
        ))}
        {shown.map(({ bars }, index) =>
          bars.map((bar) => <BarOf key={bar.rule.id} bar={bar} y={tops[index]! + TITLE + bar.lane * LANE} />),
        )}
        <g class="now">
          <line x1={percent(now)} x2={percent(now)} y1={AXIS - 6} y2={height} />
          <text x={percent(now)} y={height + 13} text-anchor="middle">
            now
          </text>
        </g>
        {shown.map(({ key, bars }, index) => (
          <text key={key} class="row-title" x={0} y={tops[index]! + 16}>
            {titleOf(bars[0]!.rule, labels)}
          </text>
        ))}
      </svg>
      {rows.length > shown.length && (
        <figcaption class="help">The first {MOST_ROWS} of {rows.length}; the table has all.</figcaption>
      )}
    </figure>
  );
}

function titleOf({ setting, scope }: ScheduledRule, labels: Record<string, string>): string {
  const place = [scope.sku, scope.source].filter(Boolean).join(" at ") || "global";
  return `${labels[setting] ?? setting}, ${place}`;
}

function BarOf({ bar, y }: { bar: Bar<ScheduledRule>; y: number }) {
  const { rule, start, end, holdsNow } = bar;
  const { left, width, side, isInside } = labelOf(bar);
  const mask = rule.activeUntil === null ? "url(#mask-end)" : rule.activeFrom === null ? "url(#mask-start)" : undefined;
  return (
    <g class={`bar ${holdsNow ? "holds" : ""}`}>
      <rect x={percent(start)} width={percent(end - start)} y={y} height={LANE - 4} rx={4} mask={mask} />
      <svg x={percent(left)} width={percent(width)} y={y} height={LANE - 4}>
        <text
          class={isInside ? "inside" : ""}
          x={side === "left" ? "0%" : "100%"}
          dx={side === "left" ? 6 : -6}
          y={15}
          text-anchor={side === "left" ? "start" : "end"}
        >
          {rule.value === null ? "no rule then" : valueName(rule.value)}
        </text>
      </svg>
    </g>
  );
}

/** Where the value of a bar is written: in it, away from an edge that fades, or beside it where there is more room. */
function labelOf({ rule, start, end, before, after }: Bar<ScheduledRule>) {
  const width = end - start;
  if (width >= WIDE || width >= Math.max(before, after)) {
    return { left: start, width, side: rule.activeFrom === null ? "right" : "left", isInside: true };
  }
  return after >= before
    ? { left: end, width: after, side: "left", isInside: false }
    : { left: start - before, width: before, side: "right", isInside: false };
}
