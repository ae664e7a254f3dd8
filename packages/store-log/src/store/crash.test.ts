// The short form of `npm run crash`: real processes, really killed.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("../../scripts/crash.mjs", import.meta.url));

test.each(["sync", "mixed"])(
  "kill -9 at random moments loses what %s allows, and brings nothing back",
  (durability) => {
    const rounds = 8;
    const args = [script, "--rounds", String(rounds), "--durability", durability];
    const output = execFileSync(process.execPath, args, { encoding: "utf8" });
    expect(output).toContain(`${rounds} passed, 0 failed`);
  },
  120_000,
);
