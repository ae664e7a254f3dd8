// The short form of `npm run crash`: real processes, really killed.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("../scripts/crash.mjs", import.meta.url));

test("kill -9 at random moments loses nothing acknowledged and brings nothing back", () => {
  const rounds = 12;
  const output = execFileSync(process.execPath, [script, "--rounds", String(rounds)], { encoding: "utf8" });
  expect(output).toContain(`${rounds} passed, 0 failed`);
}, 60_000);
