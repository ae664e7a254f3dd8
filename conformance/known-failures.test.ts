import { pythonVersions } from "@everdict/testkit";
import { expect, test } from "vitest";
import { configCommands } from "./cli/config-commands.ts";
import { dictCommands } from "./cli/dict-commands.ts";
import { environmentCommands } from "./cli/environment-commands.ts";
import { interopCaseNames } from "./interop/interop-suite.ts";
import { expectKnown, knownFailures } from "./interop/known-failures.ts";

test.each(pythonVersions)("every known failure of client %s names a case", (version) => {
  const commands = [...dictCommands, ...environmentCommands, ...configCommands].map((each) => each.name);
  const names = new Set([...interopCaseNames(version), ...commands]);
  expect([...knownFailures(version).keys()].filter((name) => !names.has(name))).toEqual([]);
});

test("case names are unique", () => {
  for (const version of pythonVersions) {
    const names = interopCaseNames(version);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  }
});

test("a known failure must fail", async () => {
  await expectKnown("a reason", async () => {
    throw new Error("as known");
  });
  await expect(expectKnown("a reason", async () => {})).rejects.toThrow(
    "passes, but known-failures.txt says: a reason",
  );
});
