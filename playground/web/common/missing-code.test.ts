import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { forgetTries, keepTrying } from "./missing-code";

const kept = new Map<string, string>();
const reload = vi.fn();
const ask = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  kept.clear();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  vi.stubGlobal("location", { href: "http://shop.example/admin/receive", reload });
  vi.stubGlobal("fetch", ask);
  vi.stubGlobal("addEventListener", vi.fn());
  vi.stubGlobal("removeEventListener", vi.fn());
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.resetAllMocks();
});

const HOUR_MS = 3_600_000;

test("a service that is gone is asked a few times, more and more slowly, and the page is not loaded anew", async () => {
  ask.mockRejectedValue(new TypeError("Failed to fetch"));
  const onEnd = vi.fn();
  keepTrying(onEnd);
  await vi.advanceTimersByTimeAsync(7_000);
  expect(ask).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(ask).toHaveBeenCalledTimes(6);
  expect(onEnd).toHaveBeenCalledOnce();
  expect(reload).not.toHaveBeenCalled();
});

test("a page whose code stays missing is loaded anew a few times, and not for ever", async () => {
  ask.mockResolvedValue({ ok: true });
  for (let load = 0; load < 12; load += 1) {
    const stop = keepTrying(vi.fn()); // as the page does that was loaded anew
    await vi.advanceTimersByTimeAsync(31_000);
    stop();
  }
  expect(reload).toHaveBeenCalledTimes(6);
  forgetTries();
  keepTrying(vi.fn());
  await vi.advanceTimersByTimeAsync(1_000);
  expect(reload).toHaveBeenCalledTimes(7);
});
