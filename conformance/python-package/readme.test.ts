// The README of the Python package, run: what it says must hold on a real server.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type EverdictProcess,
  pythonIsSetUp,
  repositoryRoot,
  startEverdict,
  startPython,
} from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InstalledPackage, installPackage } from "./install-package.ts";

const readme = readFileSync(join(repositoryRoot, "python", "everdict", "README.md"), "utf8");
const blocks = [...readme.matchAll(/^```python\n(.*?)^```$/gms)].map((match) => match[1]!);
const clients = ["package", "v1.0", "v0.74"] as const;

describe.skipIf(!pythonIsSetUp(clients))("the README of the Python package", () => {
  let server: EverdictProcess;
  let installed: InstalledPackage;
  beforeAll(async () => {
    installed = await installPackage();
    server = await startEverdict();
  }, 120_000);
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    installed?.[Symbol.dispose]();
  });

  test.each(clients)("does what it says with the modal of the environment %s", async (client) => {
    await using python = startPython(client, { ...server.env, ...installed.env });
    expect(blocks.length).toBeGreaterThan(10);
    for (const block of blocks) await python.run(block.replaceAll('"jobs"', `"jobs-${client}"`));
    const { json } = await python.run("sorted(d.keys(prefix='to'))");
    expect(json).toEqual(["together"]);
  });
});
