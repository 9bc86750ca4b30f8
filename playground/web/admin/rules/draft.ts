/** What is typed into the form of a scope, as values: what it would change, and what of it others have changed too. */

import type { SettingValue } from "../../common/graphql";
import { parseQuantity, show } from "../../common/quantity";
import type { ScopeLike } from "../words";
import type { SettingKey, Setting, StandingRule } from "./questions";

/** One line of the form. `own` is the plain rule: what is scheduled over it stands in `windows` and is edited apart. */
export interface Line extends Omit<Setting, "rule" | "ownValue"> {
  own: SettingValue | null;
  windows: (StandingRule & { isRuling: boolean })[];
}

/** What is typed into one line; `base` is the rule that stood there when the typing began. */
export interface Typed {
  isInherited: boolean;
  text: string;
  base: SettingValue | null;
}

export interface Draft {
  typed: Partial<Record<SettingKey, Typed>>;
  reason: string;
  from: string;
  until: string;
}

export const BLANK: Draft = { typed: {}, reason: "", from: "", until: "" };

export interface Change {
  line: Line;
  value: SettingValue | null;
}

type Errors = Partial<Record<SettingKey, string>>;

/** The lines of a form, from its settings and all rules of its scope. */
export function linesOf(settings: Setting[], rules: StandingRule[]): Line[] {
  return settings.map(({ rule, ownValue, ...setting }) => {
    const here = rules.filter((each) => each.setting === setting.definition.key);
    const ruling = rule ?? here.find((each) => isWindowed(each) && each.value === null && holds(each));
    // Both come from one answer, but not from one state of the store: the rule that holds was read with the revision.
    const plain = rule && !isWindowed(rule) ? ownValue : (here.find((each) => !isWindowed(each))?.value ?? null);
    const windows = here.filter(isWindowed).map((each) => ({ ...each, isRuling: each.id === ruling?.id }));
    return { ...setting, own: plain, windows };
  });
}

const isWindowed = (rule: { activeFrom: string | null; activeUntil: string | null }) =>
  rule.activeFrom !== null || rule.activeUntil !== null;

function holds({ activeFrom, activeUntil }: StandingRule): boolean {
  const now = Date.now();
  return (!activeFrom || Date.parse(activeFrom) <= now) && (!activeUntil || now < Date.parse(activeUntil));
}

/** A value as it stands in its input. */
export const textOf = (value: SettingValue): string => String(value);

/** What a line shows: what is typed, or what stands. */
export function shownIn(line: Line, draft: Draft): { isInherited: boolean; text: string } {
  const typed = draft.typed[line.definition.key];
  const standing = { isInherited: line.own === null, text: textOf(line.own ?? line.inheritedValue) };
  const shown = typed ?? standing;
  return shown.isInherited ? { isInherited: true, text: textOf(line.inheritedValue) } : shown;
}

/** The draft after typing into a line; typing what stood there before takes the line out of it. */
export function withTyped(draft: Draft, line: Line, input: { isInherited: boolean; text: string }): Draft {
  const { key } = line.definition;
  const { [key]: known, ...others } = draft.typed;
  const base = known ? known.base : line.own;
  const isBack = input.isInherited ? base === null : base !== null && input.text === textOf(base);
  return { ...draft, typed: isBack ? others : { ...others, [key]: { ...input, base } } };
}

type Read = { value: SettingValue | null; error?: undefined } | { value?: undefined; error: string };

/** The value of a text, or what is wrong with it. */
export function valueOf({ type, label, minimum, exclusiveMinimum }: Line["definition"], text: string): Read {
  if (type !== "QUANTITY") {
    return { value: type === "BOOLEAN" ? text === "true" : text };
  }
  const value = parseQuantity(text);
  if (value === null) {
    return { error: "Enter a number with at most four decimals, such as 10 or 2.5." };
  }
  if (typeof minimum === "number" && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    return { error: `${label} must be ${exclusiveMinimum ? "above" : "at least"} ${show(minimum)}.` };
  }
  return { value };
}

/** What the draft would change of the lines, and what is wrong with what is typed. */
export function changesOf(lines: Line[], draft: Draft): { changes: Change[]; errors: Errors } {
  const changes: Change[] = [];
  const errors: Errors = {};
  for (const line of lines) {
    const typed = draft.typed[line.definition.key];
    const read = typed && readOf(line, typed);
    if (read?.error !== undefined) {
      errors[line.definition.key] = read.error;
    } else if (read && read.value !== line.own) {
      changes.push({ line, value: read.value });
    }
  }
  return { changes, errors };
}

const readOf = (line: Line, typed: Typed): Read =>
  typed.isInherited ? { value: null } : valueOf(line.definition, typed.text);

/** The lines whose rule somebody else has changed since the typing began, to something other than what is typed. */
export function conflictsOf(lines: Line[], draft: Draft): Line[] {
  return lines.filter((line) => {
    const typed = draft.typed[line.definition.key];
    return typed && typed.base !== line.own && readOf(line, typed).value !== line.own;
  });
}

/** The draft once a conflict is settled: mine is typed over theirs, or theirs stands. */
export function settled(draft: Draft, line: Line, keep: "mine" | "theirs"): Draft {
  const { [line.definition.key]: mine, ...others } = draft.typed;
  const kept = keep === "mine" && mine ? { ...others, [line.definition.key]: { ...mine, base: line.own } } : others;
  return { ...draft, typed: kept };
}

/** The draft once these changes are saved and not yet read again: whoever types on starts from what was saved. */
export function afterSaving(draft: Draft, changes: Change[]): Draft {
  const typed = { ...draft.typed };
  for (const { line, value } of changes) {
    const mine = typed[line.definition.key];
    if (mine) {
      typed[line.definition.key] = { ...mine, base: value };
    }
  }
  return { ...BLANK, typed };
}

/** The draft without what stands already, and without what was saved and has been changed by somebody since. */
export function withoutStanding(draft: Draft, lines: Line[]): Draft {
  const typed = { ...draft.typed };
  for (const line of lines) {
    const mine = typed[line.definition.key];
    const value = mine && readOf(line, mine).value;
    if (value !== undefined && (value === line.own || value === mine?.base)) {
      delete typed[line.definition.key];
    }
  }
  return { ...draft, typed };
}

/** The changes as setScopeRules takes them: null is "Use Config Setting". */
export const settingsOf = (changes: Change[]): Record<string, SettingValue | null> =>
  Object.fromEntries(changes.map(({ line, value }) => [fieldOf(line.definition.key), value]));

/** MANAGE_STOCK as "manageStock". */
export const fieldOf = (key: SettingKey): string =>
  key.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** Messages by the input that they are about: the last name of its path. */
export function byField(messages: { message: string; field?: string[] | null }[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { message, field } of messages) {
    (found[field?.at(-1) ?? ""] ??= []).push(message);
  }
  return found;
}

/** What is wrong with the time in which a change is to hold, before the service is asked. */
export function windowError({ from, until }: Draft, now: number): string | undefined {
  if (from && until && until <= from) {
    return "The end must be later than the start.";
  }
  return until && Date.parse(until) <= now ? "The end is in the past: the change would never hold." : undefined;
}

/** An instant from a datetime-local input, which is in the zone of the browser; null where it is empty. */
export const instantOf = (local: string): string | null => (local ? new Date(local).toISOString() : null);

/** A scope as the API takes it, whatever else the object carries. */
export const scopeInput = ({ type, source, sku }: ScopeLike) => ({ type, source: source ?? null, sku: sku ?? null });
