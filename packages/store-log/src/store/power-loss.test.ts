// The short form of `npm run power-loss`, and the proof that it would notice.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { bundleSimulation } from "../../scripts/simulation-bundle.mjs";
import { runSimulation } from "../../scripts/simulation-run.mjs";
import { brokenBuilds } from "../testing/broken-builds.ts";

const script = fileURLToPath(new URL("../../scripts/power-loss.mjs", import.meta.url));

test("5,000 seeds of lost power lose nothing acknowledged and bring nothing back", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [script, "--seeds", "5000"]);
  expect(stdout).toMatch(/^5000 seeds, 0 violations/m);
}, 600_000);

describe("the simulation catches a build that", () => {
  test.each(brokenBuilds.map(({ mistake, patches }) => [mistake, patches] as const))(
    "%s",
    async (_, patches) => {
      const directory = await mkdtemp(join(tmpdir(), "everdict-broken-build-"));
      onTestFinished(() => rm(directory, { recursive: true }));
      const bundle = join(directory, "simulation.mjs");
      await bundleSimulation(bundle, patches);
      const violations: string[] = [];
      await runSimulation({ bundle, first: 1, count: 5000, step: 1, violationsMax: 1 }, (line) => {
        if (line.violation !== undefined) violations.push(line.violation);
      });
      expect(violations).toHaveLength(1);
    },
    300_000,
  );
});

test("a broken build whose text to replace is not there any more is refused", async () => {
  const patch = { file: "log/log-writer.ts", find: "no such text", replace: "" };
  await expect(bundleSimulation(join(tmpdir(), "never-written.mjs"), [patch])).rejects.toThrow("0 times");
});
