import { expect, test } from "vitest";
import { steadyClock } from "./steady-clock.ts";

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const dayMs = 24 * 60 * minuteMs;
const startMs = Date.UTC(2026, 0, 1);

/** A system whose clock can be set, and the clock that is believed. */
function system({ knowsSleep = true } = {}) {
  const state = { wallMs: startMs, monotonicMs: 5, sleptMs: 0 };
  const warnings: string[] = [];
  const now = steadyClock({
    wall: () => state.wallMs,
    monotonic: () => state.monotonicMs,
    uptimeMs: knowsSleep ? () => Math.floor((state.monotonicMs + state.sleptMs) / 1000) * 1000 : undefined,
    onWarning: (message) => warnings.push(message),
  });
  return {
    warnings,
    now,
    /** How much time has passed, as it is believed. */
    passedMs: () => now() - startMs,
    pass: (ms: number) => {
      state.wallMs += ms;
      state.monotonicMs += ms;
    },
    set: (ms: number) => {
      state.wallMs += ms;
    },
    sleep: (ms: number) => {
      state.wallMs += ms;
      state.sleptMs += ms;
    },
  };
}

test("time that passes is followed, however rarely it is asked for", () => {
  const { pass, passedMs, warnings } = system();
  for (const ms of [1, 999, 30 * secondMs, 40 * dayMs, 3]) pass(ms);
  expect(passedMs()).toBe(40 * dayMs + 31_003);
  pass(7);
  expect(passedMs()).toBe(40 * dayMs + 31_010);
  expect(warnings).toEqual([]);
});

test("a clock that jumps 40 days ahead is not followed before that has lasted for an hour", () => {
  const { pass, set, passedMs, warnings } = system();
  pass(minuteMs);
  set(40 * dayMs);
  expect(passedMs()).toBe(minuteMs);
  expect(warnings).toEqual([expect.stringContaining("jumped ahead by 3456000 s")]);
  for (let minute = 0; minute < 59; minute++) {
    pass(minuteMs);
    expect(passedMs()).toBe((minute + 2) * minuteMs);
  }
  pass(2 * minuteMs);
  expect(passedMs()).toBe(40 * dayMs + 62 * minuteMs);
  expect(warnings).toHaveLength(2);
});

test("a jump that is set right is as if it had not been", () => {
  const { pass, set, passedMs, warnings } = system();
  set(40 * dayMs);
  expect(passedMs()).toBe(0);
  pass(minuteMs);
  expect(passedMs()).toBe(minuteMs);
  set(-40 * dayMs);
  pass(2 * dayMs);
  expect(passedMs()).toBe(minuteMs + 2 * dayMs);
  expect(warnings[1]).toContain("set right");
});

test("a second jump waits for an hour of its own", () => {
  const { pass, set, passedMs } = system();
  set(dayMs);
  expect(passedMs()).toBe(0);
  pass(50 * minuteMs);
  set(dayMs);
  expect(passedMs()).toBe(50 * minuteMs);
  pass(20 * minuteMs);
  expect(passedMs()).toBe(70 * minuteMs);
  pass(41 * minuteMs);
  expect(passedMs()).toBe(2 * dayMs + 111 * minuteMs);
});

test("a system that slept is no jump, and a small step is followed", () => {
  const { pass, sleep, set, passedMs, warnings } = system();
  sleep(9 * 60 * minuteMs);
  pass(10);
  expect(passedMs()).toBe(9 * 60 * minuteMs + 10);
  set(5 * minuteMs);
  expect(passedMs()).toBe(9 * 60 * minuteMs + 5 * minuteMs + 10);
  expect(warnings).toEqual([]);
});

test("where nobody knows whether the system slept, it is held back as a jump", () => {
  const { sleep, passedMs } = system({ knowsSleep: false });
  sleep(9 * 60 * minuteMs);
  expect(passedMs()).toBe(0);
});

test("a clock that is set back is not followed, until it is set right", () => {
  const { pass, set, passedMs, warnings } = system();
  pass(10 * minuteMs);
  expect(passedMs()).toBe(10 * minuteMs);
  set(-40 * dayMs);
  expect(passedMs()).toBe(10 * minuteMs);
  pass(10 * minuteMs);
  expect(passedMs()).toBe(20 * minuteMs);
  set(40 * dayMs);
  pass(10 * minuteMs);
  expect(passedMs()).toBe(30 * minuteMs);
  expect(warnings).toEqual([expect.stringContaining("set back"), expect.stringContaining("set right")]);
});

test("during a small step back time stands still, and never goes back", () => {
  const { pass, set, passedMs } = system();
  pass(minuteMs);
  expect(passedMs()).toBe(minuteMs);
  set(-1500);
  expect(passedMs()).toBe(minuteMs);
  pass(1000);
  expect(passedMs()).toBe(minuteMs);
  pass(1000);
  expect(passedMs()).toBe(minuteMs + 500);
});
