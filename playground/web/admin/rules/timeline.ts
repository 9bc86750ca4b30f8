/** Where the windows of rules stand on a line of time: all places are parts of its width, 0 to 1. */

import type { ScopeLike } from "../words";
import { scopeName } from "../words";

export interface Windowed {
  id: string;
  scope: ScopeLike;
  setting: string;
  activeFrom: string | null;
  activeUntil: string | null;
}

export interface Bar<Rule> {
  rule: Rule;
  start: number;
  end: number;
  /** What is free on its lane before it and behind it. */
  before: number;
  after: number;
  lane: number;
  holdsNow: boolean;
}

export interface Row<Rule> {
  key: string;
  bars: Bar<Rule>[];
  lanes: number;
}

export interface Timeline<Rule> {
  rows: Row<Rule>[];
  now: number;
  ticks: { at: number; label: string }[];
}

const HOUR = 3_600_000;
/** What is left free at an edge, as a part of the span; more where bars run over it. */
const MARGIN = 0.08;
const OPEN_MARGIN = 0.25;
/** A window of an hour in a picture of years is still seen. */
const THINNEST = 0.008;

/** One row for each scope and setting, in the order of the earliest start. */
export function timelineOf<Rule extends Windowed>(rules: Rule[], now: number): Timeline<Rule> {
  const edges = rules.flatMap(({ activeFrom, activeUntil }) => [activeFrom, activeUntil]);
  const instants = [now, ...edges.filter((edge) => edge !== null).map((edge) => Date.parse(edge))];
  const first = instants.reduce((least, each) => Math.min(least, each));
  const last = instants.reduce((most, each) => Math.max(most, each));
  const margin = (isOpen: boolean) => Math.max((last - first) * (isOpen ? OPEN_MARGIN : MARGIN), HOUR);
  const from = first - margin(rules.some(({ activeFrom }) => activeFrom === null));
  const until = last + margin(rules.some(({ activeUntil }) => activeUntil === null));
  const place = (instant: number) => (instant - from) / (until - from);

  const rows = new Map<string, Omit<Bar<Rule>, "lane" | "before" | "after">[]>();
  const starts = (rule: Rule) => (rule.activeFrom ? Date.parse(rule.activeFrom) : from);
  for (const rule of [...rules].sort((one, other) => starts(one) - starts(other))) {
    const key = `${rule.setting} ${scopeName(rule.scope)}`;
    const start = place(starts(rule));
    const ends = rule.activeUntil ? Date.parse(rule.activeUntil) : until;
    const end = Math.max(place(ends), start + THINNEST);
    const holdsNow = starts(rule) <= now && now < ends;
    rows.set(key, [...(rows.get(key) ?? []), { rule, start, end, holdsNow }]);
  }
  return {
    rows: [...rows].map(([key, bars]) => ({ key, ...inLanes(bars) })),
    now: place(now),
    ticks: ticksOf(from, until).map(({ instant, label }) => ({ at: place(instant), label })),
  };
}

/** Bars in the first lane where nothing stands in their way. */
function inLanes<Rule>(bars: Omit<Bar<Rule>, "lane" | "before" | "after">[]): { bars: Bar<Rule>[]; lanes: number } {
  const ends: number[] = [];
  const placed = bars.map((bar) => {
    const free = ends.findIndex((end) => end <= bar.start);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = bar.end;
    return { ...bar, lane };
  });
  const spaced = placed.map((bar) => {
    const beside = placed.filter((other) => other.lane === bar.lane && other !== bar);
    const starts = beside.map(({ start }) => start).filter((start) => start >= bar.end);
    const stops = beside.map(({ end }) => end).filter((end) => end <= bar.start);
    return { ...bar, before: bar.start - Math.max(0, ...stops), after: Math.max(Math.min(1, ...starts) - bar.end, 0) };
  });
  return { bars: spaced, lanes: ends.length };
}

const DAY = { day: "numeric", month: "short" } as const;
const HOUR_OF_DAY = { ...DAY, hour: "2-digit", minute: "2-digit" } as const;
const MONTH = { month: "short", year: "numeric" } as const;
const YEAR = { year: "numeric" } as const;
const STEPS = [
  ...[1, 3, 6, 12].map((hours) => ({ hours, days: 0, months: 0, name: HOUR_OF_DAY })),
  ...[1, 2, 7, 14].map((days) => ({ hours: 0, days, months: 0, name: DAY })),
  ...[1, 3, 6].map((months) => ({ hours: 0, days: 0, months, name: MONTH })),
  ...[1, 2, 5, 10, 50, 500].map((years) => ({ hours: 0, days: 0, months: years * 12, name: YEAR })),
];
const MOST_TICKS = 4;

/** Round instants of the reader's own zone: hours, days, months or years, as few as can be told apart on a phone. */
export function ticksOf(from: number, until: number): { instant: number; label: string }[] {
  for (const { hours, days, months, name } of STEPS) {
    const found = [];
    const at = roundDown(new Date(from), hours, months);
    while (at.getTime() <= until && found.length <= MOST_TICKS) {
      if (at.getTime() >= from) {
        found.push({ instant: at.getTime(), label: at.toLocaleString("en-GB", name) });
      }
      at.setMonth(at.getMonth() + months, at.getDate() + days);
      at.setHours(at.getHours() + hours);
    }
    if (found.length <= MOST_TICKS) {
      return found;
    }
  }
  return [];
}

function roundDown(at: Date, hours: number, months: number): Date {
  at.setHours(hours ? Math.floor(at.getHours() / hours) * hours : 0, 0, 0, 0);
  if (months) {
    const month = at.getFullYear() * 12 + at.getMonth();
    at.setFullYear(0, Math.floor(month / months) * months, 1);
  }
  return at;
}
