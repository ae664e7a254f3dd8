// Everything that the interop suite asks of `modal.Dict`, asked of `everdict.Dict` in its place.
import {
  type EverdictProcess,
  type PythonVersion,
  pythonIsSetUp,
  pythonVersions,
  startEverdict,
  startPython,
} from "@everdict/testkit";
import { afterAll, beforeAll, describe, test } from "vitest";
import { connectTo } from "../connect-to.ts";
import { handleCases } from "../interop/cases/handles.ts";
import { limitCases } from "../interop/cases/limits-and-errors.ts";
import { managementCases } from "../interop/cases/management.ts";
import { methodCases } from "../interop/cases/methods.ts";
import { oldClientCases } from "../interop/cases/old-clients.ts";
import type { InteropServer } from "../interop/interop-server.ts";
import { applies, runCase } from "../interop/run-case.ts";
import { type InstalledPackage, installPackage } from "./install-package.ts";

const cases = [...methodCases, ...handleCases, ...managementCases, ...limitCases, ...oldClientCases];

describe.skipIf(!pythonIsSetUp(["package", ...pythonVersions]))("everdict.Dict is a modal.Dict", () => {
  let installed: InstalledPackage;
  let server: EverdictProcess;
  beforeAll(async () => {
    installed = await installPackage();
    server = await startEverdict({ memory: true });
  }, 120_000);
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    installed?.[Symbol.dispose]();
  });

  describe.each<PythonVersion>(pythonVersions)("of modal %s", (version) => {
    let all: InteropServer;
    beforeAll(async () => {
      const python = startPython(version, { ...server.env, ...installed.env });
      const client = connectTo(server);
      all = {
        server,
        client,
        python,
        [Symbol.asyncDispose]: async () => {
          await python.stop();
          await client.close();
        },
      };
      await python.run("import everdict\nmodal.Dict = everdict.Dict");
    });
    afterAll(() => all[Symbol.asyncDispose]());

    for (const each of cases.filter((one) => applies(one, version)))
      test(each.name, () => runCase(each, all));
  });
});
