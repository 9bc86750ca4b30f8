/** Where bars stand in their pictures: parts of 100. What they stand for is the service's. */

/** Quantities have at most four places: as whole numbers of these they add up without rounding. */
const UNITS = 10_000;

const inUnits = (quantity: number): number => Math.round(quantity * UNITS);

/** What terms come to, before any cut. */
export const sumOf = (quantities: readonly number[]): number =>
  quantities.reduce((sum, quantity) => sum + inUnits(quantity), 0) / UNITS;

/** The parts of a whole beside each other, with a hair's breadth between them. */
export function partsOf(counts: readonly number[], gap = 0.3): { from: number; size: number }[] {
  const whole = counts.reduce((sum, count) => sum + count, 0);
  const shown = counts.filter(Boolean).length;
  const room = 100 - gap * Math.max(shown - 1, 0);
  let from = 0;
  return counts.map((count) => {
    const part = { from, size: whole ? (room * count) / whole : 0 };
    from += count ? part.size + gap : 0;
    return part;
  });
}

export interface Step {
  from: number;
  size: number;
  isNegative: boolean;
}

/** A waterfall: every term starts where the one before it ended. `zero` is where nothing is; `end` what it comes to. */
export function waterfallOf(quantities: readonly number[]): { steps: Step[]; zero: number; end: Step } {
  const levels = [0];
  for (const quantity of quantities) {
    levels.push(levels.at(-1)! + inUnits(quantity));
  }
  const lowest = Math.min(...levels);
  const extent = Math.max(...levels) - lowest || 1;
  const place = (level: number) => ((level - lowest) / extent) * 100;
  const step = (from: number, to: number): Step => ({
    from: place(Math.min(from, to)),
    size: (Math.abs(to - from) / extent) * 100,
    isNegative: to < from,
  });
  return {
    steps: quantities.map((_, index) => step(levels[index]!, levels[index + 1]!)),
    zero: place(0),
    end: step(0, levels.at(-1)!),
  };
}
