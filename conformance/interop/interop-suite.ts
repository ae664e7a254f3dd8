import { type PythonVersion, pythonIsSetUp } from "@everdict/testkit";
import { afterAll, beforeAll, describe, test } from "vitest";
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
import { runOpaqueValue, runValueCase } from "./run-value-case.ts";
import { runSharedCase, sharedCases } from "./shared-references.ts";
import { opaqueValues, valueCases } from "./values.ts";

interface NamedRun {
  readonly name: string;
  readonly run: (all: InteropServer) => Promise<void>;
}

/** Something that a server is to keep its data in. */
export interface DataPlace extends AsyncDisposable {
  /** How a server is told. */
  readonly serverArgs: readonly string[];
}

/**
 * Defines the tests of one official client against the server and TypeScript: what that client offers.
 *
 * @param startPlace where the server keeps its data, if not as `parameters` say.
 */
export function interopSuite(version: PythonVersion, startPlace?: () => Promise<DataPlace>): void {
  describe.skipIf(!pythonIsSetUp([version]))(`Python's modal ${version}`, () => {
    let place: DataPlace | undefined;
    let all: InteropServer;
    beforeAll(async () => {
      place = await startPlace?.();
      all = await startInteropServer(version, place?.serverArgs);
    });
    afterAll(async () => {
      await all[Symbol.asyncDispose]();
      await place?.[Symbol.asyncDispose]();
    });

    const known = knownFailures(version);
    for (const [title, runs] of Object.entries(groupsFor(version))) {
      describe(title, () => {
        for (const { name, run } of runs) test(name, () => expectKnown(known.get(name), () => run(all)));
      });
    }
  });
}

/** The names of all cases that run with one client. */
export function interopCaseNames(version: PythonVersion): string[] {
  return Object.values(groupsFor(version)).flatMap((runs) => runs.map((each) => each.name));
}

function groupsFor(version: PythonVersion): Readonly<Record<string, readonly NamedRun[]>> {
  const offered = (cases: readonly InteropCase[]): NamedRun[] =>
    cases
      .filter((each) => applies(each, version))
      .map((each) => ({ name: each.name, run: (all) => runCase(each, all) }));
  return {
    methods: offered(methodCases),
    "handles and identity": offered(handleCases),
    management: offered(managementCases),
    "limits and errors": offered(limitCases),
    "what earlier clients offer": offered(oldClientCases),
    "the same key from both sides": keyCases.map((each) => ({
      name: `key ${each.python}`,
      run: (all) => runKeyCase(each, all),
    })),
    "the same value from both sides": [
      ...valueCases.map((each) => ({
        name: `value ${each.python}`,
        run: (all: InteropServer) => runValueCase(each, all),
      })),
      ...sharedCases.map((each) => ({
        name: `value ${each.name}`,
        run: (all: InteropServer) => runSharedCase(each, all),
      })),
    ],
    "a value that TypeScript passes on": opaqueValues.map((each) => ({
      name: `opaque ${each}`,
      run: (all) => runOpaqueValue(each, all),
    })),
  };
}
