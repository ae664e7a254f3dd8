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
