import { expect, test } from "vitest";
import { InFlight } from "./in-flight.ts";

test("idle() waits for every call under way, failed ones too", async () => {
  const inFlight = new InFlight();
  await inFlight.idle();
  let resolveOne = (_: number): void => {};
  let rejectOther = (_: Error): void => {};
  const one = inFlight.track(new Promise<number>((resolve) => (resolveOne = resolve)));
  const other = inFlight.track(new Promise<number>((_, reject) => (rejectOther = reject)));
  const steps: string[] = [];
  const idle = inFlight.idle().then(() => steps.push("idle"));
  resolveOne(1);
  expect(await one).toBe(1);
  steps.push("one");
  rejectOther(new Error("no"));
  await expect(other).rejects.toThrow("no");
  await idle;
  expect(steps).toEqual(["one", "idle"]);
});

test("idle() resolves for everyone who waits, and waits again for what began later", async () => {
  const inFlight = new InFlight();
  inFlight.begin();
  const steps: string[] = [];
  const waits = ["one", "other"].map((name) => inFlight.idle().then(() => steps.push(name)));
  inFlight.begin();
  inFlight.end();
  await Promise.resolve();
  expect(steps).toEqual([]);
  inFlight.end();
  await Promise.all(waits);
  expect(steps).toEqual(["one", "other"]);
  expect(inFlight.isIdle).toBe(true);
  inFlight.begin();
  const later = inFlight.idle().then(() => steps.push("later"));
  inFlight.end();
  await later;
});
