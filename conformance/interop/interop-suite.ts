import { type PythonVersion, pythonIsSetUp } from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { handleCases } from "./cases/handles.ts";
import { limitCases } from "./cases/limits-and-errors.ts";
import { managementCases } from "./cases/management.ts";
import { methodCases } from "./cases/methods.ts";
import { oldClientCases } from "./cases/old-clients.ts";
import type { InteropCase } from "./interop-case.ts";
import { type InteropServer, startInteropServer } from "./interop-server.ts";
import { keyCases } from "./keys.ts";
import { expectKnown, knownFailures } from "./known-failures.ts";
import { applies, runCase } from "./run-case.ts";
import { runKeyCase } from "./run-key-case.ts";
import { runValueCase } from "./run-value-case.ts";
import { runSharedCase, sharedCases } from "./shared-references.ts";
import { valueCases } from "./values.ts";

const groups: Readonly<Record<string, readonly InteropCase[]>> = {
  methods: methodCases,
  "handles and identity": handleCases,
  management: managementCases,
  "limits and errors": limitCases,
  "what earlier clients offer": oldClientCases,
};

/** Defines the tests of one official client against the server and TypeScript: what that client offers. */
export function interopSuite(version: PythonVersion): void {
  describe.skipIf(!pythonIsSetUp([version]))(`Python's modal ${version}`, () => {
    let all: InteropServer;
    beforeAll(async () => {
      all = await startInteropServer(version);
    });
    afterAll(() => all[Symbol.asyncDispose]());

    const known = knownFailures(version);
    const names = new Set<string>();
    const define = (name: string, run: () => Promise<void>): void => {
      names.add(name);
      test(name, () => expectKnown(known.get(name), run));
    };

    for (const [title, cases] of Object.entries(groups)) {
      describe(title, () => {
        for (const each of cases.filter((one) => applies(one, version)))
          define(each.name, () => runCase(each, all));
      });
    }
    describe("the same key from both sides", () => {
      for (const each of keyCases) define(`key ${each.python}`, () => runKeyCase(each, all));
    });
    describe("the same value from both sides", () => {
      for (const each of valueCases) define(`value ${each.python}`, () => runValueCase(each, all));
      for (const each of sharedCases) define(`value ${each.name}`, () => runSharedCase(each, all));
    });

    test("every known failure names a case", () => {
      expect([...known.keys()].filter((name) => !names.has(name))).toEqual([]);
    });
  });
}
