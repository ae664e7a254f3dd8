import {
  type EverdictProcess,
  type PythonVersion,
  pythonIsSetUp,
  pythonVersions,
  startEverdict,
} from "@everdict/testkit";
import type { Client } from "everdict";
import { afterAll, beforeAll, describe, test } from "vitest";
import { connectTo } from "../connect-to.ts";
import { expectKnown, knownFailures } from "../interop/known-failures.ts";
import { parameters } from "../parameters.ts";
import type { CommandCase } from "./command-case.ts";
import { configCommands } from "./config-commands.ts";
import { dictCommands } from "./dict-commands.ts";
import { environmentCommands } from "./environment-commands.ts";
import { runCommandCase } from "./run-command.ts";
import { unservedCommands } from "./unserved-commands.ts";

const groups: Readonly<Record<string, readonly CommandCase[]>> = {
  "modal dict": dictCommands,
  "modal environment": environmentCommands,
  "modal token, profile and config": configCommands,
  "what is not served": unservedCommands,
};

/** Defines the tests of one client's `modal` command against the server and TypeScript. */
export function commandSuite(version: PythonVersion): void {
  describe.skipIf(!pythonIsSetUp([version]))(`the modal command ${version}`, () => {
    let server: EverdictProcess;
    let client: Client;
    beforeAll(async () => {
      server = await startEverdict({ memory: parameters.memoryStore });
      client = connectTo(server);
    });
    afterAll(async () => {
      await client.close();
      await server[Symbol.asyncDispose]();
    });

    const known = knownFailures(version);
    for (const [title, cases] of Object.entries(groups)) {
      const applying = cases.filter((one) => applies(one, version));
      if (applying.length === 0) continue;
      describe.concurrent(title, () => {
        for (const each of applying) {
          test(each.name, () =>
            expectKnown(known.get(each.name), () => runCommandCase(each, version, server, client)),
          );
        }
      });
    }
  });
}

function applies({ from = "v0.74", until = "newest" }: CommandCase, version: PythonVersion): boolean {
  const at = pythonVersions.indexOf(version);
  return pythonVersions.indexOf(from) <= at && at <= pythonVersions.indexOf(until);
}
