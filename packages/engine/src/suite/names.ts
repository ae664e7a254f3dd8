import assert from "node:assert/strict";
import { createDict, lookup, rejectsWith } from "./subject-helpers.ts";
import type { SuiteCase } from "./suite-case.ts";

// Protocol section 3.
const dictNames: readonly { readonly name: string; readonly valid: boolean; readonly why: string }[] = [
  { name: "x", valid: true, why: "one character" },
  { name: "jobs", valid: true, why: "letters" },
  { name: "A-z_0.9", valid: true, why: "every kind of character" },
  { name: ".", valid: true, why: "a period alone" },
  { name: "-_.-", valid: true, why: "no letter at all" },
  { name: "n".repeat(64), valid: true, why: "64 characters" },
  { name: "n".repeat(65), valid: false, why: "65 characters" },
  { name: "n".repeat(100_000), valid: false, why: "100,000 characters" },
  { name: "", valid: false, why: "empty" },
  { name: "two words", valid: false, why: "a space" },
  { name: "a/b", valid: false, why: "a slash" },
  { name: "jobs\n", valid: false, why: "a trailing newline" },
  { name: "\njobs", valid: false, why: "a leading newline" },
  { name: "jöbs", valid: false, why: "a letter with a mark" },
  { name: "jobs\u0000", valid: false, why: "a null character" },
  { name: `ap-${"a".repeat(22)}`, valid: false, why: "the form of an app id" },
  { name: `ap-${"a".repeat(21)}`, valid: true, why: "one short of an app id" },
  { name: `ap-${"a".repeat(23)}`, valid: true, why: "one longer than an app id" },
  { name: `ap-${"a".repeat(21)}_`, valid: true, why: "a character that app ids do not have" },
  { name: `AP-${"a".repeat(22)}`, valid: true, why: "app ids are lower case" },
];

const environmentNames: typeof dictNames = [
  { name: "ab", valid: true, why: "two characters" },
  { name: "9-_.", valid: true, why: "a digit first, then every kind" },
  { name: "e".repeat(64), valid: true, why: "64 characters" },
  { name: "e".repeat(65), valid: false, why: "65 characters" },
  { name: "a", valid: true, why: "one character" },
  { name: "-ab", valid: false, why: "a dash first" },
  { name: ".ab", valid: false, why: "a period first" },
  { name: "_ab", valid: false, why: "an underscore first" },
  { name: "en-dev", valid: false, why: "begins like an id" },
  { name: "EN-dev", valid: false, why: "begins like an id, in capitals" },
  { name: "endev", valid: true, why: "en without the dash" },
  { name: "my dev", valid: false, why: "a space" },
  { name: "dev\n", valid: false, why: "a trailing newline" },
  { name: "dév", valid: false, why: "a letter with a mark" },
];

/** Which names dictionaries and environments may have. */
export const nameCases: readonly SuiteCase[] = [
  ...dictNames.map(
    ({ name, valid, why }): SuiteCase => ({
      title: `a dictionary name is ${valid ? "accepted" : "refused"}: ${why}`,
      async run({ service }) {
        if (valid) {
          const { dictId, name: answered } = await createDict(service, name);
          assert.equal(answered, name);
          assert.equal((await lookup(service, name)).dictId, dictId);
          return;
        }
        for (const mode of ["lookup", "createIfMissing", "createFailIfExists"] as const) {
          const call = () => service.getOrCreateDict({ mode, environment: "", name });
          await rejectsWith("invalid_name", call, /^Invalid Dict name/);
        }
        assert.deepEqual(await service.listDicts({ environment: "", maxObjects: 0 }), []);
      },
    }),
  ),
  ...environmentNames.map(
    ({ name, valid, why }): SuiteCase => ({
      title: `an environment name is ${valid ? "accepted" : "refused"}: ${why}`,
      async run({ service }) {
        if (valid) {
          const created = await service.getOrCreateEnvironment(name, "createFailIfExists");
          assert.equal(created.name, name);
          return;
        }
        await service.getOrCreateEnvironment("dev", "createIfMissing");
        for (const mode of ["createIfMissing", "createFailIfExists"] as const) {
          await rejectsWith("invalid_name", () => service.getOrCreateEnvironment(name, mode));
        }
        await rejectsWith("invalid_name", () => service.updateEnvironment({ currentName: "dev", name }));
        assert.deepEqual((await service.listEnvironments()).map((each) => each.name).sort(), ["dev", "main"]);
      },
    }),
  ),
  {
    title: "names are case sensitive",
    async run({ service }) {
      const lower = await createDict(service, "jobs");
      const upper = await createDict(service, "JOBS");
      assert.notEqual(lower.dictId, upper.dictId);
      await rejectsWith("dict_not_found", () => lookup(service, "Jobs"));
    },
  },
];
