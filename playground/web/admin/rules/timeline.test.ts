import { expect, test } from "vitest";
import { ticksOf, timelineOf } from "./timeline";

const NOW = Date.parse("2026-06-15T12:00:00Z");
const scope = { type: "GLOBAL" } as const;
const rule = (id: string, activeFrom: string | null, activeUntil: string | null, setting = "BACKORDERS") => ({
  id,
  scope,
  setting,
  activeFrom,
  activeUntil,
});

test("windows of one scope and setting share a row, later ones of another have their own", () => {
  const { rows } = timelineOf(
    [
      rule("later", "2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z"),
      rule("sooner", "2026-07-01T00:00:00Z", "2026-08-01T00:00:00Z"),
      rule("other", "2026-08-01T00:00:00Z", "2026-09-01T00:00:00Z", "MANAGE_STOCK"),
    ],
    NOW,
  );
  expect(rows.map(({ bars }) => bars.map((bar) => bar.rule.id))).toEqual([["sooner", "later"], ["other"]]);
  const [sooner, later] = rows[0]!.bars;
  expect(sooner!.lane).toBe(later!.lane);
  expect(sooner!.after).toBeCloseTo(later!.start - sooner!.end);
  expect(later!.before).toBeCloseTo(later!.start - sooner!.end);
});

test("windows that overlap stand in lanes of their own", () => {
  const { rows } = timelineOf(
    [rule("open", "2026-07-01T00:00:00Z", null), rule("closed", "2026-08-01T00:00:00Z", "2026-09-01T00:00:00Z")],
    NOW,
  );
  expect(rows[0]!.bars.map(({ lane }) => lane)).toEqual([0, 1]);
  expect(rows[0]!.lanes).toBe(2);
});

test("an open side runs to the edge, and now is within the picture", () => {
  const { rows, now } = timelineOf(
    [rule("ends", null, "2026-07-01T00:00:00Z"), rule("starts", "2026-08-01T00:00:00Z", null, "MANAGE_STOCK")],
    NOW,
  );
  expect(rows[0]!.bars[0]).toMatchObject({ start: 0, holdsNow: true });
  expect(rows[1]!.bars[0]).toMatchObject({ end: 1, holdsNow: false });
  expect(now).toBeGreaterThan(0);
  expect(now).toBeLessThan(rows[1]!.bars[0]!.start);
});

test("a short window is still seen in a picture of decades", () => {
  const { rows } = timelineOf([rule("short", "2090-11-27T00:00:00Z", "2090-11-27T01:00:00Z")], NOW);
  const { start, end } = rows[0]!.bars[0]!;
  expect(end - start).toBeGreaterThan(0.005);
});

test("the marks are few, in order and round, whatever the span", () => {
  for (const days of [0.1, 1, 3, 10, 30, 100, 400, 4_000, 40_000]) {
    const ticks = ticksOf(NOW, NOW + days * 86_400_000);
    expect(ticks.length).toBeLessThanOrEqual(4);
    expect(ticks.map(({ instant }) => instant)).toEqual(ticks.map(({ instant }) => instant).toSorted((a, b) => a - b));
    for (const { instant } of ticks) {
      expect(new Date(instant).getMinutes()).toBe(0);
      expect(instant).toBeGreaterThanOrEqual(NOW);
    }
  }
  expect(ticksOf(NOW, NOW + 400 * 86_400_000).map(({ label }) => label)).toContain("Jan 2027");
});
