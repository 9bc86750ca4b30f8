import { expect, test } from "vitest";
import { BLANK, afterSaving, byField, changesOf, conflictsOf, linesOf } from "./draft";
import { settingsOf, settled, shownIn, windowError, withTyped, withoutStanding } from "./draft";
import type { Setting, StandingRule } from "./questions";

const threshold = (own: number | null, rules: Partial<StandingRule>[] = []) => {
  const standing = rules.map((rule, index) => ({
    id: String(index),
    setting: "OUT_OF_STOCK_THRESHOLD" as const,
    value: null,
    activeFrom: null,
    activeUntil: null,
    ...rule,
  }));
  const ruling = standing.find(({ value }) => value === own && own !== null) ?? null;
  const setting: Setting = {
    definition: {
      key: "OUT_OF_STOCK_THRESHOLD",
      label: "Out-of-Stock Threshold",
      help: "",
      type: "QUANTITY",
      minimum: null,
      exclusiveMinimum: false,
    },
    ownValue: own,
    inheritedValue: 0,
    inheritedFrom: { type: "DEFAULT", source: null, sku: null },
    inheritedBySource: [],
    rule: ruling,
  };
  return linesOf([setting], standing)[0]!;
};

const typed = (text: string) => ({ isInherited: false, text });

test("what is typed is a change until it is what stands", () => {
  const line = threshold(-20, [{ value: -20 }]);
  const draft = withTyped(BLANK, line, typed("-50"));
  expect(settingsOf(changesOf([line], draft).changes)).toEqual({ outOfStockThreshold: -50 });
  expect(withTyped(draft, line, typed("-20")).typed).toEqual({});
  expect(changesOf([line], withTyped(draft, line, typed("-20.0"))).changes).toEqual([]);
});

test("giving up a rule is a change to nothing, and shows what is inherited", () => {
  const line = threshold(-20, [{ value: -20 }]);
  const draft = withTyped(BLANK, line, { isInherited: true, text: "-20" });
  expect(settingsOf(changesOf([line], draft).changes)).toEqual({ outOfStockThreshold: null });
  expect(shownIn(line, draft)).toEqual({ isInherited: true, text: "0" });
});

test("a rule that says what is inherited is a change where there was none", () => {
  const line = threshold(null);
  const draft = withTyped(BLANK, line, typed("0"));
  expect(settingsOf(changesOf([line], draft).changes)).toEqual({ outOfStockThreshold: 0 });
});

test("what is no quantity, or out of bounds, is said and not sent", () => {
  const line = threshold(null);
  const bounded = { ...line, definition: { ...line.definition, minimum: 0, exclusiveMinimum: true } };
  for (const [each, text] of [
    [line, "fifty"],
    [line, ""],
    [bounded, "0"],
    [bounded, "-1"],
  ] as const) {
    const { changes, errors } = changesOf([each], withTyped(BLANK, each, typed(text)));
    expect(changes).toEqual([]);
    expect(errors.OUT_OF_STOCK_THRESHOLD).toBeTruthy();
  }
});

test("only what somebody else has changed too, and otherwise, is a conflict", () => {
  const before = threshold(-20, [{ value: -20 }]);
  const draft = withTyped(BLANK, before, typed("-50"));
  const after = threshold(-30, [{ value: -30 }]);
  expect(conflictsOf([before], draft)).toEqual([]);
  expect(conflictsOf([after], draft)).toEqual([after]);
  expect(conflictsOf([threshold(-50, [{ value: -50 }])], draft)).toEqual([]);
  expect(conflictsOf([threshold(null)], draft)).toHaveLength(1);
});

test("a settled conflict keeps mine over theirs, or lets theirs stand", () => {
  const draft = withTyped(BLANK, threshold(-20, [{ value: -20 }]), typed("-50"));
  const line = threshold(-30, [{ value: -30 }]);
  const mine = settled(draft, line, "mine");
  expect(conflictsOf([line], mine)).toEqual([]);
  expect(settingsOf(changesOf([line], mine).changes)).toEqual({ outOfStockThreshold: -50 });
  expect(changesOf([line], settled(draft, line, "theirs")).changes).toEqual([]);
});

test("whoever types on while a save is read again starts from what was saved", () => {
  const before = threshold(-20, [{ value: -20 }]);
  const draft = { ...withTyped(BLANK, before, typed("-50")), reason: "Summer" };
  const saved = afterSaving(draft, changesOf([before], draft).changes);
  expect(saved.reason).toBe("");
  const after = threshold(-50, [{ value: -50 }]);
  expect(conflictsOf([after], saved)).toEqual([]);
  expect(withoutStanding(saved, [after]).typed).toEqual({});
  const undone = threshold(null); // by the time that it is read again
  expect(withoutStanding(saved, [undone]).typed).toEqual({});
  const typedOn = withTyped(saved, before, typed("-60"));
  expect(conflictsOf([after], typedOn)).toEqual([]);
  const left = changesOf([after], withoutStanding(typedOn, [after])).changes;
  expect(settingsOf(left)).toEqual({ outOfStockThreshold: -60 });
});

test("a scheduled rule is not what the form edits: the plain one under it is", () => {
  const window = { value: -100, activeFrom: "2020-01-01T00:00:00Z", activeUntil: "2090-01-01T00:00:00Z" };
  const line = threshold(-100, [{ value: -20 }, window]);
  expect(line.own).toBe(-20);
  expect(line.windows).toMatchObject([{ value: -100, isRuling: true }]);
  expect(threshold(-100, [window]).own).toBeNull();
  const hidden = threshold(null, [{ value: -20 }, { ...window, value: null }]);
  expect(hidden.own).toBe(-20);
  expect(hidden.windows).toMatchObject([{ value: null, isRuling: true }]);
});

test("messages are found by the input that they are about", () => {
  const field = ["input", "changes", "0", "settings", "minSaleQty"];
  const messages = [{ message: "above 0", field }, { message: "hidden", field }, { message: "elsewhere" }];
  expect(byField(messages)).toEqual({ minSaleQty: ["above 0", "hidden"], "": ["elsewhere"] });
});

test("a change cannot end before it starts, nor in the past", () => {
  const now = Date.parse("2026-06-15T12:00");
  const held = (from: string, until: string) => windowError({ ...BLANK, from, until }, now);
  expect(held("2026-07-01T00:00", "2026-07-01T00:00")).toContain("later than the start");
  expect(held("", "2026-06-15T11:59")).toContain("in the past");
  expect(held("2026-06-01T00:00", "2026-06-15T12:01")).toBeUndefined();
  expect(held("2026-06-01T00:00", "")).toBeUndefined();
  expect(held("", "")).toBeUndefined();
});
