import assert from "node:assert/strict";
import type { DictService } from "@everdict/protocol";
import { createDict, createEphemeral, entry, lookup, rejectsWith } from "./subject-helpers.ts";
import type { SuiteCase } from "./suite-case.ts";

async function environmentNames(service: DictService): Promise<string[]> {
  return (await service.listEnvironments()).map(({ name }) => name);
}

/** Environments, the default one, and what is in them. */
export const environmentCases: readonly SuiteCase[] = [
  {
    title: "a fresh service has the default environment and no other",
    async run({ service }) {
      const [only, ...others] = await service.listEnvironments();
      assert.deepEqual(others, []);
      assert.equal(only?.name, "main");
      assert.equal(only.isDefault, true);
      assert.match(only.environmentId, /^en-[0-9A-Za-z]{22}$/);
    },
  },
  {
    title: "an empty name finds the default environment",
    async run({ service }) {
      const [only] = await service.listEnvironments();
      assert.deepEqual(await service.getOrCreateEnvironment("", "lookup"), only);
      assert.deepEqual(await service.getOrCreateEnvironment("main", "lookup"), only);
      assert.deepEqual(await service.getOrCreateEnvironment("", "createIfMissing"), only);
    },
  },
  {
    title: "environments are created, found again and listed by name",
    async run({ service }) {
      const staging = await service.getOrCreateEnvironment("staging", "createFailIfExists");
      const dev = await service.getOrCreateEnvironment("dev", "createIfMissing");
      assert.match(dev.environmentId, /^en-[0-9A-Za-z]{22}$/);
      assert.notEqual(dev.environmentId, staging.environmentId);
      assert.equal(dev.isDefault, false);
      assert.deepEqual(await service.getOrCreateEnvironment("dev", "lookup"), dev);
      assert.deepEqual(await service.getOrCreateEnvironment("dev", "createIfMissing"), dev);
      assert.deepEqual(await environmentNames(service), ["dev", "main", "staging"]);
      assert.equal((await service.listEnvironments()).filter(({ isDefault }) => isDefault).length, 1);
    },
  },
  {
    title: "a name that is taken is environment_exists",
    async run({ service }) {
      await service.getOrCreateEnvironment("dev", "createIfMissing");
      for (const name of ["dev", "main", ""]) {
        await rejectsWith("environment_exists", () =>
          service.getOrCreateEnvironment(name, "createFailIfExists"),
        );
      }
    },
  },
  {
    title: "an unknown environment is environment_not_found",
    async run({ service }) {
      const wanted = /^Environment 'nowhere' not found$/;
      for (const call of [
        () => service.getOrCreateEnvironment("nowhere", "lookup"),
        () => service.updateEnvironment({ currentName: "nowhere", name: "other" }),
        () => service.deleteEnvironment("nowhere"),
      ]) {
        await rejectsWith("environment_not_found", call, wanted);
      }
      assert.deepEqual(await environmentNames(service), ["main"]);
    },
  },
  {
    title: "the same name in two environments is two dictionaries",
    async run({ service }) {
      await service.getOrCreateEnvironment("dev", "createIfMissing");
      const inMain = await createDict(service, "jobs", { data: [entry("a", "1")] });
      await rejectsWith(
        "dict_not_found",
        () => lookup(service, "jobs", "dev"),
        /^Dict 'jobs' not found in environment 'dev'$/,
      );
      const inDev = await createDict(service, "jobs", { environment: "dev" });
      assert.notEqual(inDev.dictId, inMain.dictId);
      assert.equal(await service.len(inDev.dictId), 0);
      assert.deepEqual(await service.listDicts({ environment: "dev", maxObjects: 0 }), [inDev]);
      assert.deepEqual(await service.listDicts({ environment: "", maxObjects: 0 }), [inMain]);
    },
  },
  {
    title: "a renamed environment keeps its id, its suffix and its dictionaries",
    async run({ service }) {
      const dev = await service.getOrCreateEnvironment("dev", "createIfMissing");
      const jobs = await createDict(service, "jobs", { environment: "dev" });
      const suffixed = await service.updateEnvironment({ currentName: "dev", webSuffix: "d1" });
      assert.deepEqual(suffixed, { ...dev, webSuffix: "d1" });
      const renamed = await service.updateEnvironment({ currentName: "dev", name: "test" });
      assert.deepEqual(renamed, { ...dev, name: "test", webSuffix: "d1" });
      assert.deepEqual(await lookup(service, "jobs", "test"), jobs);
      await rejectsWith("environment_not_found", () => lookup(service, "jobs", "dev"));
      const again = await service.getOrCreateEnvironment("dev", "createFailIfExists");
      assert.notEqual(again.environmentId, dev.environmentId);
    },
  },
  {
    title: "an environment cannot take another one's name",
    async run({ service }) {
      const dev = await service.getOrCreateEnvironment("dev", "createIfMissing");
      await rejectsWith("environment_exists", () =>
        service.updateEnvironment({ currentName: "dev", name: "main" }),
      );
      assert.deepEqual(await service.updateEnvironment({ currentName: "dev", name: "dev" }), dev);
    },
  },
  {
    title: "the default environment stays the default when it is renamed",
    async run({ service }) {
      const jobs = await createDict(service, "jobs");
      const renamed = await service.updateEnvironment({ currentName: "", name: "production" });
      assert.equal(renamed.isDefault, true);
      assert.deepEqual(await environmentNames(service), ["production"]);
      assert.deepEqual(await lookup(service, "jobs", ""), jobs);
      const wanted = /^Dict 'x' not found in environment 'production'$/;
      await rejectsWith("dict_not_found", () => lookup(service, "x", ""), wanted);
    },
  },
  {
    title: "a deleted environment takes its dictionaries with it, named and ephemeral",
    async run({ service }) {
      const dev = await service.getOrCreateEnvironment("dev", "createIfMissing");
      const named = await createDict(service, "jobs", { environment: "dev", data: [entry("a", "1")] });
      const ephemeral = await createEphemeral(service, { environment: "dev" });
      const kept = await createDict(service, "jobs");
      await service.deleteEnvironment("dev");
      await rejectsWith("environment_not_found", () => lookup(service, "jobs", "dev"));
      await rejectsWith("dict_not_found", () => service.len(named.dictId));
      await rejectsWith("dict_not_found", () => service.len(ephemeral.dictId));
      assert.deepEqual(await lookup(service, "jobs"), kept);
      const again = await service.getOrCreateEnvironment("dev", "createFailIfExists");
      assert.notEqual(again.environmentId, dev.environmentId);
      await rejectsWith("dict_not_found", () => lookup(service, "jobs", "dev"));
    },
  },
  {
    title: "deleting the default environment is a conflict and changes nothing",
    async run({ service }) {
      const jobs = await createDict(service, "jobs");
      for (const name of ["", "main"]) await rejectsWith("conflict", () => service.deleteEnvironment(name));
      assert.deepEqual(await lookup(service, "jobs"), jobs);
    },
  },
];
